"""Drivers mode: who drives which trip, and who drives several one after another."""

from dataclasses import dataclass, replace
from math import ceil
from time import perf_counter

import numpy as np

from mobilize.dispatch.planner.assignment import Assignment
from mobilize.dispatch.planner.candidates import match
from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.problem import Commitments, Drivers, Floats, Ints, Problem

NOBODY = -1
FEW = 500  # trips: so few are matched at once in no time


@dataclass(frozen=True)
class DriverPlan:
    """A proposal; a row for each trip.

    Attributes:
        driver: row in Drivers, NOBODY for a trip that is not served.
        way: minutes the driver needs to the pick-up.
        pickup: when she is there, minutes; NaN where nobody comes.
        cost: of the first wave of each part, in which each driver takes one trip at most; thousandths of a minute.
        bound: no first wave costs less; 0 when there are several parts, which says nothing.
        parts: into how many parts the trips were cut.
    """

    driver: Ints
    way: Floats
    pickup: Floats
    cost: int
    bound: int
    parts: int = 1

    @property
    def proven(self) -> bool:
        """True when no other first wave is cheaper."""
        return self.cost == self.bound

    @property
    def one_each(self) -> bool:
        """True when every trip is served, and no driver has two: then a first wave is all."""
        return len(np.unique(self.driver)) == len(self.driver) and not len(self.unserved)

    @property
    def unserved(self) -> Ints:
        """The trips nobody serves."""
        return np.flatnonzero(self.driver == NOBODY)


def plan(problem: Problem, travel: Travel, *, budget: float = 5.0) -> DriverPlan:
    """Match drivers to trips: the cheapest matching first, then what is left to who has time for more.

    The first wave gives each driver one trip at most and is proven cheapest, or says by how much it may not be. Each
    further wave fits trips that are left into the gaps that remain, so chains respect times, ways and duty.

    Where trips are more than half as many as drivers, most of the time would go into the first wave, and the trips that
    need chains would be left. They are then planned part by part, the heaviest and then the earliest first.

    Args:
        problem: equal problems give equal plans, as long as the budget is not used up.
        travel: answers for ways.
        budget: seconds after which no wave is improved; each part gets its first wave even so, and what is left in the
            end one more.
    """
    until = perf_counter() + budget
    parts = _parts(problem)
    work = _Work(problem, travel)
    cost = bound = 0
    for number, part in enumerate(parts):
        now = perf_counter()
        first = work.go_on(part, until=now + (until - now) / (len(parts) - number))
        cost, bound = cost + first.cost, bound + first.bound
    left = np.flatnonzero(work.driver == NOBODY)
    if len(left) and perf_counter() >= until:
        work.wave(left, budget=0.0)
    return DriverPlan(work.driver, work.way, work.pickup, cost, bound if len(parts) == 1 else 0, len(parts))


def _parts(problem: Problem) -> list[Ints]:
    """Cut the trips into parts, each of at most half as many as there are drivers."""
    trips = problem.trips
    most = max(len(problem.drivers) // 2, FEW)
    order = np.lexsort((trips.due, -trips.weight))
    return [np.sort(part) for part in np.array_split(order, max(ceil(len(trips) / most), 1))]


class _Work:
    """A plan in the making.

    Attributes:
        problem: with what is promised so far.
        driver, way, pickup: see `DriverPlan`.
    """

    def __init__(self, problem: Problem, travel: Travel) -> None:
        self.problem, self.travel = problem, travel
        trips = len(problem.trips)
        self.driver, self.way, self.pickup = np.full(trips, NOBODY), np.full(trips, np.nan), np.full(trips, np.nan)

    def go_on(self, trips: Ints, *, until: float) -> Assignment:
        """Serve trips wave by wave as long as a wave serves any and there is time, and return the first wave."""
        first = found = self.wave(trips, budget=until - perf_counter())
        while (found.column >= 0).any() and perf_counter() < until:
            left = trips[self.driver[trips] == NOBODY]
            if not len(left):
                break
            found = self.wave(left, budget=until - perf_counter())
        return first

    def wave(self, trips: Ints, *, budget: float) -> Assignment:
        """Give each driver one of these trips at most."""
        some = self.problem.of_trips(trips)
        found, pairing = match(some, self.travel, budget=budget)
        served = np.flatnonzero(found.column >= 0)
        gap, row = found.tag[served], trips[served]
        self.driver[row] = found.column[served]
        self.way[row] = pairing.way(served, gap)
        self.pickup[row] = np.maximum(pairing.gaps.free_from[gap] + self.way[row], some.trips.due[served])
        self.problem = committed(self.problem, row, self.driver[row], self.way[row], self.pickup[row])
        return found


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
