"""What the planner plans with: rows of the database as its arrays, in five statements however many rows there are.

Minute 0 is now. A driver is where her last trip ended, when that was at most three hours ago; else at her fleet's
base; else in the middle of the places that are known.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from numpy.typing import NDArray

from mobilize.attendance.models import ServiceRecord
from mobilize.core import bulk
from mobilize.dispatch import queries
from mobilize.dispatch.models import Assignment, Offer, Trip
from mobilize.dispatch.planner.distance import plane
from mobilize.dispatch.planner.problem import NEVER, Barred, Commitments, Drivers, Floats, Ints, Problem, Trips
from mobilize.dispatch.states import UNDER_WAY, OfferStatus, TripStatus
from mobilize.fleets.models import Driver
from mobilize.fleets.states import FleetStatus
from mobilize.tasks.models import Task

Bools = NDArray[np.bool_]

POSITION_LASTS = timedelta(hours=3)
LATE_AT_MOST = timedelta(minutes=30)
REFRIGERATED, WHEELCHAIR, AIRPORT = 1, 2, 4
ASKED = -NEVER
WEIGHT = 3  # leaving out an urgent need is so many times worse than a normal one; one at once so many times more again


@dataclass(frozen=True)
class Situation:
    """Who could serve what.

    Attributes:
        problem: of the planner; a row in `trips` for each task. A driver with an open offer of her own has no minutes
            left, because she gets no second one.
        tasks: what vehicles are wanted for.
        drivers: ids, in the planner's order.
        fleets: ids.
        fleet: row in `fleets` of each driver.
        around: latitude and longitude where x and y are 0.
        now: when minute 0 is.
        without_position: of how many drivers nobody knows where they are.
    """

    problem: Problem
    tasks: list[Task]
    drivers: list[UUID]
    fleets: list[UUID]
    fleet: Ints
    around: tuple[float, float]
    now: datetime
    without_position: int

    def may_take(self, row: int) -> Bools:
        """Tell which drivers fit a task, have time and hours for it, and may be asked: those who could accept it."""
        everybody = np.arange(len(self.drivers))
        return self.may_take_each(np.full(len(everybody), row), everybody)

    def may_take_each(self, row: Ints, driver: Ints) -> Bools:
        """Tell of each pair of a task and a driver what `may_take` does."""
        rows, at = np.unique(row, return_inverse=True)
        starts = self.problem.trips.due[row]
        # exactly as they are: who ends when another begins is free
        ends = np.array([_minutes(self.tasks[one].ends_at - self.now) for one in rows])[at]
        trips, people = self.problem.trips.rows(row), self.problem.drivers.rows(driver)
        return (
            (people.seats >= trips.seats)
            & (people.load_kg >= trips.load_kg)
            & ((people.able & trips.needs) == trips.needs)
            & (people.free_from <= starts)
            & (people.off_at >= ends)
            & (people.minutes_left >= ends - starts)
            & ~_busy(self.problem.commitments, driver, starts, ends)
            & ~self.problem.barred.has(row, driver)
        )

    def of_fleet(self, fleet_id: UUID) -> Bools:
        """Tell which drivers are a fleet's."""
        return self.fleet == (self.fleets.index(fleet_id) if fleet_id in self.fleets else -1)

    def asked(self, driver: int) -> bool:
        """Tell whether a driver has an open offer of her own."""
        return bool(self.problem.drivers.minutes_left[driver] == ASKED)


class _Want(NamedTuple):
    """A vehicle that is wanted: when (minutes), for what, from where to where (degrees)."""

    starts: float
    ends: float
    seats: int
    load_kg: int
    refrigerated: bool
    wheelchair: bool
    airport: bool
    latitude: Any
    longitude: Any
    to_latitude: Any
    to_longitude: Any

    @classmethod
    def of(cls, task: Task, times: tuple[datetime, datetime], now: datetime) -> "_Want":
        starts, ends = (_minutes(at - now) for at in times)
        return cls(starts, ends, *_of_task(task))

    @property
    def needs(self) -> int:
        return REFRIGERATED * self.refrigerated + WHEELCHAIR * self.wheelchair + AIRPORT * self.airport


