"""Reasons say why a driver comes, which rule leaves a trip, and who came nearest."""

from dataclasses import replace

import numpy as np
import pytest

from mobilize.dispatch.planner.distance import StraightLine
from mobilize.dispatch.planner.drivers import NOBODY, plan
from mobilize.dispatch.planner.problem import Barred, Commitments, Rules
from mobilize.dispatch.planner.reasons import Rule, why, why_not
from tests.dispatch.planner.cities import city

TRAVEL = StraightLine(detour=1.0, km_per_hour=60.0)  # a minute for a kilometre


@pytest.fixture
def pair():
    """Two drivers at 3 and 5 km, and one trip that both can serve."""
    problem = city(2, 1, seed=1)
    return replace(
        problem,
        drivers=replace(
            problem.drivers, x=np.array([3.0, 5.0]), y=np.zeros(2), free_from=np.zeros(2), off_at=np.full(2, 900.0),
            minutes_left=np.full(2, 300.0), hours_served=np.array([2.0, 1.0]), seats=np.array([6, 5]),
            load_kg=np.array([200, 300]), able=np.array([1, 3]),
        ),
        trips=replace(
            problem.trips, x=np.zeros(1), y=np.zeros(1), to_x=np.zeros(1), to_y=np.zeros(1), due=np.array([60.0]),
            latest=np.array([90.0]), minutes=np.array([40.0]), seats=np.array([4]), load_kg=np.array([100]),
            needs=np.array([1]),
        ),
    )  # fmt: skip


def missed(problem):
    found = plan(problem, TRAVEL)
    assert found.driver.tolist() == [NOBODY]
    (reason,) = why_not(problem, found, TRAVEL)
    return reason.rule, reason.drivers, reason.nearest, reason.by


def test_a_served_trip_says_how_far_how_long_and_how_rested(pair):
    busy = Commitments(np.array([1]), *(np.array([n]) for n in (10.0, 30.0, 5.0, 0.0, 5.0, 0.0)))
    problem = replace(pair, commitments=busy)
    chosen = why(problem, plan(problem, TRAVEL), TRAVEL)
    assert (chosen.trip.tolist(), chosen.driver.tolist()) == ([0], [0])
    assert (chosen.km.tolist(), chosen.minutes.tolist(), chosen.late.tolist()) == ([3.0], [3.0], [0.0])
    assert (chosen.spare_seats.tolist(), chosen.spare_kg.tolist()) == ([2], [100])
    assert (chosen.hours_served.tolist(), chosen.rested.tolist()) == ([2.0], [np.inf])


def test_rest_is_counted_from_the_last_commitment(pair):
    busy = Commitments(np.array([0]), *(np.array([n]) for n in (10.0, 30.0, 3.0, 0.0, 3.0, 0.0)))
    problem = replace(pair, commitments=busy, barred=Barred(np.array([0]), np.array([1])))
    assert why(problem, plan(problem, TRAVEL), TRAVEL).rested.tolist() == [27.0]  # sets out at 57


def changed(table, **values):
    return replace(table, **{name: np.asarray(value) for name, value in values.items()})


@pytest.mark.parametrize(
    ("drivers", "trips", "expected"),
    [
        ({}, {"seats": [8]}, (Rule.SEATS, 2, 0, 2.0)),
        ({}, {"load_kg": [450]}, (Rule.LOAD, 2, 1, 150.0)),
        ({}, {"needs": [6]}, (Rule.CLEARANCE, 2, 1, 1.0)),
        ({"able": [0, 3], "seats": [6, 3]}, {}, (Rule.CLEARANCE, 1, 0, 1.0)),
        ({"off_at": [70.0, 95.0]}, {}, (Rule.OFF, 2, 1, 5.0)),
        ({"minutes_left": [41.0, 10.0]}, {}, (Rule.DUTY, 2, 0, 2.0)),
        ({"free_from": [89.0, 88.0]}, {}, (Rule.OFF, 2, 1, 28.0)),
        ({"free_from": [60.0, 60.0]}, {"latest": [61.0]}, (Rule.LATE, 2, 0, 2.0)),
    ],
)
def test_a_trip_that_is_left_names_the_rule_and_the_nearest_miss(pair, drivers, trips, expected):
    problem = replace(pair, drivers=changed(pair.drivers, **drivers), trips=changed(pair.trips, **trips))
    assert missed(problem) == expected


def test_who_is_promised_elsewhere_is_busy(pair):
    both = Commitments(np.array([0, 1]), *(np.full(2, n) for n in (70.0, 130.0, 0.0, 0.0, 0.0, 0.0)))
    assert missed(replace(pair, commitments=both)) == (Rule.BUSY, 2, 0, 30.0)


def test_who_said_no_is_not_asked_again(pair):
    first_said_no = replace(pair, barred=Barred(np.array([0]), np.array([0])))
    assert plan(first_said_no, TRAVEL).driver.tolist() == [1]
    both = replace(pair, barred=Barred(np.array([0, 0]), np.array([0, 1])))
    assert missed(both)[:2] == (Rule.SAID_NO, 2)


def test_nobody_comes_from_outside_the_circle(pair):
    assert plan(replace(pair, rules=Rules(farthest=4.0)), TRAVEL).driver.tolist() == [0]
    assert missed(replace(pair, rules=Rules(farthest=2.0))) == (Rule.FAR, 2, 0, 1.0)


def test_of_two_equal_trips_the_one_that_is_left_says_who_was_taken(pair):
    problem = replace(pair, drivers=pair.drivers.rows(np.array([0])), trips=pair.trips.rows(np.array([0, 0])))
    (reason,) = why_not(problem, plan(problem, TRAVEL), TRAVEL)
    assert (reason.rule, reason.drivers, reason.nearest) == (Rule.TAKEN, 1, 0)
