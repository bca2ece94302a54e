"""What a plan is made from, as arrays of equal length."""

from dataclasses import dataclass, field, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEVER = np.inf


class _Table:
    """Arrays of one length, a row for each thing."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]

    def rows(self, chosen: Ints) -> Self:
        """Return the table of these rows alone, in this order."""
        return type(self)(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Drivers(_Table):
    """Drivers with their vehicles; a row for each.

    Attributes:
        x, y: where she is, km.
        free_from: when she can set out at the earliest, minutes; her rest is over by then.
        off_at: when she must be done, minutes.
        minutes_left: of duty that she may still do today.
        hours_served: by now, for fairness.
        seats, load_kg: of the vehicle.
        able: bits of skills and clearances, see `Trips.needs`.
    """

    x: Floats
    y: Floats
    free_from: Floats
    off_at: Floats
    minutes_left: Floats
    hours_served: Floats
    seats: Ints
    load_kg: Ints
    able: Ints


@dataclass(frozen=True)
class Trips(_Table):
    """Transport needs, each for one vehicle; a row for each.

    Attributes:
        x, y: where it begins, km.
        to_x, to_y: where it ends, km.
        due: when the vehicle is wanted, minutes; it waits when it comes earlier.
        latest: when it is of no use any more, minutes.
        minutes: from the pick-up to the end.
        seats, load_kg: needed.
        needs: bits that the driver's `able` must contain.
        weight: how much worse it is to leave it out than one of weight 1.
    """

    x: Floats
    y: Floats
    to_x: Floats
    to_y: Floats
    due: Floats
    latest: Floats
    minutes: Floats
    seats: Ints
    load_kg: Ints
    needs: Ints
    weight: Ints


@dataclass(frozen=True)
class Commitments(_Table):
    """What drivers have to do already, each from `starts` to `ends`; no two of one driver overlap.

    Attributes:
        driver: row in Drivers.
        starts, ends: minutes.
        x, y: where it begins, km.
        to_x, to_y: where it ends, km.
    """

    driver: Ints
    starts: Floats
    ends: Floats
    x: Floats
    y: Floats
    to_x: Floats
    to_y: Floats

    @classmethod
    def none(cls) -> Self:
        """Return an empty table."""
        return cls(np.empty(0, np.int64), *(np.empty(0) for _ in range(6)))


@dataclass(frozen=True)
class Barred(_Table):
    """Pairs that are not allowed, say because the driver said no to the trip.

    Attributes:
        trip, driver: rows.
    """

    trip: Ints
    driver: Ints

    @classmethod
    def none(cls) -> Self:
        """Return an empty table."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))

    def has(self, trip: Ints, driver: Ints) -> NDArray[np.bool_]:
        """Tell of each pair whether it is one of these."""
        if not len(self.trip):
            return np.zeros(len(trip), bool)
        drivers = 1 + max(driver.max(initial=0), self.driver.max())
        return np.isin(trip * drivers + driver, self.trip * drivers + self.driver)

    def joined(self, other: "Barred") -> "Barred":
        """Return the pairs of both."""
        return Barred(np.concatenate([self.trip, other.trip]), np.concatenate([self.driver, other.driver]))


@dataclass(frozen=True)
class Rules:
    """What a plan weighs.

    Attributes:
        late: cost of a minute late, in minutes of travel.
        fairness: cost of the square of an hour served, in minutes of travel.
        unserved: cost of a trip of weight 1 that is left out, in minutes of travel; more than any chain of changes
            that could serve it.
        farthest: minutes of way to a pick-up at most.
        split: cost of each fleet that comes to a task in fleets mode, in minutes of travel; more than the ways that
            another fleet could save.
    """

    late: float = 3.0
    fairness: float = 0.5
    unserved: float = 1_000_000.0
    farthest: float = NEVER
    split: float = 2_000.0


@dataclass(frozen=True)
class Problem:
    """A planning problem."""

    drivers: Drivers
    trips: Trips
    commitments: Commitments = field(default_factory=Commitments.none)
    rules: Rules = field(default_factory=Rules)
    barred: Barred = field(default_factory=Barred.none)

    def sample(self, every: int) -> Self:
        """Return the problem of every so many-th driver and trip."""
        drivers = np.arange(0, len(self.drivers), every)
        busy = self.commitments.rows(np.flatnonzero(self.commitments.driver % every == 0))
        barred = self.barred.rows(np.flatnonzero(self.barred.driver % every == 0))
        fewer = replace(
            self,
            drivers=self.drivers.rows(drivers),
            commitments=replace(busy, driver=busy.driver // every),
            barred=replace(barred, driver=barred.driver // every),
        )
        return fewer.of_trips(np.arange(0, len(self.trips), every))

    def of_trips(self, chosen: Ints) -> Self:
        """Return the problem of these trips alone, in this order; one that is named twice is there twice."""
        order = np.argsort(chosen, kind="stable")
        times = np.bincount(chosen, minlength=len(self.trips))
        pair = np.repeat(np.arange(len(self.barred)), times[self.barred.trip])
        first = np.searchsorted(chosen, self.barred.trip[pair], sorter=order)
        trip = order[first + np.arange(len(pair)) - np.searchsorted(pair, pair)]
        barred = Barred(trip, self.barred.driver[pair])
        return replace(self, trips=self.trips.rows(chosen), barred=barred)
