"""Whose calendars somebody switches on and off."""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.calendars.models import Feed
from mobilize.core.actor import Actor
from mobilize.core.errors import NotFound
from mobilize.tasks.models import Team


def led_teams(actor: Actor) -> QuerySet[Team]:
    """The teams the signed-in person leads.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Team.objects.filter(leader__user_id=actor.person)


def demand_team(actor: Actor, *, team_id: UUID) -> Team:
    """Return a team whose calendar is the actor's to give: she leads it.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: no such team, or somebody else leads it.
    """
    found = led_teams(actor).filter(pk=team_id).first()
    if found is None:
        raise NotFound
    return found


def own(actor: Actor) -> QuerySet[Feed]:
    """The calendars the signed-in person has switched on.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Feed.objects.filter(user_id=actor.person)


def is_alive(feed: Feed) -> bool:
    """Tell whether a calendar is still read out: its person is there, and leads the team if it is a team's.

    Args:
        feed: with person, team and the team's leader.
    """
    if not feed.user.is_active:
        return False
    return feed.team is None or (feed.team.leader is not None and feed.team.leader.user_id == feed.user_id)