_ROSTER = [
    "pk", "fleet_id", "worker_id", "airport", "fleet__latitude", "fleet__longitude",
    "vehicle__seats", "vehicle__load_kg", "vehicle__refrigerated", "vehicle__wheelchair",
]  # fmt: skip
_PLACES = ["site__latitude", "site__longitude", "destination__latitude", "destination__longitude"]
_TASK = ["seats_min", "load_kg_min", "refrigerated", "wheelchair", "airport", *_PLACES]
_of_task = attrgetter(*(path.replace("__", ".") for path in _TASK))


def read(
    *,
    tasks: Sequence[Task],
    drivers: QuerySet[Driver],
    promised: Collection[Assignment] = (),
    struck: Collection[Sequence[str]] = (),
    day: date,
    now: datetime,
) -> Situation:
    """Return the situation on one day.

    Args:
        tasks: transport tasks of that day, with campaign, site and destination.
        drivers: who may be asked; those who are off the roster or have no vehicle are left out.
        promised: assignments that are settled already: who serves them is not free then.
        struck: ids of a task and of a fleet or driver that is not wanted for it.
        day: in the city's zone; its duty hours are counted, and from duties of other days there is a rest.
        now: current time.
    """
    able = drivers.filter(active=True, vehicle__active=True, fleet__status=FleetStatus.ENROLLED)
    roster = able.order_by("created_at", "pk").values_list(*_ROSTER)
    ids, fleet_ids, workers, airport, latitude, longitude, seats, load_kg, cold, wheelchair = (
        zip(*roster, strict=True) if roster else [()] * len(_ROSTER)
    )
    row_of = {pk: row for row, pk in enumerate(ids)}
    rest = timedelta(hours=max((task.campaign.rest_hours for task in tasks), default=0))
    midnight = datetime.combine(day, time.min, timezone.get_current_timezone())
    past, ahead = _trips(row_of, since=min(now - POSITION_LASTS, midnight - rest), now=now)

    place, known, around = _places(np.array([latitude, longitude], float).reshape(2, -1), past, tasks)
    x, y = plane(*place, around=around)
    zeros = np.zeros(len(roster))
    people = Drivers(
        x=x,
        y=y,
        free_from=zeros,
        off_at=zeros,
        minutes_left=zeros,
        hours_served=zeros,
        seats=np.array(seats, np.int64),
        load_kg=np.array(load_kg, np.int64),
        able=np.array([REFRIGERATED, WHEELCHAIR, AIRPORT])
        @ np.array([cold, wheelchair, airport], np.int64).reshape(3, -1),
    )
    fleet_row = {pk: row for row, pk in enumerate(dict.fromkeys(fleet_ids))}
    fleet = np.array([fleet_row[pk] for pk in fleet_ids], np.int64)
    # A driver who is asked herself is not her fleet's to give; of a fleet whatever can do least is set aside first, so
    # that the rest can do most.
    offers = sorted(_open_offers(now), key=attrgetter("whole"))
    ability = np.argsort(np.lexsort([people.load_kg, people.seats, np.bitwise_count(people.able)]))
    for claim in [*offers, *_claims(promised, now)]:
        some = _rows_of(claim.who, row_of, fleet_row, fleet)
        if claim.whole:
            some = some[_free(people, _commitments(ahead, around), claim.want)[some]]
            some = some[np.argsort(ability[some])][: claim.vehicles]
        ahead += [(int(row), claim.want) for row in some]
    busy = _commitments(ahead, around)
    duty = _Duty(
        begins=_minutes(midnight - now),
        ends=_minutes(midnight + timedelta(days=1) - now),
        limit=60.0 * min((task.campaign.duty_hours for task in tasks), default=0),
        rest=_minutes(rest),
    )
    people = _on_duty(people, busy, past, _served(workers, day), duty)
    people.minutes_left[[row_of[offer.who] for offer in offers if offer.who in row_of]] = ASKED
    trips = _wanted(tasks, around, now)
    barred = _not_again(tasks, struck, row_of, fleet_row, fleet)
    return Situation(
        problem=Problem(people, trips, busy, barred=barred),
        tasks=list(tasks),
        drivers=list(ids),
        fleets=list(fleet_row),
        fleet=fleet,
        around=around,
        now=now,
        without_position=int((~known).sum()),
    )


class _Duty(NamedTuple):
    """A day and its limits, in minutes."""

    begins: float
    ends: float
    limit: float
    rest: float


class _Past(NamedTuple):
    """Trips that are over, in the order of their ends; minutes, and where they led to in degrees."""

    driver: Ints
    starts: Floats
    ends: Floats
    to: Floats


