"""Whoever refuses, is silent, promises less or breaks off is replaced, in widening steps and by different people."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.campaigns.models import Campaign
from mobilize.core.errors import Forbidden, NotFound
from mobilize.dispatch import plans, search, services, trips
from mobilize.dispatch.models import Offer, Search, Trip
from mobilize.dispatch.states import OfferStatus, PlanMode, SearchStep
from mobilize.fleets.models import Driver
from mobilize.outbox.models import Event
from mobilize.tasks.models import Task
from mobilize.unions.states import Role
from tests import acting
from tests.factories import DriverFactory, FleetFactory, OfficerFactory, TransportFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
HERE = {"latitude": 37.87, "longitude": 112.55}  # where the tasks begin
FAR = {"latitude": 38.05, "longitude": 112.55}  # 20 km: within 60 minutes, not within 20
BEYOND = {"latitude": 39.0, "longitude": 112.55}


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def task(officer):
    return TransportFactory(union=officer.union, vehicles_needed=2, starts_at=timezone.now() + timedelta(hours=3))


@pytest.fixture
def fleet(officer):
    """Four drivers near the task; the first one had a trip yesterday."""
    return FleetFactory(union=officer.union, drivers=4, **HERE)


def ask(officer, task, **whom):
    return services.offer(actor=acting.officer(officer), task_id=task.pk, now=timezone.now(), **whom)


def ask_driver(officer, task, driver):
    return ask(officer, task, driver_ids=[driver.pk])[0]


def say_no(offer):
    offer = Offer.objects.get(pk=offer.pk)
    person = offer.fleet.leader if offer.fleet else offer.driver.worker.user
    services.decline(actor=acting.worker(person), offer_id=offer.pk, now=timezone.now())


def say_yes(offer, vehicles=1):
    offer = Offer.objects.get(pk=offer.pk)
    person = offer.fleet.leader if offer.fleet else offer.driver.worker.user
    return services.accept(actor=acting.worker(person), offer_id=offer.pk, vehicles=vehicles, now=timezone.now())


def open_offers(task):
    return list(task.offers.filter(status=OfferStatus.OFFERED).order_by("created_at", "pk"))


def tasked(driver, days_ago):
    """Let her have driven for another task."""
    other = TransportFactory(union=driver.fleet.union)
    offer = Offer.objects.create(
        task=other,
        driver=driver,
        vehicles_offered=1,
        vehicles_accepted=1,
        status=OfferStatus.ACCEPTED,
        expires_at=timezone.now(),
    )
    start = timezone.now() - timedelta(days=days_ago)
    end = start + timedelta(hours=1)
    Trip.objects.create(
        task=other, offer=offer, driver=driver, vehicle=driver.vehicle, starts_at=start, ends_at=end,
        status="completed", completed_at=end,
    )  # fmt: skip


def test_a_no_asks_the_next_one_at_once(officer, task, fleet):
    first = fleet.drivers.first()
    say_no(ask_driver(officer, task, first))
    acting.run_outbox()
    (made,) = open_offers(task)
    assert made.driver_id != first.pk
    assert (made.step, made.offered_by_id) == (SearchStep.ALTERNATES, None)
    acting.run_outbox(after=timedelta(seconds=11))
    assert len(acting.messages_to(made.driver.worker.user)) == 1


def test_silence_asks_the_next_one(officer, task, fleet):
    made = ask_driver(officer, task, fleet.drivers.first())
    services.expire_offers(now=made.expires_at)
    assert search.advance_all(now=made.expires_at) == 1
    assert [offer.driver_id != made.driver_id for offer in open_offers(task)] == [True]
    assert search.advance_all(now=made.expires_at) == 0


def test_a_trip_broken_off_asks_somebody_else_not_the_one_who_broke_down(officer, task, fleet):
    (offer,) = ask(officer, task, fleet_ids=[fleet.pk])
    say_yes(offer, 2)
    trip = Trip.objects.first()
    trips.abort(actor=acting.worker(fleet.leader), trip_id=trip.pk, why="爆胎", now=timezone.now())
    acting.run_outbox()
    (made,) = open_offers(task)
    assert made.driver_id not in set(Trip.objects.values_list("driver_id", flat=True))


def test_the_rest_of_a_partial_promise_is_offered_to_another_fleet(officer):
    task = TransportFactory(union=officer.union, vehicles_needed=40)
    first, second = (FleetFactory(union=officer.union, drivers=n, **HERE) for n in (40, 15))
    (offer,) = ask(officer, task, fleet_ids=[first.pk])
    say_yes(offer, 28)
    acting.run_outbox()
    (rest,) = open_offers(task)
    assert (rest.fleet_id, rest.vehicles_offered) == (second.pk, 12)
    assert not Offer.objects.filter(driver__fleet=first).exists()


def test_who_was_tasked_longest_ago_is_asked_first(officer, task, fleet):
    first, *others = fleet.drivers.all()
    for days, driver in enumerate(others, start=2):
        tasked(driver, days)
    new = DriverFactory(fleet=fleet)
    search_one = Driver.objects.filter(pk__in=[driver.pk for driver in others])
    search_one.update(active=False)
    say_no(ask_driver(officer, task, first))
    acting.run_outbox()
    assert [offer.driver_id for offer in open_offers(task)] == [new.pk]


def test_the_circle_widens_then_the_leaders_are_asked_then_it_is_the_officers(officer, task):
    near, far, beyond = (
        FleetFactory(union=officer.union, drivers=n, **at) for n, at in [(1, HERE), (1, FAR), (2, BEYOND)]
    )
    say_no(ask_driver(officer, task, near.drivers.get()))
    for fleet, step in [(far, SearchStep.WIDER), (None, SearchStep.LEADERS)]:
        acting.run_outbox()
        (made,) = open_offers(task)
        assert made.step == Search.objects.get(task=task).step == step
        if fleet:
            assert made.driver.fleet_id == fleet.pk
        say_no(made)
    for _ in range(5):
        acting.run_outbox()
        for offer in open_offers(task):
            say_no(offer)
    found = Search.objects.get(task=task)
    assert found.step == SearchStep.RED
    assert Event.objects.filter(topic="search.red", subject_id=task.pk).count() == 1
    assert search.advance_all(now=timezone.now()) == 0
    assert beyond.offers.filter(task=task).count() == 1


def test_the_officer_who_offered_last_is_told_once_each_time_nobody_is_left_to_ask(officer, task):
    driver, other = (FleetFactory(union=officer.union, drivers=1, **HERE).drivers.get() for _ in range(2))
    colleague = OfficerFactory(union=officer.union)
    ask_driver(colleague, task, other)

    def until_red():
        while made := open_offers(task):
            for each in made:
                say_no(each)
            acting.run_outbox()
        Event.objects.filter(topic="search.red").update(relayed_at=None)
        acting.run_outbox()
        return [text for text in acting.messages_to(officer.user) if task.title in text]

    ask_driver(officer, task, driver)
    (told,) = until_red()
    assert "2" in told
    assert f"/desk/tasks/{task.pk}/" in told
    assert not any("红色清单" in text for text in acting.messages_to(colleague.user))
    ask_driver(officer, task, FleetFactory(union=officer.union, drivers=1, **HERE).drivers.get())
    assert len(until_red()) == 2


def test_a_new_offer_takes_the_task_off_the_red_list(officer, task, fleet):
    Search.objects.create(task=task, step=SearchStep.RED, step_at=timezone.now())
    ask_driver(officer, task, fleet.drivers.first())
    assert Search.objects.get(task=task).step == SearchStep.ALTERNATES


def test_nobody_is_asked_twice_and_no_more_people_than_the_campaign_allows(officer, fleet):
    task = TransportFactory(union=officer.union, vehicles_needed=1, campaign__alert_factor=3)
    made = ask_driver(officer, task, fleet.drivers.first())
    for _ in range(6):
        say_no(made)
        acting.run_outbox()
        found = open_offers(task)
        if not found:
            break
        (made,) = found
    people = list(task.offers.values_list("driver__worker__user_id", "fleet__leader_id"))
    assert len(people) == len(set(people)) == 3
    assert Search.objects.get(task=task).step == SearchStep.RED


def test_what_was_taken_back_or_never_offered_is_left_to_the_officer(officer, fleet):
    task = TransportFactory(union=officer.union, vehicles_needed=5)
    first, second, *_ = fleet.drivers.all()
    offer = ask_driver(officer, task, first)
    services.take_back(actor=acting.officer(officer), offer_id=offer.pk, now=timezone.now())
    assert search.advance_all(now=timezone.now()) == 0
    say_no(ask_driver(officer, task, second))
    assert search.advance_all(now=timezone.now()) == 1
    assert search.advance_all(now=timezone.now()) == 0


def test_a_locked_task_is_left_alone_until_it_is_unlocked(officer, task, fleet):
    made = ask_driver(officer, task, fleet.drivers.first())
    search.lock(actor=acting.officer(officer), task_id=task.pk, now=timezone.now())
    say_no(made)
    acting.run_outbox()
    assert search.advance_all(now=timezone.now()) == 0
    assert not open_offers(task)
    search.unlock(actor=acting.officer(officer), task_id=task.pk, now=timezone.now())
    assert search.advance_all(now=timezone.now()) == 1


def test_a_viewer_and_another_branch_lock_nothing(officer, task):
    for other, error in [
        (OfficerFactory(union=officer.union, role=Role.VIEWER), Forbidden),
        (OfficerFactory(), NotFound),
    ]:
        with pytest.raises(error):
            search.lock(actor=acting.officer(other), task_id=task.pk, now=timezone.now())


def test_drivers_of_another_branch_are_never_asked(officer, task, fleet):
    FleetFactory(drivers=3, **HERE)
    for driver in fleet.drivers.all()[1:]:
        Driver.objects.filter(pk=driver.pk).update(active=False)
    say_no(ask_driver(officer, task, fleet.drivers.get(active=True)))
    acting.run_outbox()
    assert not open_offers(task)


def test_drivers_asked_for_another_task_or_with_no_duty_left_are_passed_over(officer, task, fleet):
    first, asked, tired, fresh = fleet.drivers.all()
    ask_driver(officer, TransportFactory(union=officer.union), asked)
    Campaign.objects.filter(pk=task.campaign_id).update(rest_hours=8)  # midnight may lie between her two tasks
    long = TransportFactory(
        union=officer.union,
        starts_at=task.ends_at + timedelta(hours=1),
        ends_at=task.ends_at + timedelta(hours=11),
    )
    say_yes(ask_driver(officer, long, tired))
    say_no(ask_driver(officer, task, first))
    search.advance_all(now=timezone.now())
    assert [offer.driver_id for offer in open_offers(task)] == [fresh.pk]


@pytest.mark.django_db(transaction=True)
def test_two_searches_at_once_ask_each_driver_once(officer):
    fleet = FleetFactory(union=officer.union, drivers=12, **HERE)
    tasks = [TransportFactory(union=officer.union, vehicles_needed=4) for _ in range(3)]
    for number, task in enumerate(tasks):
        for driver in fleet.drivers.all()[number * 3 : number * 3 + 3]:
            say_no(ask_driver(officer, task, driver))
    now = timezone.now()
    answers = acting.at_once([lambda: search.advance_all(now=now)] * 6)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    search.advance_all(now=now)
    drivers = [offer.driver_id for offer in Offer.objects.filter(status=OfferStatus.OFFERED, driver__isnull=False)]
    assert len(drivers) == len(set(drivers))
    for task in tasks:
        assert sum(offer.vehicles_offered for offer in open_offers(task)) <= 3
        assert Task.objects.get(pk=task.pk).vehicles_accepted == 0


def commit(officer, mode, *tasks, strike=()):
    """Commit a plan, after these fleets were struck out of an earlier one."""
    ask = {"actor": acting.officer(officer), "now": timezone.now()}
    wanted = {"task_ids": [task.pk for task in tasks], "mode": mode}
    plan = plans.propose(**ask, **wanted)
    for each in plan.assignments.filter(fleet__in=strike):
        plans.strike(actor=ask["actor"], plan_id=plan.pk, assignment_id=each.pk, struck=True)
    return plans.commit(**ask, plan_id=plans.propose(**ask, **wanted, keeping=plan.pk).pk)


def two_in_a_row(officer):
    start = timezone.now() + timedelta(hours=3)
    more = {"union": officer.union, "vehicles_needed": 1}
    return [
        TransportFactory(starts_at=start + 2 * n * HOUR, ends_at=start + (2 * n + 1) * HOUR, **more) for n in range(2)
    ]


def test_who_was_struck_out_of_the_plan_is_not_asked_by_the_search_either(officer):
    task = TransportFactory(union=officer.union, vehicles_needed=5, campaign__alert_factor=9)
    near, far = (FleetFactory(union=officer.union, drivers=5, latitude=37.87 + n, longitude=112.55) for n in (0, 0.01))
    commit(officer, PlanMode.FLEETS, task, strike=[near])
    say_no(open_offers(task)[0])
    acting.run_outbox()
    search.advance_all(now=timezone.now())
    assert set(Offer.objects.filter(task=task).values_list("fleet", "driver")) == {(far.pk, None)}
    assert Search.objects.get(task=task).step == SearchStep.RED


@pytest.mark.parametrize("answers", [True, False])
def test_when_a_driver_does_not_take_the_first_of_several_the_others_are_searched_for_too(officer, answers):
    first, second = two_in_a_row(officer)
    FleetFactory(union=officer.union, drivers=1, **HERE)
    commit(officer, PlanMode.DRIVERS, first, second)
    FleetFactory(union=officer.union, drivers=2, **HERE)
    assert not open_offers(second)
    later = timezone.now() + timedelta(minutes=20)
    if answers:
        say_no(open_offers(first)[0])
    else:
        services.expire_offers(now=later)
    search.advance_all(now=later)
    assert [len(open_offers(task)) for task in (first, second)] == [1, 1]


def test_a_driver_who_cannot_take_the_next_of_several_is_replaced(officer):
    first, second = two_in_a_row(officer)
    fleet = FleetFactory(union=officer.union, drivers=1, **HERE)
    commit(officer, PlanMode.DRIVERS, first, second)
    say_yes(open_offers(first)[0])
    fleet.drivers.update(active=False)  # before the second one could be offered
    acting.run_outbox()
    other = FleetFactory(union=officer.union, drivers=1, **HERE).drivers.get()
    search.advance_all(now=timezone.now())
    assert not open_offers(second)
    search.advance_all(now=timezone.now() + timedelta(minutes=2))
    assert [offer.driver for offer in open_offers(second)] == [other]


def test_a_plan_that_was_taken_back_is_searched_for_no_more(officer):
    tasks = two_in_a_row(officer)
    FleetFactory(union=officer.union, drivers=1, **HERE)
    plan = commit(officer, PlanMode.DRIVERS, *tasks)
    plans.undo(actor=acting.officer(officer), plan_id=plan.pk, now=timezone.now())
    FleetFactory(union=officer.union, drivers=2, **HERE)
    assert search.advance_all(now=timezone.now()) == 0
    assert not Search.objects.filter(task__in=tasks).exists()
