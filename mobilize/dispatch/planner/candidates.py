"""Which pairs are worth to be listed for the matching, and the proof that no other one is.

A pair is worth it when it costs less than the prices of its trip and its driver together. To begin with a trip pays a
few minutes, and more when nobody comes for that; later the matching says what it pays. Gaps lie in blocks of
neighbours (the leaves of a KD-tree, one for each requirement), and a trip looks only into blocks that it can afford.
"""

import numpy as np
from scipy.spatial import KDTree

from mobilize.dispatch.planner.assignment import Pairs, Prices
from mobilize.dispatch.planner.costs import MILLI, Gaps, Pairing, requirements
from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.problem import Floats, Ints

PAYS_FIRST = 8_000  # thousandths of a minute
PAYS_MORE = 4  # times as much when nobody comes
ADDED = 40  # pairs listed for a trip in a round, and as many again from further away
MARGIN = 1_000  # thousandths of a minute: pairs that are so little too dear are listed too, prices still change
BLOCK = 32  # gaps
TOGETHER = 256  # trips: as many look at once


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
    """

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.problem, self.gaps = pairing.problem, pairing.gaps
        self.groups = [
            (each.trips, Blocks(self.gaps, each.gaps, pairing.travel))
            for each in requirements(self.problem, self.gaps)
            if len(each.gaps)
        ]

    def price(self, prices: Prices) -> tuple[Pairs, Ints]:
        """Return pairs that cost less than their prices; see `assignment.assign`."""
        too_high = np.zeros(len(self.problem.trips), np.int64)
        worth = self.gaps.fairness - prices.column[self.gaps.driver] - MARGIN
        found = [_NO_PAIRS]
        for trips, blocks in self.groups:
            pays = np.minimum(prices.row, PAYS_FIRST)
            while len(trips):
                for some in np.split(trips, range(TOGETHER, len(trips), TOGETHER)):
                    found.append(self._gaining(some, blocks, pays, worth, prices, too_high))
                short = pays[trips] < prices.row[trips]
                gained = too_high[trips] > 0
                too_high[trips[short & gained]] = prices.row[trips[short & gained]]  # who else would come is not known
                trips = trips[short & ~gained]
                pays[trips] = np.minimum(prices.row[trips], pays[trips] * PAYS_MORE)
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
        best = _most_gain(row, less)
        return Pairs(row[best], driver[best], cost[best], gap[best])


def _most_gain(row: Ints, less: Ints) -> Ints:
    """Return which pairs to list: for each row at most ADDED that gain most, and as many taken evenly from the others.

    Where many trips begin at one place, all of them gain most by the same drivers.
    """
    gain = np.flatnonzero(less > -MARGIN)
    order = gain[np.lexsort((-less[gain], row[gain]))]
    row = row[order]
    rank = np.arange(len(order)) - np.searchsorted(row, row)
    many = np.bincount(row, minlength=1)[row]
    step = np.maximum(many // ADDED, 1)
    return order[(rank < ADDED) | ((rank + row) % step == 0)]


_NO_PAIRS = Pairs(*(np.empty(0, np.int64) for _ in range(4)))
