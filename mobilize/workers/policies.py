"""Who sees whose honours."""

from django.db.models import QuerySet

from mobilize.core.actor import Actor
from mobilize.unions import policies as unions
from mobilize.unions.states import Role
from mobilize.workers.models import Honour


def own_honours(actor: Actor) -> QuerySet[Honour]:
    """What the signed-in person has named.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return Honour.objects.filter(worker__user_id=actor.person)


def honours_visible_to(actor: Actor) -> QuerySet[Honour]:
    """Honours of the people of the officer's branches.

    Raises:
        Unauthenticated, Forbidden: see `unions.policies.demand_officer`.
    """
    unions.demand_officer(actor)
    return Honour.objects.filter(worker__union__in=unions.branch(actor, at_least=Role.VIEWER))
