"""Fleets mode sends whole units, as few as can be, and only what can be driven."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilize.dispatch.planner.distance import StraightLine
from mobilize.dispatch.planner.fleets import plan_fleets
from tests.dispatch.planner.cities import city

TRAVEL = StraightLine()


def units(sizes, needs, *, starts=None, minutes=60.0, seats=4):
    """A problem of fleets of these sizes at one place, and of tasks that need so many vehicles."""
    drivers, tasks = sum(sizes), len(needs)
    problem = city(drivers, tasks, seed=1)
    nowhere, many = np.zeros(drivers), np.zeros(tasks)
    due = np.asarray(starts if starts is not None else np.full(tasks, 60.0), float)
    return (
        replace(
            problem,
            drivers=replace(
                problem.drivers, x=nowhere, y=nowhere, free_from=nowhere, hours_served=nowhere,
                off_at=np.full(drivers, 5000.0), minutes_left=np.full(drivers, 600.0), seats=np.full(drivers, seats),
            ),
            trips=replace(
                problem.trips, x=many, y=many, to_x=many, to_y=many, due=due, latest=due + 30,
                minutes=np.full(tasks, minutes), seats=np.full(tasks, 4), load_kg=np.zeros(tasks, np.int64),
                needs=np.zeros(tasks, np.int64),
            ),
        ),
        np.repeat(np.arange(len(sizes)), sizes),
        np.array(needs),
    )  # fmt: skip


def sent(plan):
    return sorted(zip(plan.task.tolist(), plan.fleet.tolist(), plan.vehicles.tolist(), strict=True))


def test_a_task_goes_to_the_one_fleet_that_is_large_enough():
    found = plan_fleets(*units([30, 45, 30], [40]), TRAVEL)
    assert sent(found) == [(0, 1, 40)]
    assert found.proven


def test_two_tasks_find_the_split_that_needs_the_fewest_fleets():
    # the smallest fleet that is large enough for 10 is the one that 40 cannot do without
    found = plan_fleets(*units([12, 28, 30], [40, 10]), TRAVEL)
    assert len(found.task) == 3
    assert found.left.tolist() == [0, 0]
    assert found.proven


def test_a_task_is_split_only_where_no_fleet_is_large_enough():
    found = plan_fleets(*units([20, 15, 10], [33]), TRAVEL)
    assert len(found.fleet) == 2
    assert found.vehicles.sum() == 33


def test_vehicles_serve_two_tasks_one_after_another_and_not_two_at_a_time():
    later = plan_fleets(*units([20], [20, 20], starts=[60, 300]), TRAVEL)
    assert later.left.tolist() == [0, 0]
    at_once = plan_fleets(*units([20], [20, 20], starts=[60, 90]), TRAVEL)
    assert at_once.left.sum() == 20


def test_nobody_is_sent_beyond_her_duty():
    found = plan_fleets(*units([20], [20, 20], starts=[60, 600], minutes=400.0), TRAVEL)
    assert found.left.sum() == 20


def test_two_tasks_that_only_the_way_between_them_keeps_apart_are_known_to_the_model():
    problem, fleet, vehicles = units([20, 20], [20, 20], starts=[60, 125])
    far = replace(problem, trips=replace(problem.trips, to_x=np.array([9.0, 0.0])))
    found = plan_fleets(far, fleet, vehicles, TRAVEL)
    assert found.left.tolist() == [0, 0]
    assert found.proven


def test_what_no_fleet_can_carry_is_left():
    found = plan_fleets(*units([20], [5], seats=1), TRAVEL)
    assert found.left.tolist() == [5]
    assert found.proven


@pytest.mark.parametrize(("sizes", "needs"), [([], [4]), ([4], [])])
def test_without_fleets_all_is_left_and_without_tasks_nobody_goes(sizes, needs):
    found = plan_fleets(*units(sizes, needs), TRAVEL)
    assert found.left.tolist() == needs
    assert not len(found.driver)


def test_a_day_of_many_needs_and_fleets_is_answered_with_a_bound_close_to_it():
    random = np.random.default_rng(3)
    problem = city(1500, 60, seed=3)
    found = plan_fleets(problem, random.integers(0, 40, 1500), random.integers(1, 4, 60), TRAVEL)
    assert not found.left.any()
    assert 0 < found.gap < 0.1  # of such a model HiGHS has no answer in time


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 8), st.integers(1, 6), st.integers(0, 10_000))
def test_no_rule_is_broken_and_nothing_costs_less_than_the_bound(drivers, tasks, fleets, seed):
    random = np.random.default_rng(seed)
    problem = city(drivers, tasks, seed=seed, busy=0.5, day=240.0)
    fleet, vehicles = random.integers(0, fleets, drivers), random.integers(1, 12, tasks)
    found = plan_fleets(problem, fleet, vehicles, TRAVEL, budget=0.5)
    trips, who = problem.trips, problem.drivers
    assert found.bound <= found.cost
    served = np.bincount(found.serves, minlength=tasks)
    assert np.array_equal(served + found.left, vehicles)
    assert np.array_equal(np.bincount(found.task, found.vehicles, tasks), served)
    assert (who.seats[found.driver] >= trips.seats[found.serves]).all()
    assert ((who.able[found.driver] & trips.needs[found.serves]) == trips.needs[found.serves]).all()
    assert (np.bincount(found.driver, trips.minutes[found.serves], drivers) <= who.minutes_left + 1e-9).all()
    for driver in np.unique(found.driver):
        mine = found.serves[found.driver == driver]
        mine = mine[np.argsort(trips.due[mine])]
        ends = trips.due[mine] + trips.minutes[mine]
        way = TRAVEL.minutes(trips.to_x[mine[:-1]], trips.to_y[mine[:-1]], trips.x[mine[1:]], trips.y[mine[1:]])
        assert (ends[:-1] + way <= trips.due[mine[1:]] + 1e-9).all()
