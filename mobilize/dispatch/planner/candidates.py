"""Which pairs are listed for the matching: the nearest ones first, more where many trips begin at one place."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from mobilize.dispatch.planner.assignment import Pairs, Prices
from mobilize.dispatch.planner.costs import IMPOSSIBLE, MILLI, Pairing, Requirement, requirements
from mobilize.dispatch.planner.problem import Floats, Ints

NEAREST = 16  # gaps listed for a trip that is alone
ADDED = 40  # pairs added to a trip in a round
MARGIN = 1000  # thousandths of a minute: pairs that are so little too dear are listed too, prices still change
TILE = 64  # trips near each other that are looked at together


@dataclass
class _Group:
    """A requirement with its tree, and how far each of its trips has been listed."""

    requirement: Requirement
    tree: KDTree
    listed: Floats  # km; every gap nearer than this is listed


class Candidates:
    """The pairs of a problem, listed by and by.

    Args:
        pairing: of a problem with at least one driver and one trip.
    """

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        problem, gaps = pairing.problem, pairing.gaps
        self.problem, self.gaps = problem, gaps
        self.place = np.stack([gaps.x, gaps.y], axis=1)
        self.begin = np.stack([problem.trips.x, problem.trips.y], axis=1)
        self.groups = [
            _Group(each, KDTree(self.place[each.gaps]), np.zeros(len(each.trips)))
            for each in requirements(problem, gaps)
            if len(each.gaps)
        ]

    def nearest(self) -> Pairs:
        """List the nearest gaps of each trip, as many more as there are other trips that want the same ones."""
        found = [part for group in self.groups for part in self._nearest(group)]
        return self._pairs(
            np.concatenate([np.empty(0, np.int64), *(trips for trips, _ in found)]),
            np.concatenate([np.empty(0, np.int64), *(gaps for _, gaps in found)]),
        )

    def _nearest(self, group: _Group) -> Iterator[tuple[Ints, Ints]]:
        trips, gaps = group.requirement.trips, group.requirement.gaps
        begin = self.begin[trips]
        far = group.tree.query(begin, k=[min(NEAREST, len(gaps))])[0][:, 0]
        crowd = KDTree(begin).query_ball_point(begin, np.maximum(far, 1e-9), return_length=True)
        wanted = np.minimum(NEAREST * 2 ** np.ceil(np.log2(1 + crowd / NEAREST)).astype(np.int64), len(gaps))
        for k in np.unique(wanted):
            some = np.flatnonzero(wanted == k)
            far_k, at = group.tree.query(begin[some], k=np.arange(1, k + 1))
            group.listed[some] = np.inf if k == len(gaps) else far_k[:, -1]
            yield np.repeat(trips[some], k), gaps[at.ravel()]

    def price(self, prices: Prices) -> tuple[Pairs, Ints]:
        """Return pairs that are not listed and cost less than their prices; see `assignment.assign`."""
        too_high = np.zeros(len(self.problem.trips), np.int64)
        found = [_NO_PAIRS]
        for group in self.groups:
            for trips, gaps, way in self._cheap(group, prices):
                cost = self.pairing.cost(trips, gaps, way)
                drivers = self.gaps.driver[gaps]
                less = prices.row[trips] + prices.column[drivers] - cost
                np.maximum.at(too_high, trips, less)
                best = _most_gain(trips, less)
                found.append(Pairs.cheapest(trips[best], drivers[best], cost[best], gaps[best]))
        if not too_high.any():
            return _NO_PAIRS, too_high
        return Pairs(*(np.concatenate([getattr(p, n) for p in found]) for n in vars(_NO_PAIRS))), too_high

    def _cheap(self, group: _Group, prices: Prices) -> Iterator[tuple[Ints, Ints, Floats]]:
        """Yield the pairs whose way and hours alone do not cost more than their prices, and the margin."""
        trips, gaps = group.requirement.trips, group.requirement.gaps
        worth = self.gaps.fairness[gaps] - prices.column[self.gaps.driver[gaps]] - MARGIN
        radius = self.pairing.travel.reach(np.maximum(prices.row[trips] - worth.min(), 0) / MILLI)
        open_ = np.flatnonzero(radius > group.listed)
        if not len(open_):
            return
        size = np.frexp(radius[open_])[1]
        x, y = self.begin[trips[open_]].T
        order = open_[np.lexsort((y, np.floor(x), size))]
        for tile in np.split(order, np.arange(TILE, len(order), TILE)):
            (x, y), reach = self.begin[trips[tile]].T, radius[tile].max()
            place = self.place[gaps]
            near = np.flatnonzero(
                (place[:, 0] >= x.min() - reach) & (place[:, 0] <= x.max() + reach)
                & (place[:, 1] >= y.min() - reach) & (place[:, 1] <= y.max() + reach)
            )  # fmt: skip
            way = self.pairing.travel.minutes(place[near, 0], place[near, 1], x[:, None], y[:, None])
            row, column = np.nonzero(
                (way * MILLI + worth[near] <= prices.row[trips[tile], None])
                & (way + self.gaps.free_from[gaps[near]] <= self.problem.trips.latest[trips[tile], None])
            )
            yield trips[tile][row], gaps[near[column]], way[row, column]

    def _pairs(self, trips: Ints, gaps: Ints) -> Pairs:
        cost = self.pairing.cost(trips, gaps, self.pairing.way(trips, gaps))
        possible = cost < IMPOSSIBLE
        trips, gaps = trips[possible], gaps[possible]
        return Pairs.cheapest(trips, self.gaps.driver[gaps], cost[possible], gaps)


def _most_gain(rows: Ints, less: Ints) -> Ints:
    """Return which pairs to add: for each row at most ADDED that gain most, and as many taken evenly from the others.

    Where many trips begin at one place, all of them gain most by the same drivers.
    """
    gain = np.flatnonzero(less > -MARGIN)
    order = gain[np.lexsort((-less[gain], rows[gain]))]
    row = rows[order]
    rank = np.arange(len(order)) - np.searchsorted(row, row)
    many = np.bincount(row, minlength=1)[row]
    step = np.maximum(many // ADDED, 1)
    return order[(rank < ADDED) | ((rank + row) % step == 0)]


_NO_PAIRS = Pairs(*(np.empty(0, np.int64) for _ in range(4)))
