"""Reading offers and trips. Row visibility comes from the caller."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from mobilize.attendance.models import ServiceRecord
from mobilize.core import bulk
from mobilize.core.errors import NotFound
from mobilize.dispatch.models import Assignment, Offer, Plan, Search, Trip, Unserved
from mobilize.dispatch.states import UNDER_WAY, UNDO_WITHIN, OfferStatus, PlanStatus, SearchStep, TripStatus
from mobilize.fleets.models import Driver
from mobilize.fleets.states import FleetStatus
from mobilize.tasks.models import Flight, Task
from mobilize.tasks.states import LIVE, TaskKind, TaskStatus


def _holds(**condition: object) -> ExpressionWrapper:
    """A condition to sort by."""
    return ExpressionWrapper(Q(**condition), output_field=BooleanField())


def free_drivers(task: Task, *, now: datetime) -> QuerySet[Driver]:
    """Drivers who can take a trip of the task: on the roster, with a vehicle that fits, not on another trip then,
    with hours of duty left that day, and rested from and for the days around it, as the task's campaign says.

    Who said no to the task herself is not among them, whoever offers her vehicle.

    Least recently tasked first, so that the same ones are not always asked.
    """
    starts_at, ends_at = trip_times(task, now=now)
    busy = Trip.objects.filter(
        Q(driver=OuterRef("pk")) | Q(vehicle=OuterRef("vehicle")),
        status__in=UNDER_WAY,
        starts_at__lt=ends_at,
        ends_at__gt=starts_at,
    )
    refused = Offer.objects.filter(driver=OuterRef("pk"), task=task, status=OfferStatus.DECLINED)
    fits = Q(vehicle__active=True, vehicle__seats__gte=task.seats_min, vehicle__load_kg__gte=task.load_kg_min)
    if task.refrigerated:
        fits &= Q(vehicle__refrigerated=True)
    if task.wheelchair:
        fits &= Q(vehicle__wheelchair=True)
    if task.airport:
        fits &= Q(airport=True)
    free = Driver.objects.filter(fits, ~Exists(busy), ~Exists(refused), active=True, fleet__status=FleetStatus.ENROLLED)
    return (
        _on_duty(free, task, starts_at, ends_at)
        .annotate(last_trip=Max("trips__starts_at"))
        .order_by(F("last_trip").asc(nulls_first=True), "created_at", "pk")
    )


def _on_duty(drivers: QuerySet[Driver], task: Task, starts_at: datetime, ends_at: datetime) -> QuerySet[Driver]:
    """Keep those with hours of duty left on the day of a trip, and rested from other days and for them."""
    campaign, day = task.campaign, localtime(starts_at).replace(hour=0, minute=0, second=0, microsecond=0)
    day_after, rest = day + timedelta(days=1), timedelta(hours=campaign.rest_hours)
    theirs = Trip.objects.filter(driver=OuterRef("pk"), status__in=[*UNDER_WAY, TripStatus.COMPLETED]).order_by()
    before = theirs.annotate(ended=Coalesce("completed_at", "ends_at")).filter(
        starts_at__lt=day, ended__gt=starts_at - rest
    )
    after = theirs.filter(starts_at__gte=day_after, starts_at__lt=ends_at + rest)
    promised = theirs.filter(status__in=UNDER_WAY, starts_at__gte=day, starts_at__lt=day_after)
    served = ServiceRecord.objects.filter(worker=OuterRef("worker"), day=day.date()).order_by()
    duration = models.DurationField()
    minutes = Coalesce(Subquery(served.values("worker").annotate(n=Sum("minutes")).values("n")), 0)
    hours = Coalesce(
        Subquery(promised.values("driver").annotate(n=Sum(F("ends_at") - F("starts_at"))).values("n")),
        Value(timedelta(0)),
        output_field=duration,
    )
    spent = ExpressionWrapper(minutes * Value(timedelta(minutes=1)), output_field=duration)
    return (
        drivers.filter(~Exists(before), ~Exists(after))
        .alias(spent=spent, hours=hours)
        .filter(hours__lte=Value(timedelta(hours=campaign.duty_hours) - (ends_at - starts_at)) - F("spent"))
    )


def trip_times(task: Task, *, now: datetime) -> tuple[datetime, datetime]:
    """Return start and end of a trip of the task: its own times, from now on when it has begun."""
    return max(task.starts_at, min(now, task.ends_at)), task.ends_at


def offers(rows: QuerySet[Offer]) -> QuerySet[Offer]:
    """Offers with task, fleet, leader and driver: unanswered first, then the newest."""
    return rows.select_related(
        "task__site",
        "task__destination",
        "task__union",
        "fleet__leader",
        "driver__worker__user",
        "driver__fleet",
    ).order_by(_holds(status=OfferStatus.OFFERED).desc(), "-created_at")


def offer(rows: QuerySet[Offer], offer_id: UUID) -> Offer:
    """Return one of the offers.

    Raises:
        NotFound
    """
    found = offers(rows).filter(pk=offer_id).first()
    if found is None:
        raise NotFound
    return found


def made_together(offer: Offer) -> QuerySet[Offer]:
    """Offers of the task made by the same person at the same moment, this one among them."""
    return Offer.objects.filter(task=offer.task_id, offered_by=offer.offered_by_id, created_at=offer.created_at)


def came_of(offers: QuerySet[Offer], *, since: datetime) -> QuerySet[Offer]:
    """Return these offers, and those with which the search has replaced any of them meanwhile.

    Args:
        offers: made by hand at one moment.
        since: that moment.
    """
    searched = Q(task__in=offers.order_by().values("task"), created_at__gte=since) & ~Q(step="")
    return Offer.objects.filter(Q(pk__in=offers.order_by().values("pk")) | searched)


def last_offered_by(task: Task) -> UUID | None:
    """Return the officer who offered a task last, the search left out; None for a partner."""
    by_hand = Offer.objects.filter(task=task, step="").order_by("-created_at")
    return by_hand.values_list("offered_by_id", flat=True).first()


def called_off(rows: QuerySet[Offer]) -> int:
    """Return how many trips were called off because their offers were taken back after they had been accepted."""
    return Trip.objects.filter(offer__in=rows, offer__status=OfferStatus.CANCELLED).count()


def who_said_no(task: Task) -> set[UUID]:
    """Return the people who declined an offer of the task: they are asked no more."""
    refusals = Offer.objects.filter(task=task, status=OfferStatus.DECLINED)
    pairs = refusals.values_list("fleet__leader_id", "driver__worker__user_id")
    return {leader or driver for leader, driver in pairs}


def people_asked(task: Task) -> set[UUID]:
    """Return the leaders and drivers a message about an offer of the task went to, or goes to."""
    heard = Offer.objects.filter(task=task).exclude(
        status=OfferStatus.CANCELLED, answered_at__lt=F("created_at") + UNDO_WITHIN
    )
    pairs = heard.values_list("fleet__leader_id", "driver__worker__user_id")
    return {leader or driver for leader, driver in pairs}


def struck_out(task: Task) -> set[UUID]:
    """Return the fleets and drivers struck out for a task of plans that were committed, or of those before them."""
    plans_of_it = Plan.objects.filter(tasks=task, status=PlanStatus.COMMITTED)
    rows = Assignment.objects.filter(plan__in=plans_of_it, task=task, struck=True)
    before = (pair for basis in plans_of_it.values_list("basis", flat=True) for pair in basis.get("struck", []))
    return {who for pair in rows.values_list("fleet", "driver") for who in pair if who} | {
        UUID(who) for of_task, who in before if of_task == str(task.pk)
    }


@dataclass(frozen=True)
class Work:
    """What waits for a driver or a leader."""

    offers: int
    trips: int


def waiting_for(*, user_id: UUID, now: datetime) -> Work:
    """Count the offers a person has to answer and the trips she drives or leads that are not over."""
    offers_made = Offer.objects.filter(
        Q(fleet__leader_id=user_id) | Q(driver__worker__user_id=user_id),
        status=OfferStatus.OFFERED,
        expires_at__gt=now,
    )
    trips_ahead = Trip.objects.filter(
        Q(driver__worker__user_id=user_id) | Q(driver__fleet__leader_id=user_id), status__in=UNDER_WAY
    )
    return Work(offers=offers_made.count(), trips=trips_ahead.count())


def addressee(offer: Offer) -> UUID:
    """Return who answers an offer: the fleet's leader, or the driver."""
    return offer.fleet.leader_id if offer.fleet else offer.driver.worker.user_id  # type: ignore[union-attr]


