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
from mobilize.dispatch.planner.costs import IMPOSSIBLE, MILLI, Gaps, Pairing, gaps_of, requirements
from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.problem import Floats, Ints, Problem

HOUR = 60_000  # thousandths of a minute: what a trip pays at most, unless nobody comes for that
PAYS_MORE = 4  # times as much when nobody comes
TENTH = 10
FEW = 100  # trips: no sample is taken of so few, they begin with
PAYS_FIRST = 8_000  # thousandths of a minute
NEIGHBOURS = 3  # trips of the sample, of which the dearest is asked
BLOCK = 48  # gaps
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
        self.travel = travel
        # a row for each block; the last one is filled up with gaps that are not there
        missing = -len(rows) % BLOCK
        self.gaps = np.pad(rows[tree.indices], (0, missing), mode="edge").reshape(-1, BLOCK)
        self.missing = np.zeros_like(self.gaps, bool)
        self.missing[-1, BLOCK - missing :] = True
        self.x, self.y, self.free_from = gaps.x[self.gaps], gaps.y[self.gaps], gaps.free_from[self.gaps]
        self.west, self.east = self.x.min(axis=1), self.x.max(axis=1)
        self.south, self.north = self.y.min(axis=1), self.y.max(axis=1)

    def affordable(self, x: Floats, y: Floats, latest: Floats, pays: Ints, worth: Ints) -> tuple[Ints, Ints, Floats]:
        """Return pairs of a trip and a gap, all that a trip can pay and reach in time, and the way of each, minutes.

        Args:
            x, y, latest, pays: of each trip.
            worth: of each gap of the problem, without a way.
        """
        worth = np.where(self.missing, IMPOSSIBLE, worth[self.gaps])
        x, y = x[:, None], y[:, None]
        reach = self.travel.reach((pays[:, None] - worth.min(axis=1)) / MILLI)
        aside = np.maximum(np.maximum(self.west - x, x - self.east), 0.0)
        above = np.maximum(np.maximum(self.south - y, y - self.north), 0.0)
        trip, block = np.nonzero((reach >= 0.0) & (aside**2 + above**2 <= reach**2))
        way = self.travel.minutes(self.x[block], self.y[block], x[trip], y[trip])
        can_pay = way * MILLI + worth[block] <= pays[trip, None]
        pair, at = np.nonzero(can_pay & (way + self.free_from[block] <= latest[trip, None]))
        return trip[pair], self.gaps[block[pair], at], way[pair, at]


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

    def price(self, prices: Prices, most: int) -> tuple[Pairs, Ints]:
        """Return pairs that cost less than their prices; see `assignment.Pricing`."""
        too_high = np.zeros(len(self.problem.trips), np.int64)
        worth = self.gaps.fairness - prices.column[self.gaps.driver] - self.margin
        pays = np.minimum(prices.row, HOUR)
        found, asked = [_NO_PAIRS], self.groups
        with ThreadPoolExecutor(HELPERS) as helpers:
            while asked:
                look = partial(self._gaining, pays=pays, worth=worth, prices=prices, too_high=too_high, most=most)
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

    def _gaining(
        self, trips: Ints, blocks: Blocks, *, pays: Ints, worth: Ints, prices: Prices, too_high: Ints, most: int
    ) -> Pairs:
        """Return what to list for trips that pay so much, and note by how much their prices are too high."""
        wanted = self.problem.trips
        trip, gap, way = blocks.affordable(wanted.x[trips], wanted.y[trips], wanted.latest[trips], pays[trips], worth)
        row = trips[trip]
        cost = self.pairing.cost(row, gap, way)
        driver = self.gaps.driver[gap]
        less = prices.row[row] + prices.column[driver] - cost
        np.maximum.at(too_high, row, less)
        best = _most_gain(row, less, self.margin, most)
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


def _most_gain(row: Ints, less: Ints, margin: int, most: int) -> Ints:
    """Return which pairs to list: for each row the `most` that gain most, and as many taken evenly from the others.

    Where many trips begin at one place, all of them gain most by the same drivers.
    """
    gain = np.flatnonzero(less > -margin)
    spread = less.max(initial=0) - less[gain]
    order = gain[np.argsort(row[gain] * (spread.max(initial=0) + 1) + spread, kind="stable")]
    row = row[order]
    rank = np.arange(len(order)) - np.searchsorted(row, row)
    many = np.bincount(row, minlength=1)[row]
    step = np.maximum(many // most, 1)
    return order[(rank < most) | ((rank + row) % step == 0)]


_NO_PAIRS = Pairs(*(np.empty(0, np.int64) for _ in range(4)))
