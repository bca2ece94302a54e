"""The model of fleets mode: how many vehicles of each unit serve each task. Solved by HiGHS.

A unit is a fleet's vehicles that fit the same tasks. With x vehicles of unit c at task t, y whether fleet f comes to t,
and u vehicles left out:

    minimise    sum unserved * weight_t * u_t + split * y_tf + cost_ft * x_tc
    such that   sum_c x_tc + u_t = vehicles_t
                sum_{c in f} x_tc <= min(vehicles_t, those of f that fit) * y_tf
                sum_{t that clash} x_tc <= vehicles of c
                sum_t minutes_t * x_tc <= duty left of c

The last two are less than what each driver has to keep, so its bound holds for all that can be driven.
"""

from dataclasses import dataclass
from typing import Self

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from mobilize.dispatch.planner.costs import MILLI
from mobilize.dispatch.planner.problem import Floats, Ints, Problem

Bools = NDArray[np.bool_]
# Larger models are not solved in seconds: then the answer there is stays, or the model says less.
MOST_COLUMNS, MOST_ROWS = 20_000, 100_000


@dataclass(frozen=True)
class Counted:
    """Units and tasks.

    Attributes:
        of_driver: unit of each driver, -1 for one who fits no task.
        fleet, number, duty: of each unit: its fleet, its vehicles, and the minutes of duty left to them.
        fits: units by tasks.
        clash: tasks by tasks: those that nobody can serve both.
        cost: of a vehicle, fleets by tasks, thousandths of a minute.
        vehicles, minutes, starts: of each task.
        left_out: what a vehicle that is missing costs, by tasks, thousandths of a minute.
        split: what each fleet at a task costs, thousandths of a minute.
    """

    of_driver: Ints
    fleet: Ints
    number: Ints
    duty: Floats
    fits: Bools
    clash: Bools
    cost: Ints
    vehicles: Ints
    minutes: Floats
    starts: Floats
    left_out: Ints
    split: int

    @classmethod
    def of(cls, problem: Problem, fleet: Ints, fits: Bools, clash: Bools, vehicles: Ints, cost: Ints) -> Self:
        """Count the drivers of a problem."""
        able = np.flatnonzero(fits.any(axis=1))
        alike = np.concatenate([fleet[able, None], fits[able]], axis=1)
        kinds, unit = np.unique(alike, axis=0, return_inverse=True)
        of_driver = np.full(len(fits), -1)
        of_driver[able] = unit.ravel()
        trips, rules = problem.trips, problem.rules
        return cls(
            of_driver=of_driver,
            fleet=kinds[:, 0].astype(np.int64),
            number=np.bincount(unit.ravel(), minlength=len(kinds)),
            duty=np.bincount(unit.ravel(), problem.drivers.minutes_left[able], len(kinds)).astype(float),
            fits=kinds[:, 1:].astype(bool),
            clash=clash,
            cost=cost,
            vehicles=vehicles,
            minutes=trips.minutes,
            starts=trips.due,
            left_out=np.rint(trips.weight * rules.unserved * MILLI).astype(np.int64),
            split=round(rules.split * MILLI),
        )

    @property
    def fleets(self) -> int:
        """How many fleets there are, those without a fitting vehicle too."""
        return len(self.cost)

    def cost_of(self, by_fleet: Ints, left: Ints) -> int:
        """Return what an answer costs.

        Args:
            by_fleet: vehicles, tasks by fleets.
            left: of each task, vehicles that are missing.
        """
        return int((by_fleet * self.cost.T).sum() + self.split * (by_fleet > 0).sum() + (left * self.left_out).sum())


