"""Proposing and pinning: what a plan says, and to whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.dispatch import plans, services
from mobilize.dispatch.models import Offer, Search
from mobilize.dispatch.states import PlanMode
from mobilize.tasks.states import TaskStatus
from mobilize.unions.states import Role
from tests import acting
from tests.factories import (
    DriverFactory,
    FleetFactory,
    OfficerFactory,
    SiteFactory,
    TransportFactory,
    UnionFactory,
    VehicleFactory,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def now():
    return timezone.now().replace(hour=4, minute=0, second=0, microsecond=0)  # noon in the city


def need(officer, now, vehicles=2, *, starts=1, hours=2, **more):
    """A task of two hours that begins in an hour."""
    return TransportFactory(
        union=officer.union,
        vehicles_needed=vehicles,
        starts_at=now + starts * HOUR,
        ends_at=now + (starts + hours) * HOUR,
        **more,
    )


def propose(officer, now, *tasks, mode=PlanMode.DRIVERS, **more):
    return plans.propose(
        actor=acting.officer(officer), task_ids=[task.pk for task in tasks], mode=mode, now=now, **more
    )


def commit(officer, now, plan):
    return plans.commit(actor=acting.officer(officer), plan_id=plan.pk, now=now)


def pin(officer, plan, assignment, pinned=True):
    return plans.pin(actor=acting.officer(officer), plan_id=plan.pk, assignment_id=assignment.pk, pinned=pinned)


def drivers_of(plan):
    return {each.driver_id for each in plan.assignments.all()}


# --- proposing -------------------------------------------------------------------------------------------------


def test_a_proposal_names_a_driver_for_each_vehicle_and_changes_nothing(officer, now):
    task, fleet = need(officer, now), FleetFactory(union=officer.union, drivers=3)
    plan = propose(officer, now, task)
    assert len(drivers_of(plan)) == 2
    assert drivers_of(plan) <= set(fleet.drivers.values_list("pk", flat=True))
    assert not plan.unserved.all()
    assert not Offer.objects.exists()


def test_the_nearer_fleet_comes_and_says_why(officer, now):
    task = need(officer, now, 1)
    far = FleetFactory(union=officer.union, drivers=1, latitude=37.99, longitude=112.55)
    near = FleetFactory(union=officer.union, drivers=1, latitude=37.88, longitude=112.55)
    (chosen,) = propose(officer, now, task).assignments.all()
    assert chosen.driver.fleet == near != far
    assert chosen.reasons["km"] == pytest.approx(1.1, abs=0.05)
    assert chosen.reasons["minutes"] == pytest.approx(3.0, abs=0.05)
    assert chosen.reasons["hours_served"] == 0


def test_what_is_left_says_which_rule_left_it_and_who_came_nearest(officer, now):
    fleet = FleetFactory(union=officer.union, drivers=1)
    plan = propose(officer, now, need(officer, now, 1, seats_min=6))
    (left,) = plan.unserved.all()
    assert left.vehicles == 1
    assert left.reasons == {"rule": "seats", "drivers": 1, "nearest": str(fleet.drivers.get().pk), "by": 2.0}


@pytest.mark.parametrize(("wanted", "has"), [("wheelchair", "wheelchair"), ("refrigerated", "refrigerated")])
def test_only_a_vehicle_that_can_is_sent(officer, now, wanted, has):
    fleet = FleetFactory(union=officer.union, drivers=3)
    able = DriverFactory(fleet=fleet, vehicle=VehicleFactory(fleet=fleet, **{has: True}))
    assert drivers_of(propose(officer, now, need(officer, now, 2, **{wanted: True}))) == {able.pk}


def test_only_a_driver_who_is_cleared_goes_to_the_airport(officer, now):
    fleet = FleetFactory(union=officer.union, drivers=3)
    cleared = DriverFactory(fleet=fleet, airport=True)
    assert drivers_of(propose(officer, now, need(officer, now, 2, airport=True))) == {cleared.pk}


def test_a_need_of_many_vehicles_goes_to_few_fleets_and_the_rest_to_single_drivers(officer, now):
    large, _small = FleetFactory(union=officer.union, drivers=6), FleetFactory(union=officer.union, drivers=3)
    many, few = need(officer, now, 6), need(officer, now, 2)
    plan = propose(officer, now, many, few, mode=PlanMode.AUTO)
    assert [(each.fleet, each.vehicles) for each in plan.assignments.all() if each.task == many] == [(large, 6)]
    assert [each.vehicles for each in plan.assignments.all() if each.task == few] == [1, 1]
    (whole,) = (each for each in plan.assignments.all() if each.fleet)
    assert whole.reasons["free"] == 6


def test_fleets_alone_are_asked_when_that_is_wished(officer, now):
    FleetFactory(union=officer.union, drivers=3)
    plan = propose(officer, now, need(officer, now, 4), mode=PlanMode.FLEETS)
    assert [(each.fleet_id is not None, each.vehicles) for each in plan.assignments.all()] == [(True, 3)]
    (left,) = plan.unserved.all()
    assert left.vehicles == 1


def test_what_waits_for_an_answer_is_not_planned_again(officer, now):
    task, fleet = need(officer, now, 3), FleetFactory(union=officer.union, drivers=5)
    commit(officer, now, propose(officer, now, task, mode=PlanMode.FLEETS))
    with pytest.raises(Conflict) as refused:
        propose(officer, now, task)
    assert refused.value.data["left_out"] == [{"task": str(task.pk), "why": "filled"}]
    other = propose(officer, now, need(officer, now, 5))
    assert len(drivers_of(other)) == 2  # three of the five are held for the fleet's answer
    assert fleet.drivers.count() == 5
    assert commit(officer, now, other).offers.count() == 2


def test_who_said_no_is_not_asked_again_for_the_task(officer, now):
    task, fleet = need(officer, now, 1), FleetFactory(union=officer.union, drivers=2)
    first = commit(officer, now, propose(officer, now, task))
    (offer,) = first.offers.all()
    services.decline(actor=acting.worker(offer.driver.worker.user), offer_id=offer.pk, now=now)
    second = propose(officer, now, task)
    assert drivers_of(second) == set(fleet.drivers.values_list("pk", flat=True)) - {offer.driver_id}
    services.decline(
        actor=acting.worker(commit(officer, now, second).offers.get().driver.worker.user),
        offer_id=Offer.objects.get(status="offered").pk,
        now=now,
    )
    (left,) = propose(officer, now, task).unserved.all()
    assert left.reasons["rule"] == "said_no"


def test_a_driver_serves_several_tasks_one_after_another_but_never_two_at_a_time(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    here = SiteFactory()
    first, second, overlapping = (
        need(officer, now, 1, starts=starts, site=here, destination=here) for starts in (1, 3, 2.9)
    )
    plan = propose(officer, now, first, second, overlapping)
    assert {each.task_id for each in plan.assignments.all()} == {first.pk, second.pk}
    (left,) = plan.unserved.all()
    assert left.task == overlapping


def test_the_second_way_of_a_chain_begins_where_the_first_trip_ended(officer, now):
    fleet = FleetFactory(union=officer.union, drivers=1, latitude=37.87, longitude=112.55)
    far = SiteFactory(latitude=37.96, longitude=112.55)
    first = need(officer, now, 1, starts=1, destination=far)
    second = need(officer, now, 1, starts=4, site=far)
    plan = propose(officer, now, first, second)
    assert [round(each.reasons["minutes"]) for each in plan.assignments.all()] == [0, 0]
    assert drivers_of(plan) == {fleet.drivers.get().pk}


def test_duty_hours_of_a_day_are_kept_over_all_tasks(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    here = SiteFactory()
    tasks = [need(officer, now, 1, starts=start, hours=3, site=here, destination=here) for start in (1, 4, 7)]
    for task in tasks:
        task.campaign.duty_hours = 7
        task.campaign.save()
    plan = propose(officer, now, *tasks)
    assert plan.assignments.count() == 2
    assert plan.unserved.get().reasons["rule"] == "duty"


def test_a_driver_rests_before_the_duty_of_the_next_day(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    eight = {"campaign__rest_hours": 8}
    late = need(officer, now, 1, starts=9, hours=2, **eight)  # until eleven at night
    early, later = (need(officer, now, 1, starts=start, hours=1, **eight) for start in (17, 20))  # at five and at eight
    plan = propose(officer, now, late, early, later)
    assert {each.task_id for each in plan.assignments.all()} == {late.pk, later.pk}
    assert plan.unserved.get().task == early


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda task: Search.objects.create(task=task, step_at=timezone.now(), locked_at=timezone.now()), "locked"),
        (lambda task: type(task).objects.filter(pk=task.pk).update(status=TaskStatus.DRAFT), "wrong_status"),
        (lambda task: type(task).objects.filter(pk=task.pk).update(vehicles_accepted=2), "filled"),
        (
            lambda task: (
                type(task)
                .objects.filter(pk=task.pk)
                .update(starts_at=task.starts_at - 9 * HOUR, ends_at=task.ends_at - 9 * HOUR)
            ),
            "over",
        ),
    ],
)
def test_a_task_for_which_nothing_can_be_planned_is_left_out_and_said_so(officer, now, change, why):
    FleetFactory(union=officer.union, drivers=4)
    task, other = need(officer, now), need(officer, now)
    change(task)
    plan = propose(officer, now, task, other)
    assert plan.summary["left_out"] == [{"task": str(task.pk), "why": why}]
    assert list(plan.tasks.all()) == [other]
    with pytest.raises(Conflict) as refused:
        propose(officer, now, task)
    assert refused.value.code == "nothing_to_plan"


# --- pins ------------------------------------------------------------------------------------------------------


def test_a_pinned_assignment_stays_and_the_others_are_planned_around_it(officer, now):
    task = need(officer, now, 2)
    far = FleetFactory(union=officer.union, drivers=1, latitude=37.99, longitude=112.55)
    first = propose(officer, now, task)
    pin(officer, first, first.assignments.get())
    FleetFactory(union=officer.union, drivers=3, latitude=37.87, longitude=112.55)
    second = propose(officer, now, task, keeping=first.pk)
    pinned = [each.driver.fleet for each in second.assignments.all() if each.pinned]
    assert pinned == [far]
    assert len(drivers_of(second)) == 2
    loose = pin(officer, second, second.assignments.get(pinned=True), pinned=False)
    assert not any(each.pinned for each in loose.assignments.all())


def test_a_pinned_fleet_stays_with_as_many_as_it_has_free(officer, now):
    task, fleet = need(officer, now, 4), FleetFactory(union=officer.union, drivers=4)
    first = propose(officer, now, task, mode=PlanMode.FLEETS)
    pin(officer, first, first.assignments.get())
    fleet.drivers.first().delete()
    second = propose(officer, now, task, mode=PlanMode.FLEETS, keeping=first.pk)
    assert [(each.fleet, each.vehicles, each.pinned) for each in second.assignments.all()] == [(fleet, 3, True)]


def test_a_pin_that_is_impossible_by_now_is_let_loose_and_counted(officer, now):
    task, fleet = need(officer, now, 1), FleetFactory(union=officer.union, drivers=1)
    first = propose(officer, now, task)
    pin(officer, first, first.assignments.get())
    fleet.drivers.update(active=False)
    second = propose(officer, now, task, keeping=first.pk)
    assert second.summary["let_loose"] == 1
    assert not second.assignments.all()


def test_a_committed_plan_takes_no_pins_and_a_foreign_assignment_is_not_found(officer, now):
    FleetFactory(union=officer.union, drivers=4)
    first, second = (propose(officer, now, need(officer, now, 1)) for _ in range(2))
    with pytest.raises(NotFound):
        pin(officer, first, second.assignments.get())
    commit(officer, now, first)
    with pytest.raises(Conflict):
        pin(officer, first, first.assignments.get())


# --- striking out ----------------------------------------------------------------------------------------------


def strike(officer, plan, assignment, struck=True):
    return plans.strike(actor=acting.officer(officer), plan_id=plan.pk, assignment_id=assignment.pk, struck=struck)


def test_who_is_struck_out_is_not_offered(officer, now):
    FleetFactory(union=officer.union, drivers=2)
    plan = propose(officer, now, need(officer, now, 2))
    out, stays = plan.assignments.all()
    pin(officer, plan, out)
    strike(officer, plan, out)
    assert not plan.assignments.filter(pinned=True).exists()
    commit(officer, now, plan)
    assert [offer.driver for offer in Offer.objects.all()] == [stays.driver]


def test_who_is_struck_out_is_not_proposed_again_however_often_until_put_back(officer, now):
    task = need(officer, now, 1)
    near = FleetFactory(union=officer.union, drivers=1, latitude=37.87, longitude=112.55)
    far = FleetFactory(union=officer.union, drivers=1, latitude=37.99, longitude=112.55)
    first = propose(officer, now, task)
    strike(officer, first, first.assignments.get(driver__fleet=near))
    second = propose(officer, now, task, keeping=first.pk)
    assert [each.driver.fleet for each in second.assignments.all()] == [far]
    third = propose(officer, now, task, keeping=second.pk)
    assert [each.driver.fleet for each in third.assignments.all()] == [far]
    strike(officer, first, first.assignments.get(), struck=False)
    assert [each.driver.fleet for each in propose(officer, now, task, keeping=first.pk).assignments.all()] == [near]


def test_a_fleet_that_is_struck_out_gives_neither_itself_nor_its_drivers(officer, now):
    task, fleet = need(officer, now, 3), FleetFactory(union=officer.union, drivers=4)
    first = propose(officer, now, task, mode=PlanMode.FLEETS)
    strike(officer, first, first.assignments.get())
    second = propose(officer, now, task, mode=PlanMode.AUTO, keeping=first.pk)
    assert not second.assignments.all()
    assert second.unserved.get().reasons["rule"] == "said_no"
    assert propose(officer, now, task, mode=PlanMode.FLEETS).assignments.get().fleet == fleet


def test_of_a_chain_whose_first_task_is_struck_out_the_next_one_is_offered(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    first, second = need(officer, now, 1), need(officer, now, 1, starts=4)
    plan = propose(officer, now, first, second)
    strike(officer, plan, plan.assignments.get(task=first))
    commit(officer, now, plan)
    assert [offer.task for offer in Offer.objects.all()] == [second]


def test_a_stranger_strikes_nothing_out_and_a_committed_plan_stays_as_it_is(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    plan = propose(officer, now, need(officer, now, 1))
    with pytest.raises(NotFound):
        strike(OfficerFactory(), plan, plan.assignments.get())
    commit(officer, now, plan)
    with pytest.raises(Conflict):
        strike(officer, plan, plan.assignments.get())


def test_who_let_an_offer_of_the_task_pass_is_marked(officer, now):
    task = need(officer, now, 1)
    FleetFactory(union=officer.union, drivers=1)
    assert "silent" not in propose(officer, now, task).assignments.get().reasons
    commit(officer, now, propose(officer, now, task))
    services.expire_offers(now=now + timedelta(minutes=20))
    again = propose(officer, now + timedelta(minutes=20), task).assignments.get()
    assert again.reasons["silent"] == 1


# --- committing and taking back --------------------------------------------------------------------------------


def test_a_viewer_may_not_and_another_branch_finds_nothing(officer, now):
    task = need(officer, now, 1)
    FleetFactory(union=officer.union, drivers=1)
    viewer, stranger = OfficerFactory(union=officer.union, role=Role.VIEWER), OfficerFactory()
    with pytest.raises(Forbidden):
        propose(viewer, now, task)
    with pytest.raises(Invalid) as refused:
        propose(stranger, now, task)
    assert refused.value.fields == {"task_ids": ["unknown_task"]}
    plan = propose(officer, now, task)
    for outsider in (viewer, stranger):
        actor = acting.officer(outsider)
        for call in (
            lambda actor=actor: plans.commit(actor=actor, plan_id=plan.pk, now=now),
            lambda actor=actor: plans.undo(actor=actor, plan_id=plan.pk, now=now),
            lambda o=outsider: pin(o, plan, plan.assignments.get()),
        ):
            with pytest.raises(NotFound):
                call()


def test_a_plan_is_found_by_who_dispatches_all_its_tasks(officer, now):
    mine, theirs = need(officer, now, 1), need(OfficerFactory(), now, 1)
    city = OfficerFactory(union=officer.union)
    OfficerFactory(user=city.user, union=theirs.union)
    FleetFactory(union=officer.union, drivers=3)
    plan = propose(city, now, mine, theirs)
    with pytest.raises(NotFound):
        commit(officer, now, plan)
    assert commit(city, now, plan).status == "committed"


def test_a_superiors_plan_for_her_task_that_names_others_drivers_is_not_hers_to_commit(now):
    superior = OfficerFactory()
    lower = OfficerFactory(union=UnionFactory(parent=superior.union))
    FleetFactory(union=superior.union, drivers=3)
    task = need(lower, now)
    named = propose(superior, now, task)
    assert named.assignments.exists()
    for step in (lambda: commit(lower, now, named), lambda: pin(lower, named, named.assignments.first())):
        with pytest.raises(NotFound):
            step()
    assert not Offer.objects.exists()
    commit(superior, now, named)


def test_drivers_of_other_branches_are_not_planned(officer, now):
    FleetFactory(drivers=3)
    assert not propose(officer, now, need(officer, now)).assignments.all()


def test_needs_of_more_than_fourteen_days_wait_for_a_plan_of_their_own(officer, now):
    FleetFactory(union=officer.union, drivers=1)
    tasks = [need(officer, now, 1, starts=1 + 24 * day) for day in range(16)]
    plan = propose(officer, now, *tasks)
    assert set(plan.tasks.all()) == set(tasks[:14])
    assert {(each["task"], each["why"]) for each in plan.summary["left_out"]} == {
        (str(task.pk), "too_many_days") for task in tasks[14:]
    }


def test_nothing_chosen_and_too_much_chosen_are_refused(officer, now):
    with pytest.raises(Invalid) as refused:
        propose(officer, now)
    assert refused.value.fields == {"task_ids": ["required"]}


# --- how much it asks of the database --------------------------------------------------------------------------


def statements(call):
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def test_more_tasks_and_drivers_take_no_more_statements(officer, now):
    few, many = [need(officer, now, 1)], [need(officer, now, 1) for _ in range(12)]
    FleetFactory(union=officer.union, drivers=30)
    propose(officer, now, *few)
    made = []
    small = statements(lambda: made.append(propose(officer, now, *few)))
    assert statements(lambda: made.append(propose(officer, now, *many))) == small
    first, second = made
    committing = statements(lambda: commit(officer, now, second))
    assert committing <= 30
    assert statements(lambda: commit(officer, now, propose(officer, now, *few))) - small == committing
    assert first


def test_drivers_beside_those_a_fleet_is_asked_for_are_still_free_at_the_commit(officer, now):
    fleet = FleetFactory(union=officer.union, drivers=4)
    asked, task = need(officer, now), need(officer, now)
    services.offer(actor=acting.officer(officer), task_id=asked.pk, fleet_ids=[fleet.pk], now=now)
    commit(officer, now, propose(officer, now, task))
    assert Offer.objects.filter(task=task).count() == 2
