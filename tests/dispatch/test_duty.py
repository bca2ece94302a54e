"""A campaign's hours of duty and rest hold for every offer and answer, not only for what the planner proposes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.attendance.states import Source
from mobilize.core.errors import Conflict, Invalid
from mobilize.dispatch import plans, queries, services
from mobilize.dispatch.models import Offer
from mobilize.dispatch.states import PlanMode
from tests import acting
from tests.factories import CampaignFactory, FleetFactory, OfficerFactory, ServiceRecordFactory, TransportFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
EIGHT = {"campaign__rest_hours": 8}


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def fleet(officer):
    return FleetFactory(union=officer.union, drivers=2)


@pytest.fixture
def morning():
    """Six in the city, tomorrow."""
    return timezone.localtime().replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=1)


def need(officer, starts_at, hours, vehicles=2, **more):
    return TransportFactory(
        union=officer.union, vehicles_needed=vehicles, starts_at=starts_at, ends_at=starts_at + hours * HOUR, **more
    )


def offer(officer, task, fleet, now):
    return services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=now)[0]


def accept(made, now, vehicles=2):
    leader = Offer.objects.get(pk=made.pk).fleet.leader
    return services.accept(actor=acting.worker(leader), offer_id=made.pk, vehicles=vehicles, now=now)


def free(task, now):
    return queries.free_drivers(task, now=now).count()


def test_whoever_has_ten_hours_of_a_day_gets_no_more(officer, fleet, morning):
    accept(offer(officer, need(officer, morning, 6), fleet, morning), morning + timedelta(seconds=20))
    assert free(need(officer, morning + 7 * HOUR, 4), morning) == 2
    assert free(need(officer, morning + 7 * HOUR, 5), morning) == 0


def test_hours_served_already_count(officer, fleet, morning):
    driver = fleet.drivers.first()
    ServiceRecordFactory(union=officer.union, worker=driver.worker, day=morning.date(), minutes=420, source=Source.TRIP)
    assert free(need(officer, morning, 3), morning) == 2
    assert free(need(officer, morning, 4), morning) == 1


def test_between_the_duties_of_two_days_there_is_a_rest(officer, fleet, morning):
    evening = morning + 14 * HOUR  # eight in the evening
    accept(offer(officer, need(officer, evening, 4), fleet, morning), morning + timedelta(seconds=20))
    assert free(need(officer, morning + 25 * HOUR, 2, **EIGHT), morning) == 0  # seven hours later
    assert free(need(officer, morning + 26 * HOUR, 2, **EIGHT), morning) == 2


def test_the_duty_of_tomorrow_is_not_begun_tired(officer, fleet, morning):
    accept(offer(officer, need(officer, morning + 24 * HOUR, 2), fleet, morning), morning + timedelta(seconds=20))
    assert free(need(officer, morning + 15 * HOUR, 2, **EIGHT), morning) == 0  # until eleven at night
    assert free(need(officer, morning + 14 * HOUR, 2, **EIGHT), morning) == 2


def test_hours_that_an_open_offer_asks_for_are_not_asked_for_again(officer, fleet, morning):
    offer(officer, need(officer, morning, 6, vehicles=1), fleet, morning)
    assert offer(officer, need(officer, morning + 7 * HOUR, 6), fleet, morning).vehicles_offered == 1


def test_two_offers_made_before_either_is_answered_do_not_add_up_to_more(officer, fleet, morning):
    campaign = CampaignFactory(duty_hours=12)
    tasks = [need(officer, morning + n * HOUR, 6, campaign=campaign) for n in (0, 7)]
    first, second = (offer(officer, task, fleet, morning) for task in tasks)
    type(campaign).objects.update(duty_hours=10)  # one after the other they fitted
    accept(first, morning + timedelta(seconds=20))
    with pytest.raises(Conflict) as refused:
        accept(second, morning + timedelta(seconds=20))
    assert refused.value.code == "too_few_vehicles"


def test_a_task_longer_than_a_duty_is_offered_to_nobody(officer, fleet, morning):
    with pytest.raises(Invalid):
        offer(officer, need(officer, morning, 11), fleet, morning)


def test_of_two_plans_that_together_are_too_long_the_second_is_stale(officer, morning):
    FleetFactory(union=officer.union, drivers=1)
    made = [
        plans.propose(
            actor=acting.officer(officer),
            task_ids=[need(officer, morning + n * HOUR, 6, vehicles=1).pk],
            mode=PlanMode.DRIVERS,
            now=morning,
        )
        for n in (0, 7)
    ]
    plans.commit(actor=acting.officer(officer), plan_id=made[0].pk, now=morning)
    (asked,) = Offer.objects.all()
    answered = morning + timedelta(seconds=20)
    services.accept(actor=acting.worker(asked.driver.worker.user), offer_id=asked.pk, vehicles=1, now=answered)
    with pytest.raises(Conflict) as refused:
        plans.commit(actor=acting.officer(officer), plan_id=made[1].pk, now=answered)
    assert [each["what"] for each in refused.value.data["changes"]] == ["busy"]
