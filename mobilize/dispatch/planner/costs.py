"""Which driver can do which trip in which gap of her day, and what it costs.

A driver's day is a row of gaps: from where and when she is free until the first commitment, then from the end of each
commitment until the next one. A trip goes into one gap, so nothing that is promised already moves.
"""

from dataclasses import dataclass

import numpy as np

from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.problem import NEVER, Floats, Ints, Problem, _Table

MILLI = 1000.0
IMPOSSIBLE = np.int64(2**52)


@dataclass(frozen=True)
class Gaps(_Table):
    """Stretches of time in which a driver could do something more; a row for each.

    Attributes:
        driver: row in Drivers.
        x, y: where she is when it begins, km.
        free_from: when it begins, minutes.
        next_at: when the next commitment begins; infinite when there is none.
        next_x, next_y: where.
        off_at: when the driver must be done.
        minutes_left: of the driver's duty.
        fairness: what her hours cost, thousandths of a minute.
    """

    driver: Ints
    x: Floats
    y: Floats
    free_from: Floats
    next_at: Floats
    next_x: Floats
    next_y: Floats
    off_at: Floats
    minutes_left: Floats
    fairness: Ints


def gaps_of(problem: Problem) -> Gaps:
    """Cut every driver's day into gaps, in the order of drivers and time."""
    drivers, busy = problem.drivers, problem.commitments
    everybody = np.arange(len(drivers))
    driver = np.concatenate([everybody, busy.driver])
    begins = np.concatenate([np.full(len(drivers), -NEVER), busy.starts])
    order = np.lexsort((begins, driver))
    driver = driver[order]
    free_from = np.maximum(np.concatenate([drivers.free_from, busy.ends])[order], drivers.free_from[driver])
    followed = np.append(driver[1:] == driver[:-1], False)

    def following(values: Floats, home: Floats, otherwise: float) -> Floats:
        here = np.concatenate([home, values])[order]
        return np.where(followed, np.append(here[1:], otherwise), otherwise)

    hours = np.maximum(drivers.hours_served, 0.0)
    fairness = np.rint(hours**2 * problem.rules.fairness * MILLI).astype(np.int64)
    return Gaps(
        driver=driver,
        x=np.concatenate([drivers.x, busy.to_x])[order],
        y=np.concatenate([drivers.y, busy.to_y])[order],
        free_from=free_from,
        next_at=following(busy.starts, drivers.x, NEVER),
        next_x=following(busy.x, drivers.x, 0.0),
        next_y=following(busy.y, drivers.y, 0.0),
        off_at=drivers.off_at[driver],
        minutes_left=drivers.minutes_left[driver],
        fairness=fairness[driver],
    )


@dataclass(frozen=True)
class Pairing:
    """The costs of a problem's pairs.

    Attributes:
        problem: whose.
        gaps: of its drivers.
        travel: answers for ways.
    """

    problem: Problem
    gaps: Gaps
    travel: Travel

    def way(self, trip: Ints, gap: Ints) -> Floats:
        """Return the minutes from where each gap begins to where its trip begins."""
        gaps, trips = self.gaps, self.problem.trips
        return self.travel.minutes(gaps.x[gap], gaps.y[gap], trips.x[trip], trips.y[trip])

    def onward(self, trip: Ints, gap: Ints) -> Floats:
        """Return the minutes from where each trip ends to the driver's next commitment, 0 without one."""
        gaps, trips = self.gaps, self.problem.trips
        minutes = np.zeros(len(trip))
        some = np.flatnonzero(np.isfinite(gaps.next_at[gap]))
        t, g = trip[some], gap[some]
        minutes[some] = self.travel.minutes(trips.to_x[t], trips.to_y[t], gaps.next_x[g], gaps.next_y[g])
        return minutes

    def cost(self, trip: Ints, gap: Ints, way: Floats) -> Ints:
        """Return what each pair costs, IMPOSSIBLE where times or duty do not allow it.

        A way may make a driver late; another commitment or her rest may not: from the due time on the trip is hers.

        Seats, load and skills are not looked at: see `Requirement`.

        Args:
            trip, gap: rows, pair by pair.
            way: as the method of that name gives it.
        """
        gaps, trips = self.gaps, self.problem.trips
        due = trips.due[trip]
        pickup = np.maximum(gaps.free_from[gap] + way, due)
        minutes = trips.minutes[trip]
        ends = pickup + minutes
        possible = (
            (pickup <= trips.latest[trip])
            & (gaps.free_from[gap] <= due)
            & (ends <= gaps.off_at[gap])
            & (ends + self.onward(trip, gap) <= gaps.next_at[gap])
            & (way + minutes <= gaps.minutes_left[gap])
            & (way <= self.problem.rules.farthest)
            & ~self.problem.barred.has(trip, gaps.driver[gap])
        )
        spent = np.rint((way + self.problem.rules.late * (pickup - due)) * MILLI).astype(np.int64)
        return np.where(possible, spent + gaps.fairness[gap], IMPOSSIBLE)


@dataclass(frozen=True)
class Requirement:
    """What a group of trips demands alike.

    Attributes:
        trips: rows of the trips.
        gaps: rows of the gaps whose drivers and vehicles fulfil it.
    """

    trips: Ints
    gaps: Ints


def requirements(problem: Problem, gaps: Gaps) -> list[Requirement]:
    """Group the trips by what they demand, and find who fulfils it."""
    trips, drivers = problem.trips, problem.drivers
    demands = np.stack([trips.seats, trips.load_kg, trips.needs], axis=1)
    different, group = np.unique(demands, axis=0, return_inverse=True)
    found = []
    for number, (seats, load_kg, needs) in enumerate(different):
        fits = (drivers.seats >= seats) & (drivers.load_kg >= load_kg) & ((drivers.able & needs) == needs)
        found.append(Requirement(np.flatnonzero(group.ravel() == number), np.flatnonzero(fits[gaps.driver])))
    return found
