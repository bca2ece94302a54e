"""Committing a plan and taking it back; one that rests on what has changed is refused with what changed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.errors import Conflict
from mobilize.dispatch import plans, services
from mobilize.dispatch.models import Offer, Search
from mobilize.dispatch.states import PlanMode
from mobilize.fleets.states import FleetStatus
from mobilize.outbox.models import Event
from mobilize.tasks.states import TaskStatus
from tests import acting
from tests.dispatch.test_plan import HOUR, commit, drivers_of, need, propose
from tests.factories import (
    FleetFactory,
    OfficerFactory,
    SiteFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def now():
    return timezone.now().replace(hour=4, minute=0, second=0, microsecond=0)  # noon in the city


def stale(officer, now, plan):
    with pytest.raises(Conflict) as refused:
        commit(officer, now, plan)
    assert refused.value.code == "plan_is_stale"
    return [(each["kind"], each["what"]) for each in refused.value.data["changes"]]


def test_committing_makes_the_offers_and_begins_the_search(officer, now):
    task = need(officer, now)
    FleetFactory(union=officer.union, drivers=3)
    plan = commit(officer, now, propose(officer, now, task))
    assert (plan.status, plan.committed_at) == ("committed", now)
    assert {offer.driver_id for offer in plan.offers.all()} == drivers_of(plan)
    assert set(Event.objects.filter(topic="offer.made").values_list("subject_id", flat=True)) == set(
        plan.offers.values_list("pk", flat=True)
    )
    assert Search.objects.get().task == task
    with pytest.raises(Conflict) as refused:
        commit(officer, now, plan)
    assert refused.value.code == "wrong_status"


def test_of_a_chain_the_first_task_is_offered_and_the_next_when_she_accepts(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    here = SiteFactory()
    first, second = (need(officer, now, 1, starts=starts, site=here, destination=here) for starts in (1, 4))
    plan = commit(officer, now, propose(officer, now, first, second))
    (offer,) = plan.offers.all()
    assert offer.task == first
    services.accept(actor=acting.worker(offer.driver.worker.user), offer_id=offer.pk, vehicles=1, now=now)
    for _ in range(2):  # a job may run twice
        plans.follow_up(offer_id=offer.pk, now=now)
    assert [each.task for each in plan.offers.filter(status="offered")] == [second]


def test_of_a_chain_whose_driver_says_no_nothing_more_is_offered_to_her(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    here = SiteFactory()
    first, second = (need(officer, now, 1, starts=starts, site=here, destination=here) for starts in (1, 4))
    (offer,) = commit(officer, now, propose(officer, now, first, second)).offers.all()
    services.decline(actor=acting.worker(offer.driver.worker.user), offer_id=offer.pk, now=now)
    plans.follow_up(offer_id=offer.pk, now=now)
    assert not Offer.objects.filter(status="offered").exists()


def test_a_plan_of_nothing_is_not_committed(officer, now):
    with pytest.raises(Conflict) as refused:
        commit(officer, now, propose(officer, now, need(officer, now)))
    assert refused.value.code == "plan_is_empty"


def test_a_dispatch_can_be_taken_back_for_ten_seconds(officer, now):
    task = need(officer, now)
    FleetFactory(union=officer.union, drivers=3)
    actor = acting.officer(officer)
    plan = propose(officer, now, task)
    with pytest.raises(Conflict):
        plans.undo(actor=actor, plan_id=plan.pk, now=now)  # nothing to take back yet
    commit(officer, now, plan)
    with pytest.raises(Conflict) as refused:
        plans.undo(actor=actor, plan_id=plan.pk, now=now + timedelta(seconds=10))
    assert refused.value.code == "too_late_to_undo"
    undone = plans.undo(actor=actor, plan_id=plan.pk, now=now + timedelta(seconds=9, milliseconds=999))
    assert undone.status == "undone"
    assert set(undone.offers.values_list("status", flat=True)) == {"cancelled"}


# --- what changed since ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"vehicles_needed": 9}, "need"),
        ({"vehicles_accepted": 1}, "need"),
        ({"status": TaskStatus.CANCELLED}, "status"),
        ({"seats_min": 3}, "requirements"),
        ({"wheelchair": True}, "requirements"),
    ],
)
def test_a_plan_whose_task_changed_is_refused_with_what_changed(officer, now, change, what):
    FleetFactory(union=officer.union, drivers=4)
    task = need(officer, now)
    plan = propose(officer, now, task)
    type(task).objects.filter(pk=task.pk).update(**change)
    assert ("task", what) in stale(officer, now, plan)
    assert not Offer.objects.exists()


def test_a_plan_whose_task_moved_or_was_locked_is_refused(officer, now):
    FleetFactory(union=officer.union, drivers=4)
    task = need(officer, now)
    plan = propose(officer, now, task)
    task.site, task.starts_at = SiteFactory(), task.starts_at - HOUR / 2
    task.save()
    Search.objects.create(task=task, step_at=now, locked_at=now)
    assert stale(officer, now, plan) == [("task", "locked"), ("task", "times"), ("task", "place")]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda driver: type(driver).objects.filter(pk=driver.pk).update(active=False), "gone"),
        (lambda driver: type(driver.vehicle).objects.filter(pk=driver.vehicle_id).update(active=False), "gone"),
        (lambda driver: type(driver.fleet).objects.filter(pk=driver.fleet_id).update(status=FleetStatus.LEFT), "gone"),
        (lambda driver: type(driver.vehicle).objects.filter(pk=driver.vehicle_id).update(seats=1), "busy"),
    ],
)
def test_a_plan_whose_driver_cannot_any_more_is_refused(officer, now, change, what):
    FleetFactory(union=officer.union, drivers=1)
    plan = propose(officer, now, need(officer, now, 1, seats_min=2))
    change(plan.assignments.get().driver)
    assert stale(officer, now, plan) == [("driver", what)]


def test_a_plan_whose_driver_was_asked_by_another_is_refused(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    first, second = (propose(officer, now, need(officer, now, 1)) for _ in range(2))
    commit(officer, now, first)
    assert stale(officer, now, second) == [("driver", "asked")]


def test_a_plan_whose_driver_got_another_trip_then_is_refused(officer, now):
    fleet = FleetFactory(union=officer.union, drivers=1)
    plan = propose(officer, now, need(officer, now, 1))
    other = need(officer, now, 1, starts=2)
    (offer,) = services.offer(
        actor=acting.officer(officer), task_id=other.pk, driver_ids=[fleet.drivers.get().pk], now=now
    )
    services.accept(actor=acting.worker(offer.driver.worker.user), offer_id=offer.pk, vehicles=1, now=now)
    assert stale(officer, now, plan) == [("driver", "busy")]


def test_a_plan_whose_fleet_has_fewer_vehicles_free_is_refused(officer, now):
    fleet = FleetFactory(union=officer.union, drivers=5)
    plan = propose(officer, now, need(officer, now, 5), mode=PlanMode.FLEETS)
    fleet.drivers.first().delete()
    assert stale(officer, now, plan) == [("fleet", "fewer_free")]


def test_a_plan_is_good_for_half_an_hour(officer, now):
    FleetFactory(union=officer.union, drivers=5)
    plan = propose(officer, now, need(officer, now, 1))
    assert stale(officer, now + timedelta(minutes=30), plan) == [("plan", "old")]
    assert commit(officer, now + timedelta(minutes=29), plan).status == "committed"


# --- who may ---------------------------------------------------------------------------------------------------
