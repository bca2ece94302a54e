"""Repair: trips whose driver fell out are planned anew, and nobody else is moved."""

from dataclasses import replace

import numpy as np

from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.drivers import NOBODY, DriverPlan, committed, plan
from mobilize.dispatch.planner.problem import Ints, Problem


def repair(problem: Problem, before: DriverPlan, gone: Ints, travel: Travel, *, budget: float = 5.0) -> DriverPlan:
    """Plan the trips of drivers who are gone, and those nobody served; all other trips stay as they are.

    Args:
        problem: what the plan was made from.
        before: the plan.
        gone: rows of drivers who declined, are silent or broke down; they get nothing any more.
        travel: answers for ways.
        budget: seconds.
    Returns:
        A plan for all trips; cost and bound are of the repaired ones alone.
    """
    stays = (before.driver != NOBODY) & ~np.isin(before.driver, gone)
    kept, open_trips = np.flatnonzero(stays), np.flatnonzero(~stays)
    rest = committed(problem, kept, before.driver[kept], before.way[kept], before.pickup[kept])
    off_at = rest.drivers.off_at.copy()
    off_at[gone] = -np.inf
    rest = replace(rest, drivers=replace(rest.drivers, off_at=off_at)).of_trips(open_trips)
    found = plan(rest, travel, budget=budget)
    driver, way, pickup = before.driver.copy(), before.way.copy(), before.pickup.copy()
    driver[open_trips], way[open_trips], pickup[open_trips] = found.driver, found.way, found.pickup
    return replace(found, driver=driver, way=way, pickup=pickup)
