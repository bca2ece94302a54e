"""Who may read of messages, call people, write to many, and change how messages leave."""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.campaigns.models import Campaign
from mobilize.channels.models import Delivery
from mobilize.core.actor import Actor
from mobilize.core.errors import Forbidden
from mobilize.reminders.models import Broadcast, RuleChange
from mobilize.unions import policies as unions
from mobilize.unions import queries as union_queries
from mobilize.unions.models import Union
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


def rule_changes_visible_to(actor: Actor) -> QuerySet[RuleChange]:
    """What was changed of the rules of messages: every officer may read it.

    Raises:
        Unauthenticated, Forbidden: see `unions.policies.demand_officer`.
    """
    unions.demand_officer(actor)
    return RuleChange.objects.all()


def demand_calling(actor: Actor, union_id: UUID | None) -> None:
    """Let pass who may call people for a union, so sees their whole numbers: its dispatchers.

    Raises:
        NotFound, Forbidden: see `unions.policies.demand`.
    """
    unions.demand(actor, union_id=union_id, at_least=Role.DISPATCHER)  # type: ignore[arg-type]


def demand_rules(actor: Actor) -> None:
    """Let pass who may change how messages leave in the whole city: administrators of a city federation.

    Raises:
        Unauthenticated, Forbidden: see `unions.policies.demand_officer`; `city_only` for those of a union below.
    """
    nodes = unions.demand_officer(actor, at_least=Role.ADMIN)
    if not Union.objects.filter(pk__in=nodes, parent=None).exists():
        raise Forbidden("city_only")


def demand_writing(actor: Actor, union_id: UUID) -> None:
    """Let pass who may write to many in a union's name: its administrators.

    Raises:
        NotFound, Forbidden: see `unions.policies.demand`.
    """
    unions.demand(actor, union_id=union_id, at_least=Role.ADMIN)


def campaigns_paid_by(actor: Actor) -> QuerySet[Campaign]:
    """The campaigns whose budget the actor may set: those of the branches where she is administrator.

    Raises:
        Unauthenticated, Forbidden: see `unions.policies.demand_officer`.
    """
    nodes = unions.demand_officer(actor, at_least=Role.ADMIN)
    return Campaign.objects.filter(union__in=union_queries.branch_ids(nodes))
