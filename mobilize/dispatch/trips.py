"""Services for trips: each stage with its time, what was carried, and aborting."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from mobilize.attendance import services as attendance
from mobilize.attendance.states import Source
from mobilize.core import transitions
from mobilize.core.actor import SYSTEM, Actor
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.locks import guarded, locked
from mobilize.core.texts import MOST_NAME, is_plain
from mobilize.dispatch import policies, queries
from mobilize.dispatch.models import Trip
from mobilize.dispatch.states import ALLOWED_FROM, STAMP, UNDER_WAY, TripStatus
from mobilize.outbox import services as outbox
from mobilize.tasks.models import Task
from mobilize.tasks.states import Cargo, TaskStatus

EARLIEST = timedelta(hours=12)  # a vehicle may set out the evening before, not days before
MOST_PERSONS = 500  # one vehicle on one task may go to and fro
MOST_PARCELS = 100_000
COMPLETED = TripStatus.COMPLETED


@transaction.atomic
def advance(
    *,
    actor: Actor,
    trip_id: UUID,
    to: TripStatus,
    now: datetime,
    persons: int | None = None,
    parcels: int | None = None,
    received_by: str = "",
) -> Trip:
    """Report the next stage of a trip.

    Args:
        actor: the driver, the fleet's leader, or a dispatcher of the task's union.
        trip_id: which.
        to: EN_ROUTE, ARRIVED, LOADED or COMPLETED.
        now: time of the stage.
        persons: carried in all, 0 to 500; needed on COMPLETED unless the task carries goods.
        parcels: handed over in all, 0 to 100,000; needed on COMPLETED when the task carries goods.
        received_by: the recipient's name or code, at most 60 characters; needed on COMPLETED unless nothing and
            nobody was handed over.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: every wrong field at once: `required`; `bad_count` with `most`; `too_long`; `bad_text`.
        Conflict: `wrong_status`; `too_early`: more than 12 hours before the start.
    """
    trip = _held(actor, trip_id)
    _not_too_early(trip, now)
    ends = to == COMPLETED and trip.status in ALLOWED_FROM[COMPLETED]
    _advance(trip, to, actor, now, _proof(trip.task, persons, parcels, received_by) if ends else {})
    return trip


@transaction.atomic
def advance_all(
    *,
    actor: Actor,
    offer_id: UUID,
    to: TripStatus,
    now: datetime,
    persons: int | None = None,
    parcels: int | None = None,
    received_by: str = "",
) -> int:
    """Report the next stage for every trip of a fleet's offer that stands before it.

    Args:
        actor: the fleet's leader, or a dispatcher of the task's union.
        offer_id: which.
        to: as in `advance`.
        now: time of the stage.
        persons, parcels: of each vehicle, as in `advance`.
        received_by: as in `advance`.
    Returns:
        How many trips moved on.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: as `advance`.
    """
    offer = queries.offer(policies.offers_visible_to(actor), offer_id)
    proof = _proof(offer.task, persons, parcels, received_by) if to == COMPLETED else {}
    waiting = Trip.objects.filter(offer=offer, status__in=ALLOWED_FROM[to]).order_by("pk")
    moved = list(guarded(waiting.select_related("driver__worker", "driver__fleet", "task", "vehicle")))
    for trip in moved:
        policies.demand_driving(actor, trip)
        _not_too_early(trip, now)
        _advance(trip, to, actor, now, proof)
    return len(moved)


@transaction.atomic
def abort(*, actor: Actor, trip_id: UUID, why: str, now: datetime) -> Trip:
    """Break a trip off: the vehicle is needed again, a fulfilled task opens anew.

    The driver is told, unless she broke it off herself.

    Args:
        actor: the driver, the fleet's leader, or a dispatcher of the task's union.
        trip_id: which.
        why: needed.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: `required` beside `why`.
        Conflict: `wrong_status`.
    """
    if not why.strip():
        raise Invalid({"why": ["required"]})
    visible = queries.trip(policies.trips_visible_to(actor), trip_id)
    task = locked(Task.objects.all(), pk=visible.task_id)
    trip = _held(actor, trip_id)
    break_off(trip, actor, now, why.strip())
    if actor.user_id != trip.driver.worker.user_id:
        outbox.record("trip.called_off", trip.pk)
    need_again(task, actor, now, why)
    return trip


def need_again(task: Task, actor: Actor, now: datetime, why: str) -> None:
    """Count a vehicle of a held task as needed again; a fulfilled one opens anew. Runs inside a transaction."""
    Task.objects.filter(pk=task.pk).update(vehicles_accepted=F("vehicles_accepted") - 1)
    if task.status == TaskStatus.FULFILLED:
        transitions.move(
            task, to=TaskStatus.PUBLISHED, allowed_from=[TaskStatus.FULFILLED], actor=actor, now=now, why=why
        )


def abort_all(trips: QuerySet[Trip], *, actor: Actor, now: datetime, why: str) -> int:
    """Break off every trip under way, e.g. of a cancelled task. Runs inside a transaction.

    Returns:
        How many.
    """
    under_way = list(guarded(trips.filter(status__in=UNDER_WAY).order_by("pk")))
    for trip in under_way:
        break_off(trip, actor, now, why)
        outbox.record("trip.called_off", trip.pk)
    return len(under_way)


@transaction.atomic
def abort_of_driver(*, driver_id: UUID, now: datetime, why: str) -> None:
    """A driver left the roster: her vehicles are needed again.

    Args:
        driver_id: who.
        now: current time.
        why: for the trace.
    """
    for trip_id in Trip.objects.filter(driver_id=driver_id, status__in=UNDER_WAY).values_list("pk", flat=True):
        trip = Trip.objects.get(pk=trip_id)
        task = locked(Task.objects.all(), pk=trip.task_id)
        if abort_all(Trip.objects.filter(pk=trip_id), actor=SYSTEM, now=now, why=why):
            need_again(task, SYSTEM, now, why)


def _held(actor: Actor, trip_id: UUID) -> Trip:
    queries.trip(policies.trips_visible_to(actor), trip_id)
    trip = locked(Trip.objects.select_related("driver__worker", "driver__fleet", "task", "vehicle"), pk=trip_id)
    policies.demand_driving(actor, trip)
    return trip


def _not_too_early(trip: Trip, now: datetime) -> None:
    if now < trip.starts_at - EARLIEST:
        raise Conflict("too_early", starts_at=trip.starts_at.isoformat())


def _proof(task: Task, persons: int | None, parcels: int | None, received_by: str) -> dict[str, Any]:
    """Return the columns that prove the hand-over: how much of what the task carries, and to whom."""
    counted, count, most = (
        ("parcels", parcels, MOST_PARCELS) if task.cargo == Cargo.GOODS else ("persons", persons, MOST_PERSONS)
    )
    recipient = received_by.strip()
    wrong = {}
    if count is None:
        wrong[counted] = ["required"]
    elif not 0 <= count <= most:
        wrong[counted] = ["bad_count"]
    if count != 0 and not recipient:
        wrong["received_by"] = ["required"]
    elif len(recipient) > MOST_NAME:
        wrong["received_by"] = ["too_long"]
    elif not is_plain(recipient):
        wrong["received_by"] = ["bad_text"]
    if wrong:
        raise Invalid(wrong, most=most)
    return {counted: count, "received_by": recipient}


def _advance(trip: Trip, to: TripStatus, actor: Actor, now: datetime, proof: dict[str, Any]) -> None:
    transitions.move(trip, to=to, allowed_from=ALLOWED_FROM[to], actor=actor, now=now, **proof, **_stamp(to, now))
    outbox.record(f"trip.{to}", trip.pk)
    if to == COMPLETED:
        begun = trip.en_route_at or trip.starts_at
        attendance.record(
            union_id=trip.task.union_id,
            task_id=trip.task_id,
            worker_id=trip.driver.worker_id,
            day=timezone.localdate(now),
            source=Source.TRIP,
            source_key=f"trip:{trip.pk}",
            person_trips=trip.persons,
            minutes=max(int((now - begun).total_seconds() // 60), 0),
        )


def _stamp(to: TripStatus, now: datetime) -> dict[str, Any]:
    return {STAMP[to]: now}


def break_off(trip: Trip, actor: Actor, now: datetime, why: str) -> None:
    """Abort one held trip and leave its trace. Runs inside a transaction.

    Raises:
        Conflict: `wrong_status`.
    """
    transitions.move(
        trip,
        to=TripStatus.ABORTED,
        allowed_from=ALLOWED_FROM[TripStatus.ABORTED],
        actor=actor,
        now=now,
        why=why,
        aborted_at=now,
        why_aborted=why[:200],
    )
    outbox.record("trip.aborted", trip.pk)
