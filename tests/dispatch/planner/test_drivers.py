"""Drivers mode serves as many as can be served, at the least cost, and breaks no rule."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from mobilize.dispatch.planner.costs import IMPOSSIBLE, MILLI, Pairing, gaps_of, requirements
from mobilize.dispatch.planner.distance import StraightLine
from mobilize.dispatch.planner.drivers import NOBODY, plan
from tests.dispatch.planner.cities import city

TRAVEL = StraightLine()
cities = st.builds(
    city,
    st.integers(1, 40),
    st.integers(1, 40),
    seed=st.integers(0, 10_000),
    busy=st.sampled_from([0.0, 0.5, 1.0]),
    day=st.sampled_from([90.0, 720.0]),
)


def cheapest(problem):
    """What the cheapest first wave costs, by all pairs: scipy's dense solver."""
    pairing = Pairing(problem, gaps_of(problem), TRAVEL)
    drivers, trips = len(problem.drivers), len(problem.trips)
    left_out = int(problem.rules.unserved * MILLI)
    costs = np.full((trips, drivers + trips), float(left_out))
    costs[:, :drivers] = 1e15
    for group in requirements(problem, pairing.gaps):
        for trip in group.trips:
            row = np.full(len(group.gaps), trip)
            cost = pairing.cost(row, group.gaps, pairing.way(row, group.gaps))
            possible = cost < IMPOSSIBLE
            np.minimum.at(costs[trip], pairing.gaps.driver[group.gaps[possible]], cost[possible])
    return int(costs[linear_sum_assignment(costs)].sum())


@settings(max_examples=40, deadline=None)
@given(cities)
def test_the_first_wave_is_the_cheapest_and_says_so(problem):
    found = plan(problem, TRAVEL)
    assert found.proven
    assert found.cost == cheapest(problem)


@settings(max_examples=40, deadline=None)
@given(cities)
def test_no_rule_is_broken(problem):
    found = plan(problem, TRAVEL)
    trips, drivers, busy = problem.trips, problem.drivers, problem.commitments
    served = np.flatnonzero(found.driver != NOBODY)
    who = found.driver[served]
    ends = found.pickup[served] + trips.minutes[served]
    assert (drivers.seats[who] >= trips.seats[served]).all()
    assert (drivers.load_kg[who] >= trips.load_kg[served]).all()
    assert ((drivers.able[who] & trips.needs[served]) == trips.needs[served]).all()
    assert (found.pickup[served] >= trips.due[served]).all()
    assert (found.pickup[served] <= trips.latest[served]).all()
    assert (ends <= drivers.off_at[who]).all()
    spent = np.bincount(who, found.way[served] + trips.minutes[served], len(drivers))
    assert (spent <= drivers.minutes_left + 1e-9).all()
    for driver in np.unique(who):
        mine = served[who == driver]
        day = [(trips.due[t], found.pickup[t], found.pickup[t] + trips.minutes[t], trips.x[t], trips.y[t],
                trips.to_x[t], trips.to_y[t]) for t in mine]  # fmt: skip
        day += [(busy.starts[c], busy.starts[c], busy.ends[c], busy.x[c], busy.y[c], busy.to_x[c], busy.to_y[c])
                for c in np.flatnonzero(busy.driver == driver)]  # fmt: skip
        day.sort()
        for (_, _, done, _, _, x, y), (due, begins, _, next_x, next_y, _, _) in itertools.pairwise(day):
            assert done <= due
            assert done + TRAVEL.minutes(x, y, next_x, next_y) <= begins + 1e-9


@settings(max_examples=20, deadline=None)
@given(cities)
def test_equal_problems_give_equal_plans(problem):
    first, second = plan(problem, TRAVEL), plan(problem, TRAVEL)
    assert np.array_equal(first.driver, second.driver)
    assert np.array_equal(first.pickup, second.pickup, equal_nan=True)


def test_one_driver_takes_several_trips_one_after_another():
    problem = city(1, 1, seed=1)
    drivers = replace(
        problem.drivers,
        free_from=np.zeros(1), off_at=np.full(1, 900.0), minutes_left=np.full(1, 480.0),
        seats=np.full(1, 9), load_kg=np.full(1, 1500), able=np.full(1, 7),
    )  # fmt: skip
    three = problem.trips.rows(np.zeros(3, np.int64))
    trips = replace(three, due=np.array([60.0, 240.0, 420.0]), latest=np.array([90.0, 270.0, 450.0]))
    found = plan(replace(problem, drivers=drivers, trips=trips), TRAVEL)
    assert found.driver.tolist() == [0, 0, 0]
    assert (found.parts, found.one_each) == (1, False)


def test_more_trips_than_drivers_are_served_by_chains_also_when_there_is_no_time():
    problem = city(600, 2400, seed=5, day=1200.0)
    drivers = replace(
        problem.drivers,
        free_from=np.zeros(600), off_at=np.full(600, np.inf), minutes_left=np.full(600, 600.0),
        seats=np.full(600, 9), load_kg=np.full(600, 1500), able=np.full(600, 7),
    )  # fmt: skip
    for budget in (60.0, 0.0):
        found = plan(replace(problem, drivers=drivers), TRAVEL, budget=budget)
        assert not len(found.unserved)
        assert (found.parts, found.proven) == (5, False)


def test_of_too_many_trips_the_heavy_ones_are_served():
    problem = city(10, 1200, seed=6)
    heavy = np.arange(1200) % 240 == 0
    trips = problem.trips.rows(np.zeros(1200, np.int64))
    trips = replace(trips, due=np.full(1200, 60.0), latest=np.full(1200, 90.0), weight=np.where(heavy, 9, 1))
    drivers = problem.drivers.rows(np.zeros(10, np.int64))
    drivers = replace(
        drivers, x=trips.x[:10], y=trips.y[:10], free_from=np.zeros(10), off_at=np.full(10, np.inf),
        minutes_left=np.full(10, 600.0), seats=np.full(10, 9), load_kg=np.full(10, 1500), able=np.full(10, 7),
    )  # fmt: skip
    found = plan(replace(problem, drivers=drivers, trips=trips), TRAVEL)
    assert (found.driver[heavy] != NOBODY).all()
    assert (found.driver != NOBODY).sum() == 10


@pytest.mark.parametrize(("drivers", "trips"), [(0, 3), (3, 0)])
def test_without_drivers_nobody_comes_and_without_trips_nobody_goes(drivers, trips):
    found = plan(city(drivers, trips, seed=1), TRAVEL)
    assert found.unserved.tolist() == list(range(trips))
    assert found.proven


def test_a_crowd_at_the_airport_is_served_as_far_as_drivers_are_fit_for_it():
    problem = city(600, 200, seed=3, day=60.0)
    assert plan(problem, TRAVEL).cost == cheapest(problem)