def solve(units: Counted, start: Ints, budget: float) -> tuple[Ints, int]:
    """Return the best counts found, units by tasks, and a bound below which no answer costs.

    Args:
        units: what is counted.
        start: counts of an answer, to begin with.
        budget: seconds.
    """
    unit, task = np.nonzero(units.fits)
    x, tasks = len(unit), len(units.vehicles)
    if x > MOST_COLUMNS:
        return start, _at_least(units)
    pair, of_pair = np.unique(task * np.int64(units.fleets) + units.fleet[unit], return_inverse=True)
    pair_task = pair // max(units.fleets, 1)
    y, columns = len(pair), x + len(pair) + tasks
    room = np.zeros(y)
    np.add.at(room, of_pair, units.number[unit])
    room = np.minimum(room, units.vehicles[pair_task])

    rows = _Rows(columns)
    rows.add(task, np.arange(x), np.ones(x), upto=units.vehicles)
    rows.extend(np.arange(tasks), x + y + np.arange(tasks), np.ones(tasks), exactly=True)
    rows.add(of_pair, np.arange(x), np.ones(x), upto=np.zeros(y))
    rows.extend(np.arange(y), x + np.arange(y), -room)
    for tasks_at_once in _crowds(units):
        some = np.flatnonzero(np.isin(task, tasks_at_once))
        rows.add(unit[some], some, np.ones(len(some)), upto=units.number.astype(float))
    rows.add(unit, np.arange(x), units.minutes[task], upto=units.duty)

    lp = rows.model()
    cost = np.concatenate([units.cost[units.fleet[unit], task], np.full(y, units.split), units.left_out])
    lp.col_cost_ = cost / MILLI
    lp.col_lower_ = np.zeros(columns)
    lp.col_upper_ = np.concatenate(
        [np.minimum(units.number[unit], units.vehicles[task]), np.ones(y), units.vehicles]
    ).astype(float)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * columns

    counts = start[unit, task]
    comes = np.zeros(y)
    np.add.at(comes, of_pair, counts)
    left = units.vehicles - np.bincount(task, counts, tasks)
    solution = highspy.HighsSolution()
    solution.col_value = np.concatenate([counts, comes > 0, left]).astype(float).tolist()

    solver = highspy.Highs()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "random_seed": 1,
        "time_limit": max(budget, 0.05),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.4 / MILLI,
    }.items():
        solver.setOptionValue(name, value)
    solver.passModel(lp)
    solver.setSolution(solution)
    solver.run()
    found = np.zeros(units.fits.shape, np.int64)
    found[unit, task] = np.rint(np.array(solver.getSolution().col_value)[:x]) if columns else 0
    return found, max(_bound(solver), _at_least(units))


def _bound(solver: highspy.Highs) -> int:
    """Return the least that an answer can cost, thousandths of a minute: rounded up, because costs are whole."""
    bound = solver.getInfo().mip_dual_bound
    return int(np.ceil(bound * MILLI - 0.5)) if np.isfinite(bound) else 0


def _at_least(units: Counted) -> int:
    """Return what no answer costs less than: each task alone is left out, or served by the cheapest fleet."""
    fitting = np.zeros((units.fleets, len(units.vehicles)), bool)
    np.logical_or.at(fitting, units.fleet, units.fits)
    cheapest = np.where(fitting, units.cost, units.left_out).min(axis=0, initial=np.iinfo(np.int64).max)
    served = np.where(fitting.any(axis=0), units.vehicles * cheapest + units.split, units.vehicles * units.left_out)
    return int(np.minimum(served, units.vehicles * units.left_out).sum())


def _crowds(units: Counted) -> list[Ints]:
    """Return sets of tasks of which nobody can serve two: the largest that go on at one moment, and pairs.

    Pairs are left out where they are too many for the model; its bound is then lower, and still one.
    """
    ends = units.starts + units.minutes
    moments = np.unique(units.starts)
    on = ((units.starts <= moments[:, None]) & (ends > moments[:, None])).astype(np.float32)  # moments by tasks
    common, size = on @ on.T, on.sum(axis=1)
    # of equal ones the first stays
    within = (common == size[:, None]) & ((size[:, None] < size) | np.tri(len(moments), k=-1, dtype=bool))
    on = on[~within.any(axis=1)]
    pairs = np.argwhere(np.triu(units.clash & (on.T @ on == 0), 1))
    if len(pairs) * len(units.number) > MOST_ROWS:
        pairs = pairs[:0]
    return [np.flatnonzero(one) for one in on] + list(pairs)


class _Rows:
    """The rows of a model, at most so much each, gathered in blocks."""

    def __init__(self, columns: int) -> None:
        self.columns, self.height = columns, 0
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.value: list[Floats] = []
        self.lower: list[Floats] = []
        self.upper: list[Floats] = []

    def add(self, row: Ints, column: Ints, value: Floats, *, upto: NDArray) -> None:
        """Begin a block of as many rows as `upto` has."""
        self.first, self.height = self.height, self.height + len(upto)
        self.lower.append(np.full(len(upto), -np.inf))
        self.upper.append(upto.astype(float))
        self.extend(row, column, value)

    def extend(self, row: Ints, column: Ints, value: Floats, *, exactly: bool = False) -> None:
        """Add to the last block; `exactly` makes its rows equations."""
        self.row.append(self.first + row)
        self.column.append(column)
        self.value.append(value)
        if exactly:
            self.lower[-1] = self.upper[-1]

    def model(self) -> highspy.HighsLp:
        """Return the rows as HiGHS wants them."""
        together = (np.concatenate(self.value), (np.concatenate(self.row), np.concatenate(self.column)))
        matrix = coo_array(together, shape=(self.height, self.columns)).tocsc()
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.columns, self.height
        lp.row_lower_, lp.row_upper_ = np.concatenate(self.lower), np.concatenate(self.upper)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        return lp
