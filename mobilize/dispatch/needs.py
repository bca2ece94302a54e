"""Reading the board of a whole branch: what is needed, how far each need has come, who is silent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Greatest

from mobilize.dispatch import chains
from mobilize.dispatch.models import Offer, Search, Trip
from mobilize.dispatch.states import UNDER_WAY, OfferStatus, SearchStep, TripStatus
from mobilize.tasks.models import Task
from mobilize.tasks.states import LIVE, TaskKind

MOST_SILENT = 20


def needs(tasks: QuerySet[Task], *, now: datetime) -> QuerySet[Task]:
    """Transport tasks that are not over: the red list first, then by urgency and start; what is filled comes last.

    Args:
        tasks: those the actor may see.
        now: current time.
    """
    under_way = Trip.objects.filter(task=OuterRef("pk"), status__in=UNDER_WAY)
    filled = ExpressionWrapper(Q(vehicles_accepted=F("vehicles_needed")), output_field=BooleanField())
    return (
        tasks.filter(kind=TaskKind.TRANSPORT, status__in=LIVE)
        .filter(Q(ends_at__gt=now) | Exists(under_way))
        .select_related("site", "destination", "search__locked_by", "flight")
        .annotate(filled=filled)
        .order_by("filled", Case(When(search__step=SearchStep.RED, then=0), default=1), "-urgency", "starts_at", "pk")
    )


def narrowed(rows: QuerySet[Task], *, now: datetime, show: str = "", search: str = "") -> QuerySet[Task]:
    """Narrow needs down.

    Args:
        rows: see `needs`.
        now: current time.
        show: `open`: vehicles are missing that nobody was asked for; `asked`: somebody has to answer; `under_way`:
            with trips under way; `red`: on the red list; `overdue`: begun and not filled. Empty is all.
        search: a part of the title or of a place's name.
    """
    asked = Offer.objects.filter(task=OuterRef("pk"), status=OfferStatus.OFFERED)
    under_way = Trip.objects.filter(task=OuterRef("pk"), status__in=UNDER_WAY)
    wanted = {
        "open": Q(~Exists(asked), filled=False),
        "asked": Q(Exists(asked)),
        "under_way": Q(Exists(under_way)),
        "red": Q(filled=False, search__step=SearchStep.RED),
        "overdue": Q(filled=False, starts_at__lte=now),
    }
    if show in wanted:
        rows = rows.filter(wanted[show])
    if search:
        names = Q(title__icontains=search) | Q(site__name__icontains=search) | Q(destination__name__icontains=search)
        rows = rows.filter(names)
    return rows


def unfilled(rows: QuerySet[Task]) -> QuerySet[Task]:
    """Narrow needs down to those with vehicles missing that nobody keeps for herself."""
    return rows.filter(Q(filled=False, search__locked_at=None))


@dataclass(frozen=True)
class Need:
    """A transport task on the board.

    Attributes:
        task: with its places and its search.
        asked: vehicles that open offers ask for.
        next: vehicles whose drivers are offered it when they accept an earlier trip of the same plan.
        silent: open offers that have used up half of their time.
        stages: trips by status.
        late: trips whose time has come and that have not set out.
        last_at: when the latest stage was reported; None before the first.
    """

    task: Task
    asked: int
    next: int
    silent: int
    stages: dict[str, int]
    late: int
    last_at: datetime | None

    @property
    def to_ask(self) -> int:
        """Vehicles that nobody promised and nobody is or will be asked for."""
        return max(self.task.vehicles_left - self.asked - self.next, 0)

    @property
    def search(self) -> Search | None:
        """How far the search has come; None before the first offer."""
        return getattr(self.task, "search", None)

    @property
    def locked(self) -> bool:
        """Whether plans and the search leave it alone."""
        return bool(self.search and self.search.locked_at)

    @property
    def red(self) -> bool:
        """Whether it lies on the officer's red list."""
        return bool(self.task.vehicles_left and self.search and self.search.step == SearchStep.RED)


def with_progress(tasks: Sequence[Task], *, now: datetime) -> list[Need]:
    """Return tasks with how far they have come, in three statements.

    Args:
        tasks: of one page, see `needs`.
        now: current time.
    """
    ids = [task.pk for task in tasks]
    asked = Offer.objects.filter(task__in=ids, status=OfferStatus.OFFERED).order_by().values("task")
    offers = {row["task"]: row for row in asked.annotate(n=Sum("vehicles_offered"), silent=_count(_silent(now)))}
    stamp = Greatest("en_route_at", "arrived_at", "loaded_at", "completed_at", "aborted_at")
    staged = Trip.objects.filter(task__in=ids).order_by().values("task", "status")
    stages: dict[UUID, list[Any]] = {}
    for row in staged.annotate(n=Count("pk"), late=_count(_late(now)), last=Max(stamp)):
        stages.setdefault(row["task"], []).append(row)
    following = chains.counted(chains.waiting(ids, now=now))
    return [_need(task, offers.get(task.pk), following.get(task.pk, 0), stages.get(task.pk, [])) for task in tasks]


