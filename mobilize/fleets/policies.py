"""Who sees and changes which fleets."""

from uuid import UUID

from django.db.models import Q, QuerySet

from mobilize.core.actor import Actor
from mobilize.fleets.models import Driver, Fleet
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

READ, WRITE = "fleets:read", "fleets:write"


def visible_to(actor: Actor) -> QuerySet[Fleet]:
    """Fleets of the officer's branches, and those a person leads."""
    branch = unions.branch(actor, at_least=Role.VIEWER, scope=READ)
    led = Q(leader_id=actor.user_id) if actor.user_id else Q(pk__in=[])
    return Fleet.objects.filter(Q(union_id__in=branch) | led)


def drivers_visible_to(actor: Actor) -> QuerySet[Driver]:
    """Drivers of the fleets the actor sees."""
    return Driver.objects.filter(fleet__in=visible_to(actor))


def demand_change(actor: Actor, *, union_id: UUID) -> None:
    """Let pass a dispatcher of the fleet's union.

    Raises:
        Unauthenticated, NotFound, Forbidden: see `unions.policies.demand`.
    """
    unions.demand(actor, union_id=union_id, at_least=Role.DISPATCHER, scope=WRITE)
