"""The cheapest assignment of rows to columns, over few listed pairs, proven over all of them.

The listed pairs are solved by scipy's sparse Jonker-Volgenant. Its answer has prices: u for each row, v <= 0 for each
column, 0 for a column that is not used, with u + v <= cost on every listed pair and equality on every chosen one. When
no pair that is not listed costs less than u + v, the answer is the cheapest over all pairs (linear programming
duality; this is column generation, see Ahuja, Magnanti, Orlin, Network Flows, section 17.5). Otherwise such pairs are
listed, and it is solved again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from mobilize.dispatch.planner.problem import Ints


@dataclass(frozen=True)
class Pairs:
    """Listed pairs, sorted by row and column, none twice.

    Attributes:
        row, column: which.
        cost: at least 0.
        tag: what the caller wants to remember of each.
    """

    row: Ints
    column: Ints
    cost: Ints
    tag: Ints

    @classmethod
    def cheapest(cls, row: Ints, column: Ints, cost: Ints, tag: Ints) -> "Pairs":
        """Keep the cheapest of each pair; of equal ones the one with the smallest tag."""
        pair = row * (column.max(initial=0) + 1) + column
        order = np.lexsort((tag, cost, pair))
        order = order[np.flatnonzero(np.diff(pair[order], prepend=-1))]
        return cls(row[order], column[order], cost[order], tag[order])

    def near(self, prices: "Prices", margin: int) -> "Pairs":
        """Return those that cost little more than their prices; the others can come back, but seldom do."""
        slack = self.cost - prices.row[self.row] - prices.column[self.column]
        return Pairs(*(each[slack <= margin] for each in vars(self).values()))

    def joined(self, other: "Pairs") -> "Pairs":
        """Return both together."""
        mine, theirs = vars(self), vars(other)
        return Pairs.cheapest(**{name: np.concatenate([mine[name], theirs[name]]) for name in mine})


@dataclass(frozen=True)
class Prices:
    """What the rows and columns are worth: u + v <= cost on every listed pair."""

    row: Ints
    column: Ints


@dataclass(frozen=True)
class Assignment:
    """An answer.

    Attributes:
        column: of each row, -1 for a row that is left out.
        tag: of the chosen pair, -1 where there is none.
        cost: of all, left out rows included.
        bound: no assignment over all pairs costs less than this.
        prices: of the rows, at the end.
        rounds: how often it was solved.
    """

    column: Ints
    tag: Ints
    cost: int
    bound: int
    prices: Ints
    rounds: int

    @property
    def proven(self) -> bool:
        """True when nothing can be cheaper."""
        return self.cost == self.bound


# Returns, for prices and how many pairs to list for a row, pairs to add (none when there are none), and by how much
# each row's price must come down to fit all pairs.
Pricing = Callable[[Prices, int], tuple[Pairs, Ints]]
FIRST = 8  # pairs for each row to begin with: the first prices are guessed, so most of what they list is not needed
ADDED = 30  # and in each further round


def assign(
    columns: int, left_out: Ints, price: Pricing, *, begin: Ints, margin: int, budget: float = np.inf
) -> Assignment:
    """Find the cheapest assignment in which each column is used at most once.

    Args:
        columns: how many there are.
        left_out: what it costs to leave each row out.
        price: finds pairs that are cheaper than the prices say.
        begin: prices of the rows to begin with; the better they are guessed, the fewer rounds it takes.
        margin: pairs that cost so much more than their prices stay listed.
        budget: seconds after which the answer is returned with the bound that was reached.
    """
    until = perf_counter() + budget
    fitting = Prices(np.zeros(len(left_out), np.int64), np.zeros(columns, np.int64))
    pairs, _ = price(Prices(begin, fitting.column), FIRST)
    bound, rounds = 0, 0
    while True:
        rounds += 1
        chosen = _match(pairs, left_out, fitting)
        prices = _prices(pairs, chosen, columns, left_out)
        more, too_high = price(prices, ADDED)
        fitting = Prices(prices.row - too_high, prices.column)
        bound = max(bound, int(fitting.row.sum() + fitting.column.sum()))
        if not len(more.row) or perf_counter() > until:
            break
        pairs = pairs.near(prices, margin).joined(more)
    taken = chosen >= 0
    cost = int(pairs.cost[chosen[taken]].sum() + left_out[~taken].sum())
    column, tag = np.full(len(left_out), -1), np.full(len(left_out), -1)
    column[taken], tag[taken] = pairs.column[chosen[taken]], pairs.tag[chosen[taken]]
    return Assignment(column, tag, cost, int(bound), prices.row, rounds)


def _match(pairs: Pairs, left_out: Ints, prices: Prices) -> Ints:
    """Return the chosen pair of each row, -1 for none.

    The solver gets what each pair costs more than prices that fit all of them: then most rows find a pair that costs
    nothing, and only what changed since is searched. Each row has a column of its own that means "left out". So that
    the sum stays the same whether or not a column with a price is used, each of these has a row that takes it, for
    its price, unless another does, and otherwise pays the most that any column's price is, which the other is spared.
    """
    rows = len(left_out)
    if not rows:
        return np.empty(0, np.int64)
    listed = np.zeros(len(prices.column), bool)
    listed[pairs.column] = True
    price, of_pair = prices.column[listed], (np.cumsum(listed) - 1)[pairs.column]
    columns, priced = len(price), np.flatnonzero(price)
    spared = np.where(price != 0, price.min(initial=0) - 1, 0)
    everyone, unused = np.arange(rows), rows + np.arange(len(priced))
    row = np.concatenate([pairs.row, everyone, unused, unused])
    column = np.concatenate([of_pair, columns + everyone, priced, columns + unused])
    more = [
        pairs.cost - prices.row[pairs.row] - price[of_pair] + spared[of_pair],
        left_out - prices.row,
        spared[priced] - price[priced],
        np.zeros(len(priced), np.int64),
    ]
    # above 0, because scipy takes a zero for a pair that is not there
    cost = np.concatenate(more).astype(np.float64) - spared.min(initial=0) + 1.0
    width = columns + rows + len(priced)
    graph = csr_array((cost, (row, column)), shape=(rows + len(priced), width))
    matched_row, matched_column = min_weight_full_bipartite_matching(graph)
    of_row = np.empty(len(matched_row), np.int64)
    of_row[matched_row] = matched_column
    keys = pairs.row * np.int64(width) + of_pair  # sorted
    at = np.searchsorted(keys, everyone * np.int64(width) + of_row[:rows])
    return np.where(of_row[:rows] < columns, at, -1)


def _prices(pairs: Pairs, chosen: Ints, columns: int, left_out: Ints) -> Prices:
    """Return prices that fit an optimal choice: shortest ways in its residual graph (Bellman-Ford), highest columns'.

    The columns' prices are as high as they can be, so that few pairs look cheaper than they are worth.
    """
    taken = chosen >= 0
    paid = np.where(taken, pairs.cost[chosen] if len(pairs.cost) else 0, left_out)
    own = np.where(taken, pairs.column[chosen] if len(pairs.column) else 0, columns)  # one more: never cheaper than 0
    order = np.argsort(pairs.column, kind="stable")
    row, cost = pairs.row[order], pairs.cost[order] - paid[pairs.row[order]]
    there, first = np.unique(pairs.column[order], return_index=True)
    value = np.zeros(columns + 1, np.int64)
    while len(there):
        offered = np.minimum(np.minimum.reduceat(value[own[row]] + cost, first), value[there])
        if np.array_equal(offered, value[there]):
            break
        value[there] = offered
    return Prices(paid - value[own], value[:columns])