class _Claim(NamedTuple):
    """Vehicles that are as good as given away: a driver's, or some of a fleet's."""

    who: UUID
    whole: bool
    vehicles: int
    want: _Want


def _minutes(span: timedelta) -> float:
    """Return a span in minutes, to 1/1024: sums and differences of such are exact, so what fits to the minute fits."""
    return round(span.total_seconds() / 60 * 1024) / 1024


def _trips(row_of: Mapping[UUID, int], *, since: datetime, now: datetime) -> tuple[_Past, list[tuple[int, _Want]]]:
    """Return trips that are over, and those under way or ahead with the driver's row."""
    rows = (
        Trip.objects.annotate(ended=Coalesce("completed_at", "ends_at"), began=Coalesce("en_route_at", "starts_at"))
        .filter(Q(status__in=UNDER_WAY) | Q(status=TripStatus.COMPLETED), ended__gte=since)
        .order_by("ended", "pk")
        .values_list("driver_id", "status", "began", "starts_at", "ended", *(f"task__{path}" for path in _TASK))
    )
    past, ahead = [], []
    for driver, status, began, starts, ended, *task in rows:
        row = row_of.get(driver)
        if row is None:
            continue
        if status == TripStatus.COMPLETED:
            past.append((row, _minutes(began - now), _minutes(ended - now), *task[-2:]))
        else:
            # one that should have ended is not over before now
            ahead.append((row, _Want(_minutes(starts - now), max(_minutes(ended - now), 0.0), *task)))
    driver, begins, ends, *to = np.array(past, float).reshape(-1, 5).T
    return _Past(driver.astype(np.int64), begins, ends, np.array(to)), ahead


def _places(base: Floats, past: _Past, tasks: Sequence[Task]) -> tuple[Floats, Bools, tuple[float, float]]:
    """Return where each driver is, in degrees, whether that is known, and the middle of all known places."""
    place = base.copy()
    recent = past.ends >= -_minutes(POSITION_LASTS)
    place[:, past.driver[recent]] = past.to[:, recent]  # the last one of a driver stays
    known = ~np.isnan(place[0])
    sites = np.array([[task.site.latitude, task.site.longitude] for task in tasks], float).reshape(-1, 2)
    somewhere = np.concatenate([place[:, known], sites.T], axis=1)
    around = tuple(somewhere.mean(axis=1).tolist()) if somewhere.size else (0.0, 0.0)
    place[:, ~known] = np.array(around)[:, None]
    return place, known, around


def _open_offers(now: datetime) -> list[_Claim]:
    rows = Offer.objects.filter(status=OfferStatus.OFFERED).order_by("created_at", "pk")
    fields = ["driver_id", "fleet_id", "vehicles_offered", "task__starts_at", "task__ends_at"]
    return [
        _Claim(driver or fleet, driver is None, vehicles, _Want(_minutes(starts - now), _minutes(ends - now), *task))
        for driver, fleet, vehicles, starts, ends, *task in rows.values_list(*fields, *(f"task__{p}" for p in _TASK))
    ]


def _claims(promised: Collection[Assignment], now: datetime) -> list[_Claim]:
    return [
        _Claim(
            each.driver_id or each.fleet_id,  # type: ignore[arg-type]  # one of them by a constraint
            each.driver_id is None,
            each.vehicles,
            _Want.of(each.task, queries.trip_times(each.task, now=now), now),
        )
        for each in promised
    ]


def _rows_of(who: UUID, row_of: Mapping[UUID, int], fleet_row: Mapping[UUID, int], fleet: Ints) -> Ints:
    """Return the row of a driver, or those of a fleet's drivers."""
    if who in row_of:
        return np.array([row_of[who]], np.int64)
    return np.flatnonzero(fleet == fleet_row[who]) if who in fleet_row else np.empty(0, np.int64)


def _commitments(ahead: Sequence[tuple[int, _Want]], around: tuple[float, float]) -> Commitments:
    fields = [(row, want.starts, want.ends, *want[-4:]) for row, want in ahead]
    driver, starts, ends, latitude, longitude, to_latitude, to_longitude = np.array(fields, float).reshape(-1, 7).T
    return Commitments(
        driver.astype(np.int64),
        starts,
        ends,
        *plane(latitude, longitude, around=around),
        *plane(to_latitude, to_longitude, around=around),
    )


