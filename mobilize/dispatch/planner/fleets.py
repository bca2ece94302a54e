"""Fleets mode: whole units for tasks that need many vehicles, split only where no fleet is large enough.

A greedy answer is there at once; HiGHS improves it on a model of counted vehicles (`units`) while there is time. Both
are carried out driver by driver, so what is proposed can be driven: nobody serves two tasks at a time, nobody beyond
her duty. The cheaper one is kept, beside the model's bound, below which no answer costs.
"""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from mobilize.dispatch.planner.costs import IMPOSSIBLE, Pairing, gaps_of, requirements
from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.problem import Floats, Ints, Problem
from mobilize.dispatch.planner.units import Counted, solve

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class FleetPlan:
    """A proposal; a row for each fleet at a task.

    Attributes:
        task: row in Trips.
        fleet: which.
        vehicles: how many of it, at least 1.
        left: of each task, vehicles nobody serves.
        driver, serves: drivers who could do it, and the task of each.
        cost: thousandths of a minute.
        bound: nothing costs less.
        improved: True when HiGHS found it, False for the greedy answer.
    """

    task: Ints
    fleet: Ints
    vehicles: Ints
    left: Ints
    driver: Ints
    serves: Ints
    cost: int
    bound: int
    improved: bool

    @property
    def proven(self) -> bool:
        """True when nothing can be cheaper."""
        return self.cost <= self.bound

    @property
    def gap(self) -> float:
        """By which share of the cost another answer may be cheaper, 0 to 1."""
        return 1.0 - self.bound / self.cost if self.cost > self.bound else 0.0


def plan_fleets(problem: Problem, fleet: Ints, vehicles: Ints, travel: Travel, *, budget: float = 5.0) -> FleetPlan:
    """Propose fleets for tasks: as few fleets for each as can be, the near and the rested first.

    Args:
        problem: a row in `trips` for each task; its window is from `due` on for `minutes`.
        fleet: of each driver, 0 and up.
        vehicles: needed for each task.
        travel: answers for ways.
        budget: seconds in all; equal problems give equal plans as long as it is not used up.
    """
    until = perf_counter() + budget
    fits, cost = _fitting(problem, fleet, travel)
    clash = _clashes(problem, travel)
    units = Counted.of(problem, fleet, fits, clash, vehicles, cost)
    greedy = _Answer(problem, fleet, fits, clash, vehicles)
    greedy.fill()
    found, bound = solve(units, greedy.counts(units), until - perf_counter())
    better = _Answer(problem, fleet, fits, clash, vehicles)
    better.follow(units, found)
    better.fill()
    costs = [units.cost_of(answer.by_fleet(units.fleets), answer.left) for answer in (better, greedy)]
    improved = costs[0] < costs[1]
    best = better if improved else greedy
    served = best.by_fleet(units.fleets)
    task, which = np.nonzero(served)
    driver, serves = np.nonzero(best.chosen)
    return FleetPlan(task, which, served[task, which], best.left, driver, serves, min(costs), bound, improved)


def _fitting(problem: Problem, fleet: Ints, travel: Travel) -> tuple[Bools, Ints]:
    """Return which driver can do which task, and the mean cost of a fleet's vehicle at a task."""
    pairing = Pairing(problem, gaps_of(problem), travel)
    drivers, tasks = len(problem.drivers), len(problem.trips)
    cost = np.full((drivers, tasks), IMPOSSIBLE)
    for group in requirements(problem, pairing.gaps):
        for task in group.trips:
            row = np.full(len(group.gaps), task)
            pays = pairing.cost(row, group.gaps, pairing.way(row, group.gaps))
            np.minimum.at(cost[:, task], pairing.gaps.driver[group.gaps], pays)
    fits = cost < IMPOSSIBLE
    fleets = int(fleet.max(initial=-1)) + 1
    total, number = np.zeros((fleets, tasks)), np.zeros((fleets, tasks))
    np.add.at(total, fleet, np.where(fits, cost, 0))
    np.add.at(number, fleet, fits)
    return fits, np.rint(total / np.maximum(number, 1)).astype(np.int64)


def _clashes(problem: Problem, travel: Travel) -> Bools:
    """Return which tasks no driver can serve both: for their times, the way between them, or the longest duty left."""
    tasks = problem.trips
    ends = tasks.due + tasks.minutes
    too_long = tasks.minutes[:, None] + tasks.minutes > problem.drivers.minutes_left.max(initial=0.0)
    way = travel.minutes(tasks.to_x[:, None], tasks.to_y[:, None], tasks.x, tasks.y)
    follows = ends[:, None] + way <= tasks.due
    return ~(follows | follows.T) | too_long


class _Answer:
    """Drivers chosen for tasks, one after another, every rule kept at each step."""

    def __init__(self, problem: Problem, fleet: Ints, fits: Bools, clash: Bools, vehicles: Ints) -> None:
        self.fleet, self.clash, self.trips = fleet, clash, problem.trips
        self.free = fits.copy()
        self.minutes_left: Floats = problem.drivers.minutes_left.copy()
        self.left = vehicles.astype(np.int64)
        self.chosen = np.zeros(fits.shape, bool)

    def take(self, task: int, among: Bools, most: int) -> None:
        """Choose up to so many free drivers: those who fit the fewest other tasks, then the ones with most time."""
        free = np.flatnonzero(self.free[:, task] & among)
        others = self.free[free].sum(axis=1)
        who = free[np.lexsort((free, -self.minutes_left[free], others))][: min(most, self.left[task])]
        self.chosen[who, task] = True
        self.left[task] -= len(who)
        self.minutes_left[who] -= self.trips.minutes[task]
        self.free[who] &= ~self.clash[task] & (self.trips.minutes <= self.minutes_left[who, None])
        self.free[who, task] = False

    def follow(self, units: Counted, counts: Ints) -> None:
        """Choose as many drivers of each unit for each task as the model says, as far as duty allows."""
        for task in np.argsort(self.trips.due, kind="stable"):
            for unit in np.flatnonzero(counts[:, task]):
                self.take(int(task), units.of_driver == unit, int(counts[unit, task]))

    def fill(self) -> None:
        """Serve what is left: the heaviest and largest need first, by the smallest fleet that is large enough."""
        tasks = self.trips
        for task in np.lexsort((np.arange(len(tasks)), tasks.due, -self.left, -tasks.weight)):
            while self.left[task]:
                free = np.bincount(self.fleet[self.free[:, task]], minlength=1)
                if not free.any():
                    break
                enough = np.flatnonzero(free >= self.left[task])
                fleet = enough[np.argmin(free[enough])] if len(enough) else np.argmax(free)
                self.take(int(task), self.fleet == fleet, int(free[fleet]))

    def by_fleet(self, fleets: int) -> Ints:
        """Return the vehicles of each fleet, tasks by fleets."""
        counts = np.zeros((fleets, len(self.trips)), np.int64)
        np.add.at(counts, self.fleet, self.chosen)
        return counts.T

    def counts(self, units: Counted) -> Ints:
        """Return the vehicles of each unit, units by tasks."""
        counts = np.zeros((len(units.number), len(self.trips)), np.int64)
        able = units.of_driver >= 0
        np.add.at(counts, units.of_driver[able], self.chosen[able])
        return counts
