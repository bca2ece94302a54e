"""Who may read of messages, call people and write to many."""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.channels.models import Delivery
from mobilize.core.actor import Actor
from mobilize.reminders.models import Broadcast
from mobilize.unions import policies as unions
from mobilize.unions.states import Role


def messages_visible_to(actor: Actor) -> QuerySet[Delivery]:
    """The messages said in the name of the officer's own branches; codes and links of people are nobody's.

    Raises:
        Unauthenticated, Forbidden: see `unions.policies.demand_officer`.
    """
    unions.demand_officer(actor)
    return Delivery.objects.filter(union__in=unions.branch(actor, at_least=Role.VIEWER), secret=False)


def broadcasts_visible_to(actor: Actor) -> QuerySet[Broadcast]:
    """The bulk messages of the officer's own branches.

    Raises:
        Unauthenticated, Forbidden: see `unions.policies.demand_officer`.
    """
    unions.demand_officer(actor)
    return Broadcast.objects.filter(union__in=unions.branch(actor, at_least=Role.VIEWER))


def demand_calling(actor: Actor, union_id: UUID | None) -> None:
    """Let pass who may call people for a union, so sees their whole numbers: its dispatchers.

    Raises:
        NotFound, Forbidden: see `unions.policies.demand`.
    """
    unions.demand(actor, union_id=union_id, at_least=Role.DISPATCHER)  # type: ignore[arg-type]


def demand_writing(actor: Actor, union_id: UUID) -> None:
    """Let pass who may write to many in a union's name: its administrators.

    Raises:
        NotFound, Forbidden: see `unions.policies.demand`.
    """
    unions.demand(actor, union_id=union_id, at_least=Role.ADMIN)
