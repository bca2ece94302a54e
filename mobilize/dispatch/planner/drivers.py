"""Drivers mode: who drives which trip, and who drives several one after another."""

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from mobilize.dispatch.planner.assignment import Assignment
from mobilize.dispatch.planner.candidates import match
from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.problem import Commitments, Drivers, Floats, Ints, Problem

NOBODY = -1


@dataclass(frozen=True)
class DriverPlan:
    """A proposal; a row for each trip.

    Attributes:
        driver: row in Drivers, NOBODY for a trip that is not served.
        way: minutes the driver needs to the pick-up.
        pickup: when she is there, minutes; NaN where nobody comes.
        cost: of the first wave, in which each driver takes one trip at most; thousandths of a minute.
        bound: no first wave costs less.
        waves: how many trips one after another the busiest driver may have got.
    """

    driver: Ints
    way: Floats
    pickup: Floats
    cost: int
    bound: int
    waves: int

    @property
    def proven(self) -> bool:
        """True when no other first wave is cheaper."""
        return self.cost == self.bound

    @property
    def unserved(self) -> Ints:
        """The trips nobody serves."""
        return np.flatnonzero(self.driver == NOBODY)


def plan(problem: Problem, travel: Travel, *, budget: float = 5.0) -> DriverPlan:
    """Match drivers to trips: the cheapest matching first, then what is left to who has time for more.

    The first wave gives each driver one trip at most and is proven cheapest, or says by how much it may not be. Each
    further wave fits trips that are left into the gaps that remain, so chains respect times, ways and duty.

    Args:
        problem: equal problems give equal plans, as long as the budget is not used up.
        travel: answers for ways.
        budget: seconds after which no wave begins and none is improved.
    """
    until = perf_counter() + budget
    trips = len(problem.trips)
    driver, way, pickup = np.full(trips, NOBODY), np.full(trips, np.nan), np.full(trips, np.nan)
    left = np.arange(trips)
    first: Assignment | None = None
    waves = 0
    while first is None or (len(left) and perf_counter() < until):
        waves += 1
        some = problem.of_trips(left)
        found, pairing = match(some, travel, budget=until - perf_counter())
        first = first or found
        served = np.flatnonzero(found.column >= 0)
        if not len(served):
            break
        gap, row = found.tag[served], left[served]
        driver[row] = found.column[served]
        way[row] = pairing.way(served, gap)
        pickup[row] = np.maximum(pairing.gaps.free_from[gap] + way[row], some.trips.due[served])
        problem = committed(problem, row, driver[row], way[row], pickup[row])
        left = np.flatnonzero(driver == NOBODY)
    return DriverPlan(driver, way, pickup, first.cost, first.bound, waves)


def committed(problem: Problem, trips: Ints, drivers: Ints, way: Floats, pickup: Floats) -> Problem:
    """Return the problem after these trips were promised: the days have new gaps, and duty is used up."""
    old, new = problem.commitments, problem.trips.rows(trips)
    added = Commitments(drivers, new.due, pickup + new.minutes, new.x, new.y, new.to_x, new.to_y)
    names = vars(old)
    commitments = Commitments(*(np.concatenate([getattr(old, name), getattr(added, name)]) for name in names))
    spent = np.bincount(drivers, way + new.minutes, len(problem.drivers))
    now: Drivers = replace(
        problem.drivers,
        minutes_left=problem.drivers.minutes_left - spent,
        hours_served=problem.drivers.hours_served + spent / 60.0,
    )
    return replace(problem, drivers=now, commitments=commitments)
