"""Offering a task to fleets and drivers, and answering.

Accepting is decided by one conditional UPDATE of the task's counter, backed by a check constraint: whatever
happens at the same time, never more vehicles are accepted than needed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from mobilize.core import bulk, transitions
from mobilize.core.actor import SYSTEM, Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.ids import uuid7
from mobilize.core.locks import guarded, locked
from mobilize.dispatch import choices, policies, queries
from mobilize.dispatch import trips as trip_services
from mobilize.dispatch.models import Offer, Search, Trip
from mobilize.dispatch.states import UNDO_WITHIN, OfferStatus, SearchStep
from mobilize.fleets import policies as fleet_policies
from mobilize.fleets.models import Driver, Fleet
from mobilize.outbox import services as outbox
from mobilize.tasks import policies as task_policies
from mobilize.tasks.models import Task
from mobilize.tasks.states import LIVE, TaskKind, TaskStatus

SOON = timedelta(hours=2)  # what starts by then is for now


@clash_as_conflict()
@transaction.atomic
def offer(
    *,
    actor: Actor,
    task_id: UUID,
    now: datetime,
    fleet_ids: Sequence[UUID] = (),
    driver_ids: Sequence[UUID] = (),
) -> list[Offer]:
    """Offer a published transport task to fleets or drivers, all or none.

    Each fleet is offered what is still needed, at most the fitting vehicles it has free.

    Args:
        actor: a dispatcher of the task's union.
        task_id: which.
        now: current time; see `answer_until`.
        fleet_ids: enrolled fleets the actor sees.
        driver_ids: drivers of such fleets.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: `required`, `unknown_fleet`, `unknown_driver`, `no_free_vehicle`, `has_said_no` (by the leader or the
            driver, to an earlier offer of the task) with the ids in `data`.
        Conflict: `wrong_status`; `task_is_over`; `need_is_filled`; `changed_meanwhile`: one of them has an open offer;
            `too_many_asked` with `most`: more people would have to answer than the campaign asks at a time.
    """
    task = locked(task_policies.visible_to(actor).select_related("campaign"), pk=task_id)
    policies.demand_offering(actor, task)
    _demand_open(task, now)
    if not fleet_ids and not driver_ids:
        raise Invalid({"fleet_ids": ["required"]})
    free = _free_counts(actor, task, fleet_ids, now)
    free_drivers = _free_single_drivers(actor, task, driver_ids, now)
    _demand_moderation(task, len(free) + len(free_drivers))
    common = {
        "task": task,
        "expires_at": answer_until(task, now=now),
        "offered_by_id": actor.user_id,
        "created_at": now,
    }
    offers = [
        Offer(fleet_id=fleet_id, vehicles_offered=min(task.vehicles_left, free[fleet_id]), **common)
        for fleet_id in free
    ] + [Offer(driver=driver, vehicles_offered=1, **common) for driver in free_drivers]
    Offer.objects.bulk_create(offers)
    begin_search([task_id], now=now)
    outbox.record_many([("offer.made", made.pk, {}) for made in offers])
    return list(queries.offers(Offer.objects.filter(pk__in=[made.pk for made in offers])))


def answer_until(task: Task, *, now: datetime) -> datetime:
    """Return until when an offer made now is answered: the campaign's time, counted from when the message leaves.

    What starts within two hours has the shorter time. No later than the end of the task.

    Args:
        task: with its campaign.
        now: when the offer is made.
    """
    campaign = task.campaign
    for_now = task.starts_at <= now + SOON
    time = (
        timedelta(seconds=campaign.answer_seconds_now) if for_now else timedelta(minutes=campaign.answer_minutes_later)
    )
    return min(now + UNDO_WITHIN + time, task.ends_at)


def begin_search(task_ids: Iterable[UUID], *, now: datetime) -> None:
    """From the first offer on whoever does not come is replaced; a new offer takes a task off the red list.

    Runs inside the transaction of the offers, which holds the tasks.
    """
    ids = set(task_ids)
    begun = dict(Search.objects.filter(task__in=bulk.among(ids)).values_list("task_id", "step"))
    new = [(uuid7(), now, pk, SearchStep.ALTERNATES, now) for pk in sorted(ids - begun.keys())]
    bulk.insert_values(Search, ["id", "created_at", "task_id", "step", "step_at"], new)
    if red := [pk for pk, step in begun.items() if step == SearchStep.RED]:
        Search.objects.filter(task_id__in=red).update(step=SearchStep.ALTERNATES, step_at=now)


def _demand_moderation(task: Task, more: int) -> None:
    most = task.campaign.alert_factor * task.vehicles_needed
    if Offer.objects.filter(task=task, status=OfferStatus.OFFERED).count() + more > most:
        raise Conflict("too_many_asked", most=most)


def _demand_open(task: Task, now: datetime) -> None:
    if task.kind != TaskKind.TRANSPORT or task.status not in LIVE:
        raise Conflict("wrong_status", status=task.status)
    if task.ends_at <= now:
        raise Conflict("task_is_over")
    if task.vehicles_left <= 0:
        raise Conflict("need_is_filled", left=0)


def _free_counts(actor: Actor, task: Task, fleet_ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    wanted = list(dict.fromkeys(fleet_ids))
    seen = set(fleet_policies.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    unknown = [str(pk) for pk in wanted if pk not in seen]
    if unknown:
        raise Invalid({"fleet_ids": ["unknown_fleet"]}, fleets=unknown)
    refused = Fleet.objects.filter(pk__in=wanted, leader_id__in=queries.who_said_no(task)).values_list("pk", flat=True)
    if refused:
        raise Invalid({"fleet_ids": ["has_said_no"]}, fleets=sorted(map(str, refused)))
    free = choices.free_vehicles(task, now=now, fleets=wanted)
    without = [str(pk) for pk in wanted if not free.get(pk)]
    if without:
        raise Invalid({"fleet_ids": ["no_free_vehicle"]}, fleets=without)
    return {pk: free[pk] for pk in wanted}


def _free_single_drivers(actor: Actor, task: Task, driver_ids: Sequence[UUID], now: datetime) -> list[Driver]:
    wanted = set(driver_ids)
    seen = set(fleet_policies.drivers_visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - seen:
        raise Invalid({"driver_ids": ["unknown_driver"]}, drivers=sorted(map(str, wanted - seen)))
    drivers = Driver.objects.filter(pk__in=wanted)
    refused = drivers.filter(worker__user_id__in=queries.who_said_no(task)).values_list("pk", flat=True)
    if refused:
        raise Invalid({"driver_ids": ["has_said_no"]}, drivers=sorted(map(str, refused)))
    free = list(queries.free_drivers(task, now=now).filter(pk__in=wanted).order_by("pk"))
    missing = wanted - {driver.pk for driver in free}
    # A fleet that is asked for all it has at that time has none of them to spare.
    of_fleet = Counter(driver.fleet_id for driver in free)
    spare = choices.free_vehicles(task, now=now, fleets=of_fleet) if free else {}
    missing |= {driver.pk for driver in free if of_fleet[driver.fleet_id] > spare.get(driver.fleet_id, 0)}
    if missing:
        raise Invalid({"driver_ids": ["no_free_vehicle"]}, drivers=sorted(map(str, missing)))
    return free


@clash_as_conflict()
@transaction.atomic
def accept(*, actor: Actor, offer_id: UUID, vehicles: int, now: datetime) -> Offer:
    """Promise vehicles: the offer is answered, trips are assigned, the task's counter goes up; all or nothing.

    Args:
        actor: the fleet's leader, or the driver.
        offer_id: which.
        vehicles: 1 to what was offered.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: `bad_vehicle_count` with `most`.
        Conflict: `wrong_status` (answered or withdrawn already); `offer_expired`; `task_is_over`;
            `need_is_filled` with `left`; `too_few_vehicles` with `free`; `changed_meanwhile`.
    """
    visible = queries.offer(policies.offers_visible_to(actor), offer_id)
    policies.demand_answer(actor, visible)
    task = locked(Task.objects.all(), pk=visible.task_id)
    found = locked(Offer.objects.select_related("fleet", "driver"), pk=offer_id)
    if found.status == OfferStatus.OFFERED and found.expires_at <= now:
        raise Conflict("offer_expired")
    if found.status != OfferStatus.OFFERED:
        raise Conflict("wrong_status", status=found.status, wanted=OfferStatus.ACCEPTED)
    if not 1 <= vehicles <= found.vehicles_offered:
        raise Invalid({"vehicles": ["bad_vehicle_count"]}, most=found.vehicles_offered)
    if task.status not in LIVE or task.ends_at <= now:
        raise Conflict("task_is_over")
    _take_from_need(task, vehicles)
    found.task = task
    drivers = _hold_free_drivers(found, vehicles, now)
    transitions.move(
        found,
        to=OfferStatus.ACCEPTED,
        allowed_from=[OfferStatus.OFFERED],
        actor=actor,
        now=now,
        vehicles_accepted=vehicles,
        answered_by_id=actor.user_id,
        answered_at=now,
    )
    _assign(found, task, drivers, now)
    outbox.record("offer.accepted", found.pk, vehicles=vehicles)
    if task.vehicles_left == 0:
        _fulfil(task, actor, now)
    return queries.offer(Offer.objects.all(), offer_id)


def _take_from_need(task: Task, vehicles: int) -> None:
    taken = Task.objects.filter(pk=task.pk, vehicles_needed__gte=F("vehicles_accepted") + vehicles)
    if not taken.update(vehicles_accepted=F("vehicles_accepted") + vehicles):
        raise Conflict("need_is_filled", left=task.vehicles_left)
    task.refresh_from_db(fields=["vehicles_accepted"])


def _hold_free_drivers(found: Offer, vehicles: int, now: datetime) -> list[Driver]:
    free = queries.free_to_accept(found, now=now)
    chosen = list(free.values_list("pk", flat=True)[:vehicles])
    # Free again once held: a trip for another task may have been assigned between the two statements.
    held = list(guarded(Driver.objects.filter(pk__in=chosen)).order_by("pk"))
    if len(chosen) == vehicles and free.filter(pk__in=chosen).count() < vehicles:
        raise Conflict("changed_meanwhile", constraint="a_driver_has_no_two_trips_at_a_time")
    if len(held) < vehicles:
        raise Conflict("too_few_vehicles", free=len(held))
    return held


def _assign(found: Offer, task: Task, drivers: Iterable[Driver], now: datetime) -> None:
    starts_at, ends_at = queries.trip_times(task, now=now)
    trips = Trip.objects.bulk_create(
        Trip(  # type: ignore[misc]  # a free driver has a vehicle
            task=task,
            offer=found,
            driver=driver,
            vehicle_id=driver.vehicle_id,
            starts_at=starts_at,
            ends_at=ends_at,
            created_at=now,
        )
        for driver in drivers
    )
    outbox.record_many([("trip.assigned", trip.pk, {}) for trip in trips])


def _fulfil(task: Task, actor: Actor, now: datetime) -> None:
    """Nothing is needed any more: take back the offers still open, so nobody waits for an answer in vain."""
    if task.status == TaskStatus.PUBLISHED:
        transitions.move(task, to=TaskStatus.FULFILLED, allowed_from=[TaskStatus.PUBLISHED], actor=actor, now=now)
        outbox.record("task.fulfilled", task.pk)
    close_offers(Offer.objects.filter(task=task), OfferStatus.CANCELLED, SYSTEM, now, "the need is filled")


@transaction.atomic
def decline(*, actor: Actor, offer_id: UUID, now: datetime, why: str = "") -> Offer:
    """Say no to an offer.

    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `wrong_status`.
    """
    visible = queries.offer(policies.offers_visible_to(actor), offer_id)
    policies.demand_answer(actor, visible)
    transitions.move(
        visible,
        to=OfferStatus.DECLINED,
        allowed_from=[OfferStatus.OFFERED],
        actor=actor,
        now=now,
        why=why,
        answered_by_id=actor.user_id,
        answered_at=now,
    )
    outbox.record("offer.declined", visible.pk)
    return visible


@transaction.atomic
def take_back(*, actor: Actor, offer_id: UUID, now: datetime) -> Offer:
    """Take an unanswered offer back.

    Args:
        actor: a dispatcher of the task's union.
        offer_id: which.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `wrong_status`.
    """
    visible = queries.offer(policies.offers_visible_to(actor), offer_id)
    policies.demand_offering(actor, visible.task)
    transitions.move(
        visible,
        to=OfferStatus.CANCELLED,
        allowed_from=[OfferStatus.OFFERED],
        actor=actor,
        now=now,
        answered_at=now,
    )
    outbox.record("offer.cancelled", visible.pk)
    return visible


@transaction.atomic
def undo(*, actor: Actor, offer_id: UUID, now: datetime) -> int:
    """Take back a whole batch: the offers of the task that were made together with this one, and whatever came of them.

    Messages leave only when it is too late to undo; whoever found an offer before and accepted it is told that her
    trips are called off, nobody else hears of it.

    Args:
        actor: a dispatcher of the task's union.
        offer_id: any of the batch.
        now: current time, within 10 seconds of the offers.
    Returns:
        How many offers.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `too_late_to_undo`.
    """
    visible = queries.offer(policies.offers_visible_to(actor), offer_id)
    policies.demand_offering(actor, visible.task)
    if now >= visible.created_at + UNDO_WITHIN:
        raise Conflict("too_late_to_undo")
    offers = queries.made_together(visible)
    return take_back_all(offers, tasks=[visible.task_id], since=visible.created_at, actor=actor, now=now, why="undone")


def take_back_all(
    offers: QuerySet[Offer], *, tasks: Iterable[UUID], since: datetime, actor: Actor, now: datetime, why: str
) -> int:
    """Take back offers made by hand at one moment, with those the search has made for them; it does not go on.

    Args:
        offers, since: which, and that moment.
        tasks: what they were made for, or would have been one after another.
        actor, now, why: see `call_back`.
    Returns:
        How many offers were open or accepted.
    """
    by_hand = list(offers.values_list("pk", flat=True))
    count = call_back(queries.came_of(offers, since=since), actor=actor, now=now, why=why)
    others = Offer.objects.filter(task=OuterRef("task"), step="").exclude(pk__in=bulk.among(by_hand))
    Search.objects.filter(~Exists(others), task__in=bulk.among(tasks), locked_at=None).delete()
    return count


def call_back(offers: QuerySet[Offer], *, actor: Actor, now: datetime, why: str) -> int:
    """Cancel those of the offers that are open or accepted, with their trips, inside a transaction.

    What was promised is not replaced by the search.

    Args:
        offers: which.
        actor: who does it.
        now: current time.
        why: for the trace.
    Returns:
        How many.
    """
    tasks = guarded(Task.objects.filter(pk__in=offers.order_by().values("task"))).order_by("pk").in_bulk()
    cancelled = close_offers(offers, OfferStatus.CANCELLED, actor, now, why)
    promised = list(guarded(offers.filter(status=OfferStatus.ACCEPTED).order_by("pk")))
    for each in promised:
        transitions.move(
            each,
            to=OfferStatus.CANCELLED,
            allowed_from=[OfferStatus.ACCEPTED],
            actor=actor,
            now=now,
            why=why,
            vehicles_accepted=0,
            answered_at=now,
        )
        outbox.record("offer.called_back", each.pk)
        for _ in range(trip_services.abort_all(each.trips.all(), actor=actor, now=now, why=why)):
            trip_services.need_again(tasks[each.task_id], actor, now, why)
    return cancelled + len(promised)


@transaction.atomic
def expire_offers(*, now: datetime) -> int:
    """Close offers whose time to answer is over.

    Returns:
        How many.
    """
    return close_offers(Offer.objects.filter(expires_at__lte=now), OfferStatus.EXPIRED, SYSTEM, now, "no answer")


def close_offers(offers: QuerySet[Offer], to: OfferStatus, actor: Actor, now: datetime, why: str) -> int:
    """Cancel or expire those of the offers that are still open, inside a transaction.

    One that is being answered at this moment is left to its answer.

    Args:
        offers: which.
        to: CANCELLED or EXPIRED.
        actor: who does it.
        now: current time.
        why: for the trace.
    Returns:
        How many.
    """
    still_open = list(offers.filter(status=OfferStatus.OFFERED).select_for_update(skip_locked=True))
    Offer.objects.filter(pk__in=[row.pk for row in still_open]).update(status=to, answered_at=now)
    transitions.record(still_open, before=OfferStatus.OFFERED, to=to, actor=actor, now=now, why=why)
    outbox.record_many([(f"offer.{to}", row.pk, {}) for row in still_open])
    return len(still_open)


@transaction.atomic
def stand_down(*, task_id: UUID, now: datetime, why: str, abort_trips: bool) -> None:
    """A task is over: take back its unanswered offers and, when it was called off, abort its trips.

    One that was filled and has opened again meanwhile is left as it is.

    Args:
        task_id: which.
        now: current time.
        why: for the trace.
        abort_trips: True for a cancelled task; after closing, trips under way are finished.
    """
    task = locked(Task.objects.all(), pk=task_id)
    if task.status == TaskStatus.PUBLISHED:
        return
    close_offers(Offer.objects.filter(task=task), OfferStatus.CANCELLED, SYSTEM, now, why)
    if abort_trips:
        aborted = trip_services.abort_all(Trip.objects.filter(task=task), actor=SYSTEM, now=now, why=why)
        Task.objects.filter(pk=task.pk).update(vehicles_accepted=F("vehicles_accepted") - aborted)
