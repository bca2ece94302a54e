from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.dispatch import links, services
from mobilize.dispatch.states import UNDO_WITHIN
from mobilize.tasks import services as tasks
from mobilize.tasks.states import TaskStatus
from mobilize.unions.states import Role
from tests import acting
from tests.factories import DutyFactory, FleetFactory, OfficerFactory, TransportFactory, UnionFactory

pytestmark = pytest.mark.django_db


def offer(officer, task, fleet):
    return services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())


def offer_driver(officer, task, driver):
    return services.offer(actor=acting.officer(officer), task_id=task.pk, driver_ids=[driver.pk], now=timezone.now())


def test_the_leader_hears_of_it_once_it_can_no_longer_be_undone():
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union)
    fleet = FleetFactory(union=officer.union, drivers=2)
    (made,) = offer(officer, task, fleet)
    acting.run_outbox(after=UNDO_WITHIN - timedelta(seconds=2))
    assert not acting.messages_to(fleet.leader)
    acting.run_outbox(after=UNDO_WITHIN)
    (message,) = acting.messages_to(fleet.leader)
    assert task.title in message
    assert links.link(offer_id=made.pk, user_id=fleet.leader_id) in message


def test_a_second_offer_to_the_same_fleet_waits_for_the_first_answer():
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union, vehicles_needed=1)
    fleet = FleetFactory(union=officer.union, drivers=2)
    offer(officer, task, fleet)
    with pytest.raises(Conflict) as refused:
        offer(officer, task, fleet)
    assert refused.value.code == "changed_meanwhile"


def test_vehicles_that_wait_for_an_answer_are_not_promised_to_another_task():
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=3)
    needs = [TransportFactory(union=officer.union, vehicles_needed=n) for n in (2, 3, 1)]
    assert [offer(officer, task, fleet)[0].vehicles_offered for task in needs[:2]] == [2, 1]
    with pytest.raises(Invalid) as refused:
        offer(officer, needs[2], fleet)
    assert refused.value.fields == {"fleet_ids": ["no_free_vehicle"]}
    other_day = TransportFactory(
        union=officer.union,
        starts_at=needs[0].starts_at + timedelta(days=2),
        ends_at=needs[0].ends_at + timedelta(days=2),
    )
    assert offer(officer, other_day, fleet)[0].vehicles_offered == 3


def test_of_a_fleet_the_vehicles_that_can_do_least_are_set_aside_first():
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=2)
    able = fleet.drivers.order_by("created_at").first()
    type(able.vehicle).objects.filter(pk=able.vehicle_id).update(wheelchair=True)
    offer(officer, TransportFactory(union=officer.union, vehicles_needed=1), fleet)
    assert offer(officer, TransportFactory(union=officer.union, wheelchair=True), fleet)[0].vehicles_offered == 1


def test_a_driver_who_is_asked_herself_is_not_her_leaders_to_give():
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=3)
    task, other = (TransportFactory(union=officer.union, vehicles_needed=2) for _ in range(2))
    (whole,) = offer(officer, task, fleet)
    driver = fleet.drivers.order_by("created_at").first()
    (own,) = offer_driver(officer, other, driver)
    accepted = services.accept(actor=acting.worker(fleet.leader), offer_id=whole.pk, vehicles=2, now=timezone.now())
    assert driver not in {trip.driver for trip in accepted.trips.all()}
    services.accept(actor=acting.worker(driver.worker.user), offer_id=own.pk, vehicles=1, now=timezone.now())


def test_a_fleet_that_is_asked_for_all_it_has_spares_no_driver():
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=2)
    offer(officer, TransportFactory(union=officer.union), fleet)
    with pytest.raises(Invalid) as refused:
        offer_driver(officer, TransportFactory(union=officer.union), fleet.drivers.first())
    assert refused.value.fields == {"driver_ids": ["no_free_vehicle"]}


def test_a_fleet_of_another_branch_is_unknown():
    officer = OfficerFactory()
    with pytest.raises(Invalid) as refused:
        offer(officer, TransportFactory(union=officer.union), FleetFactory(drivers=2))
    assert refused.value.fields == {"fleet_ids": ["unknown_fleet"]}