def _need(task: Task, asked: Any, following: int, stages: list[Any]) -> Need:
    return Need(
        task=task,
        asked=asked["n"] if asked else 0,
        next=following,
        silent=asked["silent"] if asked else 0,
        stages={row["status"]: row["n"] for row in stages},
        late=sum(row["late"] for row in stages),
        last_at=max((row["last"] for row in stages if row["last"]), default=None),
    )


def _count(condition: Q) -> Count:
    return Count("pk", filter=condition)


def _silent(now: datetime) -> Q:
    """Offers that have used up half of their time to answer: what is left is no more than what has passed."""
    at = Value(now, DateTimeField())
    return Q(status=OfferStatus.OFFERED, expires_at__lte=at + (at - F("created_at")))


def _late(now: datetime) -> Q:
    """Trips whose time has come and that have not set out."""
    return Q(status=TripStatus.ASSIGNED, starts_at__lte=now)


@dataclass(frozen=True)
class Figures:
    """The board in five figures.

    Attributes:
        needs: transport tasks that are not filled.
        vehicles: that nobody has promised yet.
        asked: vehicles that open offers ask for.
        overdue: needs that have begun and are not filled.
        red: needs the search has laid on the officer's red list.
    """

    needs: int
    vehicles: int
    asked: int
    overdue: int
    red: int


def figures(rows: QuerySet[Task], *, now: datetime) -> Figures:
    """Add up needs, in two statements.

    Args:
        rows: see `needs`.
        now: current time.
    """
    open_needs = rows.filter(vehicles_accepted__lt=F("vehicles_needed")).select_related(None).order_by()
    asked = Offer.objects.filter(task__in=open_needs.values("pk"), status=OfferStatus.OFFERED)
    return Figures(
        **open_needs.aggregate(
            needs=Count("pk"),
            vehicles=Sum(F("vehicles_needed") - F("vehicles_accepted"), default=0),
            overdue=_count(Q(starts_at__lte=now)),
            red=_count(Q(search__step=SearchStep.RED)),
        ),
        asked=asked.aggregate(n=Sum("vehicles_offered", default=0))["n"],
    )


@dataclass(frozen=True)
class Silent:
    """Who should have said something by now, the longest waiting first, at most 20 of each.

    Attributes:
        offers: open ones that have used up half of their time.
        trips: whose time has come and that have not set out.
    """

    offers: list[Offer]
    trips: list[Trip]


def silent(tasks: QuerySet[Task], *, now: datetime) -> Silent:
    """Return who is silent, in two statements.

    Args:
        tasks: those the actor may see.
        now: current time.
    """
    offers = Offer.objects.filter(_silent(now), task__in=tasks).select_related(
        "task", "fleet__leader", "driver__worker__user"
    )
    trips = Trip.objects.filter(_late(now), task__in=tasks).select_related("task", "vehicle", "driver__worker__user")
    return Silent(
        offers=list(offers.order_by("expires_at", "pk")[:MOST_SILENT]),
        trips=list(trips.order_by("starts_at", "pk")[:MOST_SILENT]),
    )


# PostgreSQL gives every version of a row the number of the transaction that wrote it: their sum changes with every row
# that is added, changed or gone, whatever was changed. What time alone changes is counted beside. An officer of any
# role sees the board of her branches, so this needs no look at roles, and no statement of its own for the tree.
_VERSION = """
    WITH RECURSIVE branch AS (
        SELECT union_id AS id FROM unions_officer WHERE user_id = %(user)s
        UNION SELECT child.id FROM unions_union child JOIN branch ON child.parent_id = branch.id
    ), tasks AS (
        SELECT id, xmin::text::bigint AS version, starts_at <= %(now)s AS begun, ends_at <= %(now)s AS over
        FROM tasks_task WHERE kind = 'transport' AND status IN ('published', 'fulfilled')
            AND union_id IN (SELECT id FROM branch)
    ), offers AS (
        SELECT o.xmin::text::bigint AS version,
               o.status = 'offered' AND o.expires_at - %(now)s <= %(now)s - o.created_at AS silent
        FROM dispatch_offer o JOIN tasks ON tasks.id = o.task_id
    ), trips AS (
        SELECT t.xmin::text::bigint AS version, t.status = 'assigned' AND t.starts_at <= %(now)s AS late
        FROM dispatch_trip t JOIN tasks ON tasks.id = t.task_id
    ), searches AS (
        SELECT s.xmin::text::bigint AS version FROM dispatch_search s JOIN tasks ON tasks.id = s.task_id
    )
    SELECT * FROM
        (SELECT count(*), sum(version), count(*) FILTER (WHERE begun), count(*) FILTER (WHERE over) FROM tasks) a,
        (SELECT count(*), sum(version), count(*) FILTER (WHERE silent) FROM offers) b,
        (SELECT count(*), sum(version), count(*) FILTER (WHERE late) FROM trips) c,
        (SELECT count(*), sum(version) FROM searches) d
"""


def version(*, user_id: UUID, now: datetime) -> str:
    """Return what changes whenever an officer's board does, in one statement: for an ETag.

    Args:
        user_id: the officer.
        now: current time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, {"user": user_id, "now": now})
        return repr(cursor.fetchone())
