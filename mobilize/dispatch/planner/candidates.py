"""Which pairs are worth to be listed for the matching, and the proof that no other one is.

A pair is worth it when it costs less than the prices of its trip and its driver together. To begin with a trip pays a
few minutes, and more when nobody comes for that; later the matching says what it pays. Trips are looked at in tiles
of neighbours (the leaves of a KD-tree), each with the gaps that lie near enough for what the tile pays.
"""

from collections.abc import Iterator

import numpy as np
from scipy.spatial import KDTree

from mobilize.dispatch.planner.assignment import Pairs, Prices
from mobilize.dispatch.planner.costs import MILLI, Pairing, requirements
from mobilize.dispatch.planner.problem import Floats, Ints

PAYS_FIRST = 8_000  # thousandths of a minute
PAYS_MORE = 4  # times as much when nobody comes
ADDED = 40  # pairs listed for a trip in a round, and as many again from further away
MARGIN = 1_000  # thousandths of a minute: pairs that are so little too dear are listed too, prices still change
TILE = 32  # trips


class Candidates:
    """The pairs of a problem, listed by and by.

    Args:
        pairing: of a problem.
    """

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.problem, self.gaps = pairing.problem, pairing.gaps
        self.begin = np.stack([self.problem.trips.x, self.problem.trips.y], axis=1)
        self.groups = [each for each in requirements(self.problem, self.gaps) if len(each.gaps)]

    def price(self, prices: Prices) -> tuple[Pairs, Ints]:
        """Return pairs that cost less than their prices; see `assignment.assign`."""
        too_high = np.zeros(len(self.problem.trips), np.int64)
        found = [_NO_PAIRS]
        for group in self.groups:
            trips, pays = group.trips, np.minimum(prices.row, PAYS_FIRST)
            while len(trips):
                for tile in _tiles(trips, self.begin):
                    found.append(self._gaining(tile, group.gaps, pays, prices, too_high))
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

    def _gaining(self, trips: Ints, gaps: Ints, pays: Ints, prices: Prices, too_high: Ints) -> Pairs:
        """Return what to list for a tile of trips that pay so much, and note by how much their prices are too high."""
        row, gap, way = self._affordable(trips, gaps, pays, prices)
        cost = self.pairing.cost(row, gap, way)
        driver = self.gaps.driver[gap]
        less = prices.row[row] + prices.column[driver] - cost
        np.maximum.at(too_high, row, less)
        best = _most_gain(row, less)
        return Pairs(row[best], driver[best], cost[best], gap[best])

    def _affordable(self, trips: Ints, gaps: Ints, pays: Ints, prices: Prices) -> tuple[Ints, Ints, Floats]:
        """Return the pairs whose way and hours alone do not cost more than what is paid, and the margin."""
        (x, y), pay = self.begin[trips].T, pays[trips]
        worth = self.gaps.fairness[gaps] - prices.column[self.gaps.driver[gaps]] - MARGIN
        reach = self.pairing.travel.reach((pay.max() - worth) / MILLI)
        from_x, from_y = self.gaps.x[gaps], self.gaps.y[gaps]
        aside = np.maximum(np.maximum(x.min() - from_x, from_x - x.max()), 0)
        above = np.maximum(np.maximum(y.min() - from_y, from_y - y.max()), 0)
        near = np.flatnonzero((aside <= reach) & (above <= reach))
        gap = gaps[near]
        way = self.pairing.travel.minutes(from_x[near], from_y[near], x[:, None], y[:, None])
        row, column = np.nonzero(
            (way * MILLI + worth[near] <= pay[:, None])
            & (way + self.gaps.free_from[gap] <= self.problem.trips.latest[trips, None])
        )
        return trips[row], gap[column], way[row, column]


def _tiles(trips: Ints, begin: Floats) -> Iterator[Ints]:
    order = KDTree(begin[trips], leafsize=TILE).indices
    return iter(np.split(trips[order], np.arange(TILE, len(order), TILE)))


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
