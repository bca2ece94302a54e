"""Which pairs are worth to be listed for the matching, and the proof that no other one is.

A pair is worth it when it costs less than the prices of its trip and its driver together; the matching says what these
are. To begin with they are guessed from a tenth of the drivers and trips. Gaps lie in blocks of neighbours (the leaves
of a KD-tree, one for each requirement), and a trip looks only into blocks that it can afford.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from scipy.spatial import KDTree

from mobilize.dispatch.planner.assignment import Assignment, Pairs, Prices, assign
from mobilize.dispatch.planner.costs import MILLI, Gaps, Pairing, gaps_of, requirements
from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.problem import Floats, Ints, Problem

HOUR = 60_000  # thousandths of a minute: what a trip pays at most, unless nobody comes for that
PAYS_MORE = 4  # times as much when nobody comes
ADDED = 40  # pairs listed for a trip in a round, and as many again from further away
TENTH = 10
FEW = 100  # trips: no sample is taken of so few, they begin with
PAYS_FIRST = 8_000  # thousandths of a minute
NEIGHBOURS = 3  # trips of the sample, of which the dearest is asked
BLOCK = 32  # gaps
TOGETHER = 256  # trips: as many look at once
HELPERS = 2  # threads: NumPy works on long arrays without holding up others


class Blocks:
    """The gaps that fulfil a requirement, in blocks of such as are near each other and cost much the same.

    Args:
        gaps: of a problem.
        rows: which of them; at least one.
        travel: answers for ways.
    """

    def __init__(self, gaps: Gaps, rows: Ints, travel: Travel) -> None:
        costs_way = travel.reach(gaps.fairness[rows] / MILLI)
        tree = KDTree(np.stack([gaps.x[rows], gaps.y[rows], costs_way], axis=1), leafsize=BLOCK)
        self.gaps = rows[tree.indices]
        self.starts = np.arange(0, len(rows), BLOCK)
        x, y = gaps.x[self.gaps], gaps.y[self.gaps]
        self.west, self.east = self._least(x), -self._least(-x)
        self.south, self.north = self._least(y), -self._least(-y)

    def _least(self, values: Floats) -> Floats:
        return np.minimum.reduceat(values, self.starts)

    def within(self, x: Floats, y: Floats, pays: Ints, worth: Ints, travel: Travel) -> tuple[Ints, Ints]:
        """Return pairs of a trip and a gap, all that a trip may be able to afford and some more.

        Args:
            x, y, pays: of each trip.
            worth: of each gap of the problem, without a way.
            travel: answers for ways.
        """
        left = pays[:, None] - self._least(worth[self.gaps])
        aside = np.maximum(np.maximum(self.west - x[:, None], x[:, None] - self.east), 0.0)
        above = np.maximum(np.maximum(self.south - y[:, None], y[:, None] - self.north), 0.0)
        trip, block = np.nonzero(np.maximum(aside, above) <= travel.reach(left / MILLI))
        at = self.starts[block, None] + np.arange(BLOCK)
        trip, at = np.repeat(trip, BLOCK), at.ravel()
        there = at < len(self.gaps)
        return trip[there], self.gaps[at[there]]


class Candidates:
    """The pairs of a problem, listed by and by.

    Args:
        pairing: of a problem.
        margin: thousandths of a minute; pairs that are so little too dear are listed too, since prices still change.
    """

    def __init__(self, pairing: Pairing, margin: int) -> None:
        self.pairing, self.margin = pairing, margin
        self.problem, self.gaps = pairing.problem, pairing.gaps
        self.groups = [
            (each.trips, Blocks(self.gaps, each.gaps, pairing.travel))
            for each in requirements(self.problem, self.gaps)
            if len(each.gaps)
        ]

    def price(self, prices: Prices) -> tuple[Pairs, Ints]:
        """Return pairs that cost less than their prices; see `assignment.assign`."""
        too_high = np.zeros(len(self.problem.trips), np.int64)
        worth = self.gaps.fairness - prices.column[self.gaps.driver] - self.margin
        pays = np.minimum(prices.row, HOUR)
        found, asked = [_NO_PAIRS], self.groups
        with ThreadPoolExecutor(HELPERS) as helpers:
            while asked:
                look = partial(self._gaining, pays=pays, worth=worth, prices=prices, too_high=too_high)
                found += helpers.map(look, *zip(*_chunks(asked), strict=True))
                short = pays < prices.row
                gained = short & (too_high > 0)
                too_high[gained] = prices.row[gained]  # who else would come is not known
                poor = short & ~gained
                pays = np.where(poor, np.minimum(prices.row, pays * PAYS_MORE), pays)
                asked = [(trips[poor[trips]], blocks) for trips, blocks in asked if poor[trips].any()]
        if not too_high.any():
            return _NO_PAIRS, too_high
        return Pairs.cheapest(
            *(np.concatenate([getattr(p, name) for p in found]) for name in vars(_NO_PAIRS))
        ), too_high

    def _gaining(self, trips: Ints, blocks: Blocks, pays: Ints, worth: Ints, prices: Prices, too_high: Ints) -> Pairs:
        """Return what to list for trips that pay so much, and note by how much their prices are too high."""
        wanted = self.problem.trips
        row, gap = blocks.within(wanted.x[trips], wanted.y[trips], pays[trips], worth, self.pairing.travel)
        row = trips[row]
        way = self.pairing.way(row, gap)
        can_pay = (way * MILLI + worth[gap] <= pays[row]) & (way + self.gaps.free_from[gap] <= wanted.latest[row])
        row, gap, way = row[can_pay], gap[can_pay], way[can_pay]
        cost = self.pairing.cost(row, gap, way)
        driver = self.gaps.driver[gap]
        less = prices.row[row] + prices.column[driver] - cost
        np.maximum.at(too_high, row, less)
        best = _most_gain(row, less, self.margin)
        return Pairs(row[best], driver[best], cost[best], gap[best])


def _chunks(asked: list[tuple[Ints, Blocks]]) -> Iterator[tuple[Ints, Blocks]]:
    for trips, blocks in asked:
        for some in np.split(trips, range(TOGETHER, len(trips), TOGETHER)):
            yield some, blocks


def match(problem: Problem, travel: Travel, *, budget: float = np.inf) -> tuple[Assignment, Pairing]:
    """Return the cheapest matching of drivers to trips, one trip for each at most; its tags are rows of gaps.

    Args:
        problem: equal problems give equal matchings, as long as the budget is not used up.
        travel: answers for ways.
        budget: seconds.
    """
    pairing = Pairing(problem, gaps_of(problem), travel)
    left_out = np.rint(problem.trips.weight * problem.rules.unserved * MILLI).astype(np.int64)
    begin = np.minimum(_guess(problem, travel), left_out)
    margin = int(np.median(begin)) // 16 if len(begin) else 0
    candidates = Candidates(pairing, margin)
    found = assign(len(problem.drivers), left_out, candidates.price, begin=begin, margin=2 * margin, budget=budget)
    return found, pairing


def _guess(problem: Problem, travel: Travel) -> Ints:
    """Guess what each trip has to pay: as much as its neighbours in a sample, where drivers are as scarce as here."""
    trips = problem.trips
    if len(trips) < FEW:
        return np.full(len(trips), PAYS_FIRST)
    sample = problem.sample(TENTH)
    paid = np.minimum(match(sample, travel)[0].prices, HOUR)
    places = KDTree(np.stack([sample.trips.x, sample.trips.y], axis=1))
    _, neighbours = places.query(np.stack([trips.x, trips.y], axis=1), k=NEIGHBOURS)
    return paid[neighbours].max(axis=1) + PAYS_FIRST // 8


def _most_gain(row: Ints, less: Ints, margin: int) -> Ints:
    """Return which pairs to list: for each row at most ADDED that gain most, and as many taken evenly from the others.

    Where many trips begin at one place, all of them gain most by the same drivers.
    """
    gain = np.flatnonzero(less > -margin)
    order = gain[np.lexsort((-less[gain], row[gain]))]
    row = row[order]
    rank = np.arange(len(order)) - np.searchsorted(row, row)
    many = np.bincount(row, minlength=1)[row]
    step = np.maximum(many // ADDED, 1)
    return order[(rank < ADDED) | ((rank + row) % step == 0)]


_NO_PAIRS = Pairs(*(np.empty(0, np.int64) for _ in range(4)))
