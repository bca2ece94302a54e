"""`make bench-dispatch`: the planner over dense exact solving, repair, greedy, ten times the city, and the way through
the database. The cities are random, the same each time. What is compared is measured in turns; each ratio is the
median of the rounds' own ratios. The last line is JSON.
"""

import json
import resource
from dataclasses import replace
from statistics import median
from time import perf_counter

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from mobilize.dispatch.planner.candidates import match
from mobilize.dispatch.planner.costs import IMPOSSIBLE, MILLI, Pairing, gaps_of, requirements
from mobilize.dispatch.planner.distance import StraightLine
from mobilize.dispatch.planner.drivers import NOBODY, DriverPlan, plan
from mobilize.dispatch.planner.problem import Floats, Problem
from mobilize.dispatch.planner.repair import repair
from tests.bench import through
from tests.bench.stage import say, timed
from tests.dispatch.planner.cities import city

TRAVEL = StraightLine()
ROUNDS = 5
GONE = 0.05  # share of the drivers who fall out
BUDGET = 600.0  # seconds: no plan is cut short


def main() -> None:
    """Run the benchmark and print its figures."""
    figures = exactness() | scarcity() | repairing() | growth()
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    figures |= through.database()
    say(json.dumps(figures))


def exactness() -> dict[str, float]:
    """4,500 drivers and 1,500 trips against scipy's dense solver, and against the greedy way."""
    problem = city(4500, 1500, seed=1)
    costs = every_cost(problem)
    times: dict[str, list[float]] = {"ours": [], "dense": []}
    for _ in range(ROUNDS):
        ours = timed(times["ours"], lambda: plan(problem, TRAVEL, budget=BUDGET))
        chosen = timed(times["dense"], lambda: linear_sum_assignment(costs))
    exact = int(costs[chosen].sum())
    greedy = first_come(problem, costs)
    say(f"4,500 x 1,500     ours {ours.cost:,} proven={ours.proven}, dense {exact:,}, greedy {greedy:,}")
    say(f"  seconds         ours {seconds(times['ours'])}, dense {seconds(times['dense'])}")
    return {
        "cost_over_exact": round(ours.cost / exact, 4),
        "time_over_dense": ratio(times["ours"], times["dense"]),
        "naive_over_ours": round(greedy / ours.cost, 3),
    }


def scarcity() -> dict[str, float]:
    """4,500 trips for 4,500 drivers, of whom too few fit: as many served as a largest matching serves."""
    problem = scarce(4500)
    begun = perf_counter()
    found, _ = match(problem, TRAVEL)
    unserved = int((found.column < 0).sum())
    took = perf_counter() - begun
    possible = csr_array(every_cost(problem) < left_out(problem))
    least = int((maximum_bipartite_matching(possible, perm_type="column") < 0).sum())
    say(f"4,500 x 4,500     {unserved} unserved, of necessity {least}, proven={found.proven}, {took:.1f} s")
    return {"scarce_unserved_excess": unserved - least}


def repairing() -> dict[str, float]:
    """A twentieth of the drivers falls out: who else is moved, and what a plan from the beginning would save."""
    problem = city(4500, 1500, seed=3)
    before = plan(problem, TRAVEL, budget=BUDGET)
    random = np.random.default_rng(3)
    gone = random.choice(4500, int(4500 * GONE), replace=False)
    begun = perf_counter()
    after = repair(problem, before, gone, TRAVEL, budget=BUDGET)
    took = perf_counter() - begun
    whole = repair(problem, nobody(problem), gone, TRAVEL, budget=BUDGET)
    stays = (before.driver != NOBODY) & ~np.isin(before.driver, gone)
    moved, would = (int((each.driver != before.driver)[stays].sum()) for each in (after, whole))
    costs = [total(problem, each) for each in (after, whole)]
    say(f"repair            {(~stays).sum()} trips anew in {took:.2f} s, {moved} others moved; planned anew: {would}")
    return {"repair_moved": moved, "repair_cost_ratio": round(costs[0] / costs[1], 4)}


def growth() -> dict[str, float]:
    """Ten times the city."""
    sizes = {"small": city(4500, 450, seed=4), "large": city(45_000, 4500, seed=4)}
    times: dict[str, list[float]] = {name: [] for name in sizes}
    for _ in range(ROUNDS):
        for name, problem in sizes.items():
            found = timed(times[name], lambda problem=problem: plan(problem, TRAVEL, budget=BUDGET))
    say(f"45,000 x 4,500    {seconds(times['large'])} s, proven={found.proven}")
    say(f" 4,500 x   450    {seconds(times['small'])} s")
    return {"large_seconds_over_small": ratio(times["large"], times["small"])}


def scarce(size: int) -> Problem:
    """Return as many trips as drivers, two in five with a clearance that three in ten drivers have."""
    problem, random = city(size, size, seed=2, day=120.0), np.random.default_rng(2)
    able, needs = random.random(size) < 0.3, random.random(size) < 0.4
    return replace(
        problem,
        drivers=replace(problem.drivers, able=able.astype(np.int64)),
        trips=replace(problem.trips, needs=needs.astype(np.int64)),
    )


def left_out(problem: Problem) -> int:
    """What a trip costs that is left out; all weigh the same here."""
    return round(problem.rules.unserved * MILLI)


def every_cost(problem: Problem) -> Floats:
    """Return what each trip (row) costs with each driver, at most what it costs to leave it out.

    With at least as many drivers as trips, a trip that is left out can always take the column of a driver who is not
    needed, so no columns for that are added; this is the fastest form for a dense solver.
    """
    pairing = Pairing(problem, gaps_of(problem), TRAVEL)
    costs = np.full((len(problem.trips), len(problem.drivers)), left_out(problem))
    for group in requirements(problem, pairing.gaps):
        for trip in group.trips:
            row = np.full(len(group.gaps), trip)
            cost = pairing.cost(row, group.gaps, pairing.way(row, group.gaps))
            possible = cost < IMPOSSIBLE
            np.minimum.at(costs[trip], pairing.gaps.driver[group.gaps[possible]], cost[possible])
    return costs.astype(np.float64)


def first_come(problem: Problem, costs: Floats) -> int:
    """Return what it costs to give each trip, in the order in which it is due, the driver who is cheapest then."""
    costs, paid = costs.copy(), 0.0
    for trip in np.argsort(problem.trips.due, kind="stable"):
        driver = np.argmin(costs[trip])
        paid += costs[trip, driver]
        if costs[trip, driver] < left_out(problem):
            costs[:, driver] = left_out(problem)
    return int(paid)


def nobody(problem: Problem) -> DriverPlan:
    """Return a plan in which nobody serves anything."""
    nothing = np.full(len(problem.trips), np.nan)
    return DriverPlan(np.full(len(problem.trips), NOBODY), nothing, nothing, 0, 0)


def total(problem: Problem, found: DriverPlan) -> float:
    """Return what a plan costs: ways, lateness, fairness, and trips left out; minutes."""
    served = np.flatnonzero(found.driver != NOBODY)
    late = found.pickup[served] - problem.trips.due[served]
    hours = problem.drivers.hours_served[found.driver[served]]
    rules = problem.rules
    spent = found.way[served] + rules.late * late + rules.fairness * hours**2
    return float(spent.sum() + rules.unserved * len(found.unserved))


def ratio(ours: list[float], others: list[float]) -> float:
    return round(median(a / b for a, b in zip(ours, others, strict=True)), 3)


def seconds(times: list[float]) -> str:
    return f"{median(times):.2f} ({min(times):.2f} to {max(times):.2f})"


if __name__ == "__main__":
    main()
