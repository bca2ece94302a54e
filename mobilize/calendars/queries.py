"""Reading calendars and what stands in them. The number of rows is bounded, that of queries fixed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from mobilize.calendars.models import Feed
from mobilize.core.errors import NotFound
from mobilize.core.models import Transition
from mobilize.dispatch.models import Trip
from mobilize.dispatch.states import TripStatus
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift, Team
from mobilize.tasks.states import LIVE, TaskStatus

MOST_EVENTS = 500
KEPT = timedelta(days=30)  # what is over stays so long, and what was called off, so that calendars drop it
KEPT_OF_TEAM = timedelta(days=2)  # dozens of shifts a day: those to come are what matters
SHOWN_OF_TEAM = [*LIVE, TaskStatus.CLOSED, TaskStatus.CANCELLED]


@dataclass(frozen=True)
class Switch:
    """A calendar a person can have.

    Attributes:
        team: whose duties it shows, None for her own.
        feed: None while it is switched off.
    """

    team: Team | None
    feed: Feed | None


def switches(feeds: QuerySet[Feed], teams: QuerySet[Team]) -> list[Switch]:
    """Return the calendars somebody can have, her own first, in two queries.

    Args:
        feeds: those she has switched on.
        teams: those she leads.
    """
    by_team = {feed.team_id: feed for feed in feeds}
    led = teams.order_by("position", "pk")
    return [Switch(None, by_team.get(None)), *(Switch(team, by_team.get(team.pk)) for team in led)]


def own_feed(feeds: QuerySet[Feed]) -> Feed:
    """Return somebody's calendar of her own duties.

    Args:
        feeds: those she has switched on.
    Raises:
        NotFound: it is switched off.
    """
    found = feeds.filter(team=None).first()
    if found is None:
        raise NotFound
    return found


def feed(key: UUID) -> Feed | None:
    """Return the calendar of a key with its person and team, None when there is none any more."""
    return Feed.objects.select_related("user", "team__leader").filter(key=key).first()


def duties(rows: QuerySet[Signup], *, now: datetime) -> QuerySet[Signup]:
    """Sign-ups as a calendar shows them, in order of time, each with `changed_at`: its last status change.

    Args:
        rows: whose.
        now: current time.
    """
    shown = ~Q(status=SignupStatus.WITHDRAWN) | Q(withdrawn_at__gt=now - KEPT)
    return full_duties(rows.filter(shown, shift__ends_at__gt=now - KEPT))[:MOST_EVENTS]


def full_duties(rows: QuerySet[Signup]) -> QuerySet[Signup]:
    """Sign-ups with all that an event says of them, in order of time, each with `changed_at`."""
    return (
        rows.select_related("shift__post__site", "shift__post__team__leader__user", "shift__task__campaign")
        .annotate(changed_at=_last_change(OuterRef("pk")))
        .order_by("shift__starts_at", "pk")
    )


def trips(rows: QuerySet[Trip], *, now: datetime) -> QuerySet[Trip]:
    """Trips as a calendar shows them, in order of time, each with `changed_at`.

    Args:
        rows: whose.
        now: current time.
    """
    shown = ~Q(status=TripStatus.ABORTED) | Q(aborted_at__gt=now - KEPT)
    return (
        rows.filter(shown, ends_at__gt=now - KEPT)
        .select_related("task__site", "task__destination", "task__campaign", "vehicle")
        .annotate(changed_at=_last_change(OuterRef("pk")))
        .order_by("starts_at", "pk")[:MOST_EVENTS]
    )


def shifts(team_id: UUID, *, now: datetime) -> QuerySet[Shift]:
    """A team's shifts as a calendar shows them, in order of time.

    Each has `cancelled_at`: when its whole task was called off, None when it was not.

    Args:
        team_id: whose posts.
        now: current time.
    """
    cancelled = Transition.objects.filter(subject_id=OuterRef("task"), to_status=TaskStatus.CANCELLED)
    return (
        Shift.objects.filter(post__team=team_id, task__status__in=SHOWN_OF_TEAM, ends_at__gt=now - KEPT_OF_TEAM)
        .annotate(cancelled_at=Subquery(cancelled.order_by("-created_at").values("created_at")[:1]))
        .filter(
            Q(called_off_at=None) | Q(called_off_at__gt=now - KEPT),
            Q(cancelled_at=None) | Q(cancelled_at__gt=now - KEPT),
        )
        .select_related("post__site", "post__team__leader__user", "task__campaign")
        .order_by("starts_at", "pk")[:MOST_EVENTS]
    )


def _last_change(subject: Combinable) -> Subquery:
    rows = Transition.objects.filter(subject_id=subject)
    return Subquery(rows.order_by("-created_at").values("created_at")[:1])
