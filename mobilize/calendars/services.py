"""Switching calendars on and off, and giving them another address."""

from datetime import datetime
from uuid import UUID, uuid4

from mobilize.calendars import policies
from mobilize.calendars.models import Feed
from mobilize.core.actor import Actor


def make(*, actor: Actor, now: datetime, team_id: UUID | None = None) -> Feed:
    """Switch a calendar on. One that is on stays as it is; a former leader's address of the team ends.

    Args:
        actor: the person herself, for a team its leader.
        now: current time.
        team_id: whose duties; None for her own.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: see `policies.demand_team`.
    """
    person, whose = _whose(actor, team_id)
    feed, is_new = Feed.objects.get_or_create(**whose, defaults={"user_id": person, "created_at": now})
    if not is_new and feed.user_id != person:
        renew(actor=actor, now=now, team_id=team_id)
        feed.refresh_from_db()
    return feed


def renew(*, actor: Actor, now: datetime, team_id: UUID | None = None) -> None:
    """Give a calendar that is on another address; the one before ends at once.

    Args:
        actor, now, team_id: as in `make`.
    Raises:
        Unauthenticated, Forbidden, NotFound: as `make`.
    """
    person, whose = _whose(actor, team_id)
    Feed.objects.filter(**whose).update(key=uuid4(), user_id=person, created_at=now)


def end(*, actor: Actor, team_id: UUID | None = None) -> None:
    """Switch a calendar off: its address ends at once. One that is off already stays so.

    Args:
        actor, team_id: as in `make`.
    Raises:
        Unauthenticated, Forbidden, NotFound: as `make`.
    """
    _person, whose = _whose(actor, team_id)
    Feed.objects.filter(**whose).delete()


def _whose(actor: Actor, team_id: UUID | None) -> tuple[UUID, dict[str, UUID | None]]:
    """Return who acts, and what her calendar is found by."""
    if team_id is None:
        return actor.person, {"user_id": actor.person, "team_id": None}
    return actor.person, {"team_id": policies.demand_team(actor, team_id=team_id).pk}


def forget(*, user_id: UUID) -> None:
    """Delete the calendars of somebody who closed her account."""
    Feed.objects.filter(user_id=user_id).delete()


def forget_merged(*, worker_id: UUID) -> None:
    """Delete what did not follow when two people became one: whoever stayed had a calendar already.

    Args:
        worker_id: who stayed.
    """
    Feed.objects.filter(user__merged_into__worker=worker_id).delete()
