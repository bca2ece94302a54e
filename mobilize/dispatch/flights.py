"""Flights: transport that waits for one moves with it."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext

from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.locks import guarded, locked
from mobilize.dispatch import policies, queries
from mobilize.dispatch import trips as trip_services
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.planner.distance import minutes_between
from mobilize.dispatch.states import MOVABLE, UNDER_WAY, UNDO_WITHIN, OfferStatus, TripStatus
from mobilize.fleets.models import Driver
from mobilize.outbox import services as outbox
from mobilize.tasks import services as task_services
from mobilize.tasks.models import Flight, Site, Task
from mobilize.tasks.states import LIVE, RiskClass, SiteKind, TaskKind, TaskStatus

MOST_PASSENGERS = 900
MOST_DELAY = timedelta(hours=48)
MOVED_WITH_IT = [TaskStatus.DRAFT, *LIVE, TaskStatus.CLOSED]


@clash_as_conflict()
@transaction.atomic
def create(
    *,
    actor: Actor,
    union_id: UUID | None,
    number: str,
    site_id: UUID | None,
    arrives_at: datetime | None,
    passengers: int,
    now: datetime,
    risk: str = RiskClass.LOW,
    campaign_id: UUID | None = None,
) -> Flight:
    """Write down a flight.

    Args:
        actor: a dispatcher of the union, or a partner with `dispatch:write` for it.
        union_id: whose it is.
        number: as on the ticket, e.g. CA1104; 1 to 10 letters and digits.
        site_id: a site that is an airport.
        arrives_at: with zone, not in the past.
        passengers: 1 to 900.
        now: current time.
        risk: a value of `tasks.states.RiskClass`.
        campaign_id: an open campaign; the one that started last unless told.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: every wrong field at once, named as the argument; `already_there` beside `number`.
        Conflict: `changed_meanwhile`.
    """
    if union_id:
        policies.demand_dispatching(actor, union_id)
    name = _plain(number)
    campaign = task_services.open_campaign(campaign_id)
    _refuse(
        union_id="" if union_id else "required",
        number=_fault_of_number(name) or _fault_of_repeat(union_id, name, arrives_at),
        site_id=_fault_of_site(site_id),
        arrives_at="required" if arrives_at is None else "in_the_past" if arrives_at <= now else "",
        passengers=_fault_of_passengers(passengers),
        risk=_fault_of_risk(risk),
        campaign_id="" if campaign else "unknown_campaign",
    )
    return Flight.objects.create(  # type: ignore[misc]  # what is None is refused above
        campaign=campaign,
        union_id=union_id,
        number=name,
        site_id=site_id,
        arrives_at=arrives_at,
        passengers=passengers,
        risk=risk,
        created_at=now,
    )


def _refuse(**faults: str) -> None:
    wrong = {field: [code] for field, code in faults.items() if code}
    if wrong:
        raise Invalid(wrong, most=MOST_PASSENGERS)


def _fault_of_passengers(passengers: int) -> str:
    return "" if 1 <= passengers <= MOST_PASSENGERS else "bad_passengers"


def _fault_of_risk(risk: str) -> str:
    return "" if risk in RiskClass.values else "unknown_choice"


def _plain(number: str) -> str:
    return "".join(unicodedata.normalize("NFKC", number).split()).upper()


def _fault_of_repeat(union_id: UUID | None, number: str, arrives_at: datetime | None, **but: UUID) -> str:
    if union_id is None or arrives_at is None:
        return ""
    same = Flight.objects.filter(union_id=union_id, number=number, arrives_at=arrives_at).exclude(**but)
    return "already_there" if same.exists() else ""


def _fault_of_number(name: str) -> str:
    if not name:
        return "required"
    return "" if len(name) <= 10 and name.isascii() and name.isalnum() else "bad_flight_number"


def _fault_of_site(site_id: UUID | None) -> str:
    if site_id is None:
        return "required"
    return "" if Site.objects.filter(pk=site_id, kind=SiteKind.AIRPORT).exists() else "unknown_site"


@clash_as_conflict()
@transaction.atomic
def change(
    *,
    actor: Actor,
    flight_id: UUID,
    number: str | None = None,
    passengers: int | None = None,
    risk: str | None = None,
) -> Flight:
    """Correct a flight's number, passengers or risk class; what is None stays. `move` corrects its arrival.

    Args:
        actor: a dispatcher of the flight's union.
        flight_id: which.
        number, passengers, risk: as in `create`.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: as `create`.
        Conflict: `changed_meanwhile`.
    """
    flight = locked(policies.flights_visible_to(actor), pk=flight_id)
    policies.demand_dispatching(actor, flight.union_id)
    flight.number = flight.number if number is None else _plain(number)
    flight.passengers = flight.passengers if passengers is None else passengers
    flight.risk = flight.risk if risk is None else risk
    repeat = _fault_of_repeat(flight.union_id, flight.number, flight.arrives_at, pk=flight.pk)
    _refuse(
        number=_fault_of_number(flight.number) or repeat,
        passengers=_fault_of_passengers(flight.passengers),
        risk=_fault_of_risk(flight.risk),
    )
    flight.save(update_fields=["number", "passengers", "risk"])
    return queries.flight(policies.flights_visible_to(actor), flight_id)


@transaction.atomic
def remove(*, actor: Actor, flight_id: UUID) -> None:
    """Delete a flight nothing waits for.

    Args:
        actor: a dispatcher of the flight's union.
        flight_id: which.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `tasks_wait_for_it`.
    """
    flight = locked(policies.flights_visible_to(actor), pk=flight_id)
    policies.demand_dispatching(actor, flight.union_id)
    if flight.tasks.exists():
        raise Conflict("tasks_wait_for_it")
    flight.delete()


@transaction.atomic
def set_tasks(*, actor: Actor, flight_id: UUID, task_ids: Sequence[UUID], now: datetime) -> Flight:
    """Let exactly these tasks wait for the flight.

    Args:
        actor: a dispatcher of the flight's union.
        flight_id: which.
        task_ids: transport tasks the actor dispatches, that are not over and wait for no other flight.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: `unknown_task` beside `task_ids`, with the ids in `tasks`.
    """
    flight = locked(policies.flights_visible_to(actor), pk=flight_id)
    policies.demand_dispatching(actor, flight.union_id)
    fitting = queries.tasks_for_flight(policies.dispatchable_by(actor), flight, now=now)
    chosen = {task.pk for task in guarded(fitting.filter(pk__in=task_ids).order_by("pk"))}
    unknown = set(task_ids) - chosen
    if unknown:
        raise Invalid({"task_ids": ["unknown_task"]}, tasks=sorted(map(str, unknown)))
    fitting.filter(flight=flight).exclude(pk__in=chosen).update(flight=None)
    Task.objects.filter(pk__in=chosen).update(flight=flight)
    return queries.flight(policies.flights_visible_to(actor), flight_id)


@clash_as_conflict()
@transaction.atomic
def move(*, actor: Actor, flight_id: UUID, arrives_at: datetime, now: datetime) -> Flight:
    """Correct a flight's arrival: every pick-up that waits for it moves by the same time.

    A trip that is not loaded yet moves along; one that another trip of its driver or vehicle leaves no time for, the
    way between the two counted, is broken off, and the search replaces it. Nobody else is moved. Each driver concerned,
    and whoever was asked and has not answered, is told once. A repeated call changes nothing.

    Args:
        actor: a dispatcher of the flight's union.
        flight_id: which.
        arrives_at: with zone, not in the past, at most 48 hours before or after the arrival known so far.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: `in_the_past`, `too_far_moved` or `already_there` beside `arrives_at`.
        Conflict: `flight_is_over`: the time of everything that waited for it has passed, and somebody was fetched;
            `changed_meanwhile`.
    """
    flight = locked(policies.flights_visible_to(actor), pk=flight_id)
    policies.demand_dispatching(actor, flight.union_id)
    by = arrives_at - flight.arrives_at
    if not by:
        return queries.flight(policies.flights_visible_to(actor), flight_id)
    if arrives_at <= now:
        raise Invalid({"arrives_at": ["in_the_past"]})
    if abs(by) > MOST_DELAY:
        raise Invalid({"arrives_at": ["too_far_moved"]})
    if fault := _fault_of_repeat(flight.union_id, flight.number, arrives_at):
        raise Invalid({"arrives_at": [fault]})
    tasks = _moving_with(flight, now)
    Task.objects.filter(pk__in=tasks).update(starts_at=F("starts_at") + by, ends_at=F("ends_at") + by)
    Flight.objects.filter(pk=flight.pk).update(arrives_at=arrives_at)
    drivers = _move_trips(tasks, by, actor, now, gettext("Flight %(number)s moved") % {"number": flight.number})
    people = _people(drivers) | _waiting(tasks, now)
    if people:
        outbox.record("flight.moved", flight.pk, at=now.isoformat(), people=sorted(map(str, people)))
    return queries.flight(policies.flights_visible_to(actor), flight_id)


def _moving_with(flight: Flight, now: datetime) -> dict[UUID, Task]:
    """Hold and return the tasks that move with a flight: all, when the time of all has passed and nobody was fetched.

    Raises:
        Conflict: `flight_is_over`.
    """
    linked = Task.objects.filter(flight=flight, kind=TaskKind.TRANSPORT, status__in=MOVED_WITH_IT)
    held = list(guarded(linked.order_by("pk")))
    ahead = [task for task in held if task.ends_at > now]
    fetched = Trip.objects.filter(task__in=held, status__in=[TripStatus.LOADED, TripStatus.COMPLETED])
    if held and not ahead and fetched.exists():
        raise Conflict("flight_is_over")
    return {task.pk: task for task in ahead or held}


def _move_trips(tasks: dict[UUID, Task], by: timedelta, actor: Actor, now: datetime, why: str) -> set[UUID]:
    """Move the trips of tasks that are not loaded yet, break off those that do not fit, and return their drivers."""
    waiting = Trip.objects.filter(task__in=tasks, status__in=MOVABLE)
    drivers = set(waiting.values_list("driver_id", flat=True))
    list(guarded(Driver.objects.filter(pk__in=drivers).order_by("pk")))
    moving = list(guarded(waiting.filter(driver__in=drivers).order_by("starts_at", "pk")))
    others = _others(moving)
    on_way = _Ways({trip.task_id for trip in [*moving, *others]})
    displaced = [trip for trip in moving if any(on_way.clash(trip, by, other) for other in others)]
    for trip in displaced:
        trip_services.break_off(trip, actor, now, why)
        Trip.objects.filter(pk=trip.pk).update(moved_at=now)  # by the move, not by somebody
        trip_services.need_again(tasks[trip.task_id], actor, now, why)
    # The one that goes furthest first, so that two of one driver never overlap on the way.
    stay = [trip for trip in moving if trip not in displaced]
    for trip in reversed(stay) if by > timedelta(0) else stay:
        Trip.objects.filter(pk=trip.pk).update(
            starts_at=F("starts_at") + by, ends_at=F("ends_at") + by, moves=F("moves") + 1, moved_at=now
        )
    return {trip.driver_id for trip in moving}


def _others(moving: Sequence[Trip]) -> list[Trip]:
    """What the drivers and vehicles of moving trips have to do besides."""
    same = Q(driver__in={trip.driver_id for trip in moving}) | Q(vehicle__in={trip.vehicle_id for trip in moving})
    return list(Trip.objects.filter(same, status__in=UNDER_WAY).exclude(pk__in=[trip.pk for trip in moving]))


class _Ways:
    """The ways between the places of some tasks."""

    def __init__(self, tasks: set[UUID]) -> None:
        found = Task.objects.filter(pk__in=tasks).select_related("site", "destination")
        self._ends = {task.pk: (_place(task.site), _place(task.destination or task.site)) for task in found}

    def clash(self, trip: Trip, by: timedelta, other: Trip) -> bool:
        """Tell whether a trip that moves leaves its driver or vehicle no time for another one and the way between."""
        if other.driver_id != trip.driver_id and other.vehicle_id != trip.vehicle_id:
            return False
        before = trip.ends_at + by + self._way(trip, other) <= other.starts_at
        after = other.ends_at + self._way(other, trip) <= trip.starts_at + by
        return not (before or after)

    def _way(self, first: Trip, then: Trip) -> timedelta:
        return timedelta(minutes=minutes_between(self._ends[first.task_id][1], self._ends[then.task_id][0]))


def _place(site: Site) -> tuple[float, float]:
    return float(site.latitude), float(site.longitude)


def _people(drivers: set[UUID]) -> set[UUID]:
    return set(Driver.objects.filter(pk__in=drivers).values_list("worker__user_id", flat=True))


def _waiting(tasks: dict[UUID, Task], now: datetime) -> set[UUID]:
    """Who was asked for one of the tasks, has not answered, and has got the message with the old time."""
    asked = Offer.objects.filter(task__in=tasks, status=OfferStatus.OFFERED, created_at__lte=now - UNDO_WITHIN)
    return {leader or driver for leader, driver in asked.values_list("fleet__leader_id", "driver__worker__user_id")}
