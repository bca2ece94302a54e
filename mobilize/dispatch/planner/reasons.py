"""Why a driver was chosen, and why a trip is left: as data, from which a face makes sentences."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from mobilize.dispatch.planner.costs import Pairing, gaps_of
from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.drivers import NOBODY, DriverPlan
from mobilize.dispatch.planner.problem import NEVER, Floats, Ints, Problem


class Rule(StrEnum):
    """What keeps a driver from a trip, in the order in which it is asked."""

    SEATS = "seats"
    LOAD = "load"
    CLEARANCE = "clearance"  # a skill or a clearance is missing
    SAID_NO = "said_no"
    OFF = "off"  # off duty, or not rested, all through the trip
    DUTY = "duty"  # more than the hours she may still do
    LATE = "late"  # cannot be there in time
    BUSY = "busy"  # promised elsewhere
    FAR = "far"  # farther than the circle that is searched
    TAKEN = "taken"  # fits, but serves another trip


@dataclass(frozen=True)
class Chosen:
    """Reasons for trips that are served; a row for each.

    Attributes:
        trip, driver: rows.
        km: of the way to the pick-up, as the crow flies.
        minutes: of that way.
        late: minutes after the due time.
        spare_seats, spare_kg: of the vehicle.
        hours_served: of the driver before.
        rested: minutes between her last commitment and setting out; infinite when there is none.
    """

    trip: Ints
    driver: Ints
    km: Floats
    minutes: Floats
    late: Floats
    spare_seats: Ints
    spare_kg: Ints
    hours_served: Floats
    rested: Floats


@dataclass(frozen=True)
class Missed:
    """Why a trip is left.

    Attributes:
        trip: row.
        rule: what kept away the driver who came nearest to serving it.
        drivers: how many drivers that rule kept away, among those whom no earlier one did.
        nearest: row of that driver, NOBODY without any drivers.
        by: by how much: seats, kg or minutes; 0 where there is no measure.
    """

    trip: int
    rule: Rule
    drivers: int
    nearest: int
    by: float


def why(problem: Problem, plan: DriverPlan, travel: Travel) -> Chosen:
    """Return the reasons of every trip that is served."""
    trip = np.flatnonzero(plan.driver != NOBODY)
    driver, trips, drivers = plan.driver[trip], problem.trips, problem.drivers
    sets_out = plan.pickup[trip] - plan.way[trip]
    before = np.full(len(trip), -NEVER)
    ends = np.concatenate([problem.commitments.ends, (plan.pickup + trips.minutes)[trip]])
    whose = np.concatenate([problem.commitments.driver, driver])
    order = np.lexsort((ends, whose))
    whose, ends = whose[order], ends[order]
    for row, (who, at) in enumerate(zip(driver, sets_out, strict=True)):
        mine = ends[np.searchsorted(whose, who) : np.searchsorted(whose, who, side="right")]
        last = np.searchsorted(mine, at + 1e-9, side="right")
        before[row] = mine[last - 1] if last else -NEVER
    return Chosen(
        trip=trip,
        driver=driver,
        km=travel.reach(plan.way[trip]),
        minutes=plan.way[trip],
        late=plan.pickup[trip] - trips.due[trip],
        spare_seats=drivers.seats[driver] - trips.seats[trip],
        spare_kg=drivers.load_kg[driver] - trips.load_kg[trip],
        hours_served=drivers.hours_served[driver],
        rested=sets_out - before,
    )


def why_not(problem: Problem, plan: DriverPlan, travel: Travel) -> list[Missed]:
    """Return for every trip that is left which rule left it, and who came nearest.

    Rules are asked in the order of `Rule`. The rule told is the last that anybody stumbled over: those it kept away
    kept all the others.
    """
    pairing = Pairing(problem, gaps_of(problem), travel)
    serves = np.isin(np.arange(len(problem.drivers)), plan.driver)
    return [_missed(pairing, int(trip), serves) for trip in plan.unserved]


def _missed(pairing: Pairing, trip: int, serves: NDArray[np.bool_]) -> Missed:
    drivers, trips, gaps = pairing.problem.drivers, pairing.problem.trips, pairing.gaps
    if not len(drivers):
        return Missed(trip, Rule.OFF, 0, NOBODY, 0.0)
    everyone = np.arange(len(drivers))
    row = np.full(len(gaps), trip)
    way = pairing.way(row, np.arange(len(gaps)))
    free_from = gaps.free_from + way
    pickup = np.maximum(free_from, trips.due[trip])
    ends = pickup + trips.minutes[trip]
    onward = pairing.onward(row, np.arange(len(gaps)))

    def least(of_gap: Floats) -> Floats:
        """The least of each driver's gaps."""
        best = np.full(len(drivers), NEVER)
        np.minimum.at(best, gaps.driver, of_gap)
        return best

    missing = trips.needs[trip] & ~drivers.able
    kept_by = [
        (Rule.SEATS, (trips.seats[trip] - drivers.seats).astype(float)),
        (Rule.LOAD, (trips.load_kg[trip] - drivers.load_kg).astype(float)),
        (Rule.CLEARANCE, np.bitwise_count(missing).astype(float)),
        (Rule.SAID_NO, least(np.where(pairing.problem.barred.has(row, gaps.driver), 1.0, 0.0))),
        (Rule.OFF, np.maximum(least(ends - gaps.off_at), drivers.free_from - trips.due[trip])),
        (Rule.DUTY, least(way) + trips.minutes[trip] - drivers.minutes_left),
        (Rule.LATE, drivers.free_from + least(way) - trips.latest[trip]),
        (
            Rule.BUSY,
            least(
                np.maximum(
                    np.maximum(gaps.free_from - trips.due[trip], free_from - trips.latest[trip]),
                    ends + onward - gaps.next_at,
                )
            ),
        ),
        (Rule.FAR, least(way) - pairing.problem.rules.farthest),
    ]
    left = everyone
    told = Missed(trip, Rule.TAKEN, 0, NOBODY, 0.0)
    for rule, by in kept_by:
        stumbled = left[by[left] > 0]
        if len(stumbled):
            nearest = stumbled[np.argmin(by[stumbled])]
            told = Missed(trip, rule, len(stumbled), int(nearest), float(by[nearest]))
        left = left[by[left] <= 0]
        if not len(left):
            return told
    nearest = left[np.argmin(least(way)[left])]
    return Missed(trip, Rule.TAKEN, int(serves[left].sum()), int(nearest), 0.0)
