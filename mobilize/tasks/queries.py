"""Reading sites, teams, tasks and shifts. Row visibility comes from the caller."""

import math
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Abs, Cast, TruncDate

from mobilize.core.errors import NotFound
from mobilize.tasks.models import Post, Shift, Site, Task, Team
from mobilize.tasks.states import PostKind, TaskStatus


def districts() -> list[str]:
    """Districts that have sites, sorted."""
    return list(Site.objects.order_by("district").values_list("district", flat=True).distinct())


def sites(*, search: str = "") -> QuerySet[Site]:
    """Sites by district and name."""
    found = Site.objects.order_by("district", "sort_key")
    return found.filter(name__icontains=search) if search else found


def posts(rows: QuerySet[Post]) -> QuerySet[Post]:
    """Posts with their sites, by district and site."""
    return rows.select_related("site", "team").order_by("site__district", "site__sort_key", "kind")


def teams(rows: QuerySet[Team]) -> QuerySet[Team]:
    """Teams with campaign, union and leader: those of the campaign that began last first, in their order."""
    return rows.select_related("campaign", "union", "leader__user").order_by("-campaign__starts_on", "position", "pk")


def team(rows: QuerySet[Team], team_id: UUID) -> Team:
    """Return one of the teams.

    Raises:
        NotFound
    """
    found = teams(rows).filter(pk=team_id).first()
    if found is None:
        raise NotFound
    return found


def listed(tasks: QuerySet[Task], *, search: str = "", status: str = "", kind: str = "") -> QuerySet[Task]:
    """Tasks with their places: live ones first, then by urgency and start."""
    if search:
        tasks = tasks.filter(title__icontains=search)
    if status:
        tasks = tasks.filter(status=status)
    if kind:
        tasks = tasks.filter(kind=kind)
    rank = Case(
        When(status=TaskStatus.PUBLISHED, then=0),
        When(status=TaskStatus.DRAFT, then=1),
        When(status=TaskStatus.FULFILLED, then=2),
        default=3,
    )
    return tasks.select_related("site", "destination", "union", "campaign").order_by(
        rank, "-urgency", "starts_at", "pk"
    )


def one(tasks: QuerySet[Task], task_id: UUID) -> Task:
    """Return one of the tasks with its places.

    Raises:
        NotFound
    """
    task = tasks.select_related("site", "destination", "union", "campaign").filter(pk=task_id).first()
    if task is None:
        raise NotFound
    return task


def shifts(
    rows: QuerySet[Shift],
    *,
    now: datetime | None = None,
    campaign: str = "",
    task_id: UUID | None = None,
    district: str = "",
    day: date | None = None,
    near: tuple[float, float] | None = None,
    search: str = "",
) -> QuerySet[Shift]:
    """Shifts with post, site and task, in order of time, or of distance when `near` is given.

    Args:
        rows: those the actor may see.
        now: leaves out shifts that have begun.
        campaign: slug.
        task_id: of one task.
        district: exact name.
        day: in the city's zone.
        search: a part of the site's name or address, or of the kind of post in any language.
        near: latitude and longitude in degrees; adds `distance_km` (flat-earth, fine within a city).
    """
    found = rows.select_related("post__site", "task__campaign", "task__union", "post__team")
    if now:
        found = found.filter(starts_at__gt=now)
    if campaign:
        found = found.filter(task__campaign__slug=campaign)
    if task_id:
        found = found.filter(task_id=task_id)
    if district:
        found = found.filter(post__site__district=district)
    if day:
        found = found.annotate(day=TruncDate("starts_at")).filter(day=day)
    if search:
        found = found.filter(
            Q(post__site__name__icontains=search)
            | Q(post__site__name_en__icontains=search)
            | Q(post__site__address__icontains=search)
            | Q(post__kind__in=PostKind.named(search))
        )
    if near:
        latitude, longitude = near
        km_per_degree = 111.2
        north = Abs(Cast("post__site__latitude", FloatField()) - Value(latitude)) * Value(km_per_degree)
        east = Abs(Cast("post__site__longitude", FloatField()) - Value(longitude)) * Value(
            km_per_degree * math.cos(math.radians(latitude))
        )
        return found.annotate(distance_km=(north * north + east * east) ** Value(0.5)).order_by(
            F("distance_km").asc(), "starts_at", "pk"
        )
    return found.order_by("starts_at", "pk")


def shift(rows: QuerySet[Shift], shift_id: UUID) -> Shift:
    """Return one of the shifts with post, site and task.

    Raises:
        NotFound
    """
    found = shifts(rows).filter(pk=shift_id).first()
    if found is None:
        raise NotFound
    return found