def test_a_viewer_may_not_and_another_branch_does_not_find_the_task():
    viewer = OfficerFactory(role=Role.VIEWER)
    task, fleet = TransportFactory(union=viewer.union), FleetFactory(union=viewer.union, drivers=2)
    with pytest.raises(Forbidden):
        offer(viewer, task, fleet)
    with pytest.raises(NotFound):
        offer(OfficerFactory(union=UnionFactory()), task, fleet)


def test_only_published_transport_can_be_offered():
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=2)
    for task in (
        TransportFactory(union=officer.union, status=TaskStatus.DRAFT),
        DutyFactory(union=officer.union),
    ):
        with pytest.raises(Conflict):
            offer(officer, task, fleet)


def test_a_cancelled_task_takes_its_offers_and_trips_back():
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union)
    first, second = (FleetFactory(union=officer.union, drivers=2) for _ in range(2))
    (answered,) = offer(officer, task, first)
    services.accept(actor=acting.worker(first.leader), offer_id=answered.pk, vehicles=2, now=timezone.now())
    offer(officer, task, second)
    acting.run_outbox(after=timedelta(seconds=11))
    tasks.cancel(actor=acting.officer(officer), task_id=task.pk, now=timezone.now(), why="解封")
    acting.run_outbox()
    task.refresh_from_db()
    assert set(task.offers.values_list("status", flat=True)) == {"accepted", "cancelled"}
    assert set(task.trips.values_list("status", flat=True)) == {"aborted"}
    assert task.vehicles_accepted == 0
    for driver in first.drivers.all():
        assert len(acting.messages_to(driver.worker.user)) == 2  # assigned, called off


def test_a_need_lowered_to_what_is_promised_takes_the_other_offers_back():
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union, vehicles_needed=5)
    first, second = (FleetFactory(union=officer.union, drivers=2) for _ in range(2))
    (answered,) = offer(officer, task, first)
    (other,) = offer(officer, task, second)
    services.accept(actor=acting.worker(first.leader), offer_id=answered.pk, vehicles=2, now=timezone.now())
    tasks.change_task(actor=acting.officer(officer), task_id=task.pk, now=timezone.now(), vehicles_needed=2)
    acting.run_outbox()
    other.refresh_from_db()
    assert other.status == "cancelled"


@pytest.mark.parametrize(
    ("starts_in", "seconds"),
    [(timedelta(minutes=119), 60), (timedelta(minutes=121), 20 * 60)],
    ids=["for now", "for later"],
)
def test_the_campaign_says_how_long_there_is_to_answer_counted_from_when_the_message_leaves(starts_in, seconds):
    officer, now = OfficerFactory(), timezone.now()
    task = TransportFactory(
        union=officer.union,
        starts_at=now + starts_in,
        campaign__answer_seconds_now=60,
        campaign__answer_minutes_later=20,
    )
    (made,) = offer(officer, task, FleetFactory(union=officer.union, drivers=1))
    assert made.expires_at == made.created_at + timedelta(seconds=10 + seconds)


def test_no_offer_outlasts_its_task():
    officer, now = OfficerFactory(), timezone.now()
    task = TransportFactory(union=officer.union, starts_at=now, ends_at=now + timedelta(seconds=50))
    (made,) = offer(officer, task, FleetFactory(union=officer.union, drivers=1))
    assert made.expires_at == task.ends_at


def test_a_campaign_asks_only_so_many_at_a_time_for_each_vehicle():
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union, vehicles_needed=1, campaign__alert_factor=2)
    for _ in range(2):
        offer(officer, task, FleetFactory(union=officer.union, drivers=1))
    with pytest.raises(Conflict) as refused:
        offer(officer, task, FleetFactory(union=officer.union, drivers=1))
    assert (refused.value.code, refused.value.data) == ("too_many_asked", {"most": 2})


def test_only_fitting_vehicles_and_cleared_drivers_are_free():
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=3)
    first, second, _ = fleet.drivers.all()
    type(first.vehicle).objects.filter(pk__in=[first.vehicle_id, second.vehicle_id]).update(wheelchair=True)
    fleet.drivers.filter(pk=first.pk).update(airport=True)
    for needs, free in [({"wheelchair": True}, 2), ({"airport": True}, 1), ({"wheelchair": True, "airport": True}, 1)]:
        (made,) = offer(officer, TransportFactory(union=officer.union, **needs), fleet)
        assert made.vehicles_offered == free
        services.take_back(actor=acting.officer(officer), offer_id=made.pk, now=timezone.now())