def asked(offer: Offer) -> Q:
    """The drivers an offer was made to: a fleet's, or the one."""
    return Q(fleet=offer.fleet_id) if offer.fleet_id else Q(pk=offer.driver_id)


def free_to_accept(offer: Offer, *, now: datetime) -> QuerySet[Driver]:
    """Return the drivers an answer can promise: a leader none of whom an open offer of her own asks for that time."""
    free = free_drivers(offer.task, now=now).filter(asked(offer))
    if not offer.fleet_id:
        return free
    starts_at, ends_at = trip_times(offer.task, now=now)
    own = Offer.objects.filter(
        driver=OuterRef("pk"),
        status=OfferStatus.OFFERED,
        expires_at__gt=now,
        task__starts_at__lt=ends_at,
        task__ends_at__gt=starts_at,
    )
    return free.filter(~Exists(own))


def most_to_accept(offer: Offer, *, now: datetime) -> int:
    """Return how many vehicles the answer can promise at most: offered, still needed, and free."""
    return min(offer.vehicles_offered, offer.task.vehicles_left, free_to_accept(offer, now=now).count())


def open_vehicles(tasks: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many vehicles wait for an answer, by task; tasks without open offers are missing."""
    rows = Offer.objects.filter(task__in=bulk.among(tasks), status=OfferStatus.OFFERED).order_by().values_list("task")
    return dict(rows.annotate(n=Sum("vehicles_offered")))


def unanswered(tasks: Iterable[UUID]) -> dict[tuple[UUID, UUID], int]:
    """Return how many offers of a task were let pass, by task and fleet or driver; who let none pass is missing."""
    expired = Offer.objects.filter(task__in=bulk.among(tasks), status=OfferStatus.EXPIRED).order_by()
    rows = expired.values_list("task", Coalesce("fleet", "driver")).annotate(n=Count("pk"))
    return {(task, who): n for task, who, n in rows}


def plans(rows: QuerySet[Plan]) -> QuerySet[Plan]:
    """Plans with all that is shown of them; what many tasks or drivers have in common is read once."""
    places = ["task__site", "task__destination"]
    most_urgent = ["-task__urgency", "task__starts_at", "task"]
    assigned = Assignment.objects.select_related("driver__worker__user", "driver__vehicle").order_by(*most_urgent, "pk")
    return rows.prefetch_related(
        Prefetch("tasks", Task.objects.order_by("-urgency", "starts_at", "pk")),
        "tasks__site",
        "tasks__destination",
        Prefetch("assignments", assigned.prefetch_related(*places, "fleet", "driver__fleet")),
        Prefetch("unserved", Unserved.objects.order_by(*most_urgent).prefetch_related(*places)),
    ).order_by("-created_at")


def plans_in_brief(rows: QuerySet[Plan]) -> QuerySet[Plan]:
    """Plans with how many vehicles each would ask, or has asked, the newest first."""
    offered = Assignment.objects.filter(plan=OuterRef("pk"), struck=False).order_by().values("plan")
    vehicles = Subquery(offered.annotate(n=Sum("vehicles")).values("n"))
    return rows.defer("basis").annotate(vehicles=Coalesce(vehicles, 0)).order_by("-created_at")


def plan(rows: QuerySet[Plan], plan_id: UUID) -> Plan:
    """Return one of the plans.

    Raises:
        NotFound
    """
    found = plans(rows).filter(pk=plan_id).first()
    if found is None:
        raise NotFound
    return found


def trips(rows: QuerySet[Trip]) -> QuerySet[Trip]:
    """Trips with everything shown of them: the next to start first, those that are over last."""
    return rows.select_related(
        "task__site",
        "task__destination",
        "task__union",
        "driver__worker__user",
        "driver__fleet",
        "vehicle",
        "offer",
    ).order_by(_holds(status__in=[TripStatus.COMPLETED, TripStatus.ABORTED]).asc(), "starts_at", "pk")


def trip(rows: QuerySet[Trip], trip_id: UUID) -> Trip:
    """Return one of the trips.

    Raises:
        NotFound
    """
    found = trips(rows).filter(pk=trip_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Board:
    """How far a transport task has come."""

    needed: int
    accepted: int
    waiting: int
    by_stage: dict[str, int]
    completed_vehicles: int

    @property
    def left(self) -> int:
        """Vehicles nobody has promised yet."""
        return self.needed - self.accepted

    @property
    def percent(self) -> int:
        """Accepted share of the need, 0 to 100."""
        return self.accepted * 100 // self.needed if self.needed else 0


def board(task: Task) -> Board:
    """Return a transport task's state in two queries."""
    stages = dict(task.trips.values_list("status").annotate(n=Count("pk")))
    waiting = task.offers.filter(status=OfferStatus.OFFERED).aggregate(n=Sum("vehicles_offered", default=0))["n"]
    return Board(
        needed=task.vehicles_needed,
        accepted=task.vehicles_accepted,
        waiting=waiting,
        by_stage={status: stages.get(status, 0) for status in TripStatus.values},
        completed_vehicles=stages.get(TripStatus.COMPLETED, 0),
    )


def undoable(task: Task, *, now: datetime) -> Offer | None:
    """Return an offer made by hand that can still be undone with its batch; None when there is none."""
    return task.offers.filter(
        plan=None,
        status__in=[OfferStatus.OFFERED, OfferStatus.ACCEPTED],
        offered_by__isnull=False,
        created_at__gt=now - UNDO_WITHIN,
    ).first()


def board_version(task_id: UUID, *, now: datetime) -> str:
    """Return what changes whenever the board does, in one query: for an ETag.

    That the last offers can be undone ends by itself.
    """
    row = (
        Task.objects.filter(pk=task_id)
        .values_list("status", "vehicles_needed", "vehicles_accepted", "title", "urgency", "search__step")
        .annotate(
            made=Count("offers", distinct=True),
            fresh=Count("offers", filter=Q(offers__created_at__gt=now - UNDO_WITHIN), distinct=True),
            answered=Max("offers__answered_at"),
            open_offers=Count("offers", filter=Q(offers__status=OfferStatus.OFFERED), distinct=True),
            en_route=Max("trips__en_route_at"),
            arrived=Max("trips__arrived_at"),
            loaded=Max("trips__loaded_at"),
            completed=Max("trips__completed_at"),
            aborted=Max("trips__aborted_at"),
        )
        .order_by("pk")
        .first()
    )
    return repr(row)


def on_red_list(task: Task) -> bool:
    """Tell whether the search has found nobody, and left a task to its officer."""
    return Search.objects.filter(task=task, step=SearchStep.RED, locked_at=None).exists()


def search(rows: QuerySet[Task], task_id: UUID) -> Search:
    """Return the search for vehicles for one of the tasks.

    Raises:
        NotFound: no such task, or nothing was offered of it yet.
    """
    found = Search.objects.filter(task__in=rows, task_id=task_id).first()
    if found is None:
        raise NotFound
    return found


def flights(rows: QuerySet[Flight]) -> QuerySet[Flight]:
    """Flights with their airport and the vehicles that wait for them, the last to arrive first."""
    tasks = Task.objects.select_related("site", "destination").order_by("starts_at", "pk")
    live = Q(tasks__status__in=LIVE)
    return (
        rows.select_related("site", "union", "campaign")
        .prefetch_related(Prefetch("tasks", tasks))
        .annotate(
            vehicles_needed=Sum("tasks__vehicles_needed", filter=live, default=0),
            vehicles_accepted=Sum("tasks__vehicles_accepted", filter=live, default=0),
        )
        .order_by("-arrives_at", "pk")
    )


def flight(rows: QuerySet[Flight], flight_id: UUID) -> Flight:
    """Return one of the flights.

    Raises:
        NotFound
    """
    found = flights(rows).filter(pk=flight_id).first()
    if found is None:
        raise NotFound
    return found


def tasks_for_flight(rows: QuerySet[Task], flight: Flight, *, now: datetime) -> QuerySet[Task]:
    """Transport that could wait for a flight: not over, not another flight's; the next to start first."""
    return rows.filter(
        Q(flight=None) | Q(flight=flight),
        kind=TaskKind.TRANSPORT,
        status__in=[TaskStatus.DRAFT, *LIVE],
        ends_at__gt=now,
    ).order_by("starts_at", "pk")