def _free(people: Drivers, busy: Commitments, want: _Want) -> Bools:
    overlapping = busy.driver[(busy.starts < want.ends) & (busy.ends > want.starts)]
    fits = (people.seats >= want.seats) & (people.load_kg >= want.load_kg) & ((people.able & want.needs) == want.needs)
    fits[overlapping] = False
    return fits


def _busy(commitments: Commitments, driver: Ints, starts: Floats, ends: Floats) -> Bools:
    """Tell of each driver whether she has a commitment within her times."""
    order = np.argsort(commitments.driver, kind="stable")
    sorted_ = commitments.driver[order]
    first, last = np.searchsorted(sorted_, driver), np.searchsorted(sorted_, driver, side="right")
    pair = np.repeat(np.arange(len(driver)), last - first)
    theirs = order[first[pair] + np.arange(len(pair)) - np.searchsorted(pair, pair)]
    overlaps = (commitments.starts[theirs] < ends[pair]) & (commitments.ends[theirs] > starts[pair])
    busy = np.zeros(len(driver), bool)
    busy[pair[overlaps]] = True
    return busy


def _wanted(tasks: Sequence[Task], around: tuple[float, float], now: datetime) -> Trips:
    wants = [_Want.of(task, queries.trip_times(task, now=now), now) for task in tasks]
    starts, ends, seats, load_kg, *_needs, latitude, longitude, to_latitude, to_longitude = (
        np.array(wants, float).reshape(-1, len(_Want._fields)).T
    )
    x, y = plane(latitude, longitude, around=around)
    to_x, to_y = plane(to_latitude, to_longitude, around=around)
    return Trips(
        x=x,
        y=y,
        to_x=to_x,
        to_y=to_y,
        due=starts,
        latest=starts + _minutes(LATE_AT_MOST),
        minutes=ends - starts,
        seats=seats.astype(np.int64),
        load_kg=load_kg.astype(np.int64),
        needs=np.array([want.needs for want in wants], np.int64),
        weight=np.array([WEIGHT ** (task.urgency - 1) for task in tasks], np.int64),
    )


def _not_again(
    tasks: Sequence[Task],
    struck: Collection[Sequence[str]],
    row_of: Mapping[UUID, int],
    fleet_row: Mapping[UUID, int],
    fleet: Ints,
) -> Barred:
    """Return who is not asked for a task: who said no to it or is struck out, and a fleet's drivers when that is so of
    their fleet, or it is being asked.
    """
    task_row = {task.pk: row for row, task in enumerate(tasks)}
    answered = Q(status=OfferStatus.DECLINED) | Q(status=OfferStatus.OFFERED, fleet__isnull=False)
    offers = Offer.objects.filter(answered, task__in=bulk.among(task_row))
    pairs = offers.values_list("task_id", Coalesce("driver_id", "fleet_id")).order_by().distinct()
    barred = Barred.none()
    for task, who in sorted({*pairs, *((UUID(task), UUID(who)) for task, who in struck)}):
        if task in task_row:
            some = _rows_of(who, row_of, fleet_row, fleet)
            barred = barred.joined(Barred(np.full(len(some), task_row[task]), some))
    return barred


def _served(workers: Sequence[UUID], day: date) -> Floats:
    """Return the minutes each has served on a day."""
    rows = ServiceRecord.objects.filter(day=day, worker__isnull=False).values_list("worker")
    minutes = dict(rows.annotate(total=Sum("minutes")).order_by())
    return np.array([minutes.get(worker, 0) for worker in workers], float)


def _on_duty(people: Drivers, busy: Commitments, past: _Past, served: Floats, duty: _Duty) -> Drivers:
    """Return the drivers with what they may still do that day.

    Rest counts from the end of the last trip begun on an earlier day, and before the first one of a later day.
    """
    everybody = len(people)
    today = (busy.starts >= duty.begins) & (busy.starts < duty.ends)
    served = served + np.bincount(busy.driver[today], (busy.ends - busy.starts)[today], everybody)
    free_from, off_at = np.zeros(everybody), np.full(everybody, NEVER)
    for driver, starts, ends in [(past.driver, past.starts, past.ends), (busy.driver, busy.starts, busy.ends)]:
        before = starts < duty.begins
        np.maximum.at(free_from, driver[before], ends[before] + duty.rest)
    after = busy.starts >= duty.ends
    np.minimum.at(off_at, busy.driver[after], busy.starts[after] - duty.rest)
    return replace(
        people, free_from=free_from, off_at=off_at, minutes_left=duty.limit - served, hours_served=served / 60.0
    )
