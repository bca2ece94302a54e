"""Who sees and changes which tasks."""

from uuid import UUID

from django.db.models import Q, QuerySet

from mobilize.campaigns.states import CampaignStatus
from mobilize.core.actor import Actor
from mobilize.tasks.models import Post, Shift, Task, Team
from mobilize.tasks.states import LIVE
from mobilize.unions import policies as unions
from mobilize.unions import queries
from mobilize.unions.states import Role

READ, WRITE = "tasks:read", "tasks:write"


def visible_to(actor: Actor) -> QuerySet[Task]:
    """Tasks of the officer's or partner's branches."""
    return Task.objects.filter(union_id__in=unions.branch(actor, at_least=Role.VIEWER, scope=READ))


def changeable_by(actor: Actor) -> QuerySet[Task]:
    """Tasks of the branches where the actor dispatches, or that a partner with `tasks:write` may change."""
    return Task.objects.filter(union_id__in=unions.branch(actor, at_least=Role.DISPATCHER, scope=WRITE))


def shifts_visible_to(actor: Actor) -> QuerySet[Shift]:
    """Shifts of the tasks the actor sees at the desk, drafts included."""
    return Shift.objects.filter(task__in=visible_to(actor))


def teams_visible_to(actor: Actor) -> QuerySet[Team]:
    """Teams of the officer's or partner's branches."""
    return Team.objects.filter(union_id__in=unions.branch(actor, at_least=Role.VIEWER, scope=READ))


def demand_change(actor: Actor, *, union_id: UUID) -> None:
    """Let pass a dispatcher of the union, or a partner with `tasks:write` for it.

    Raises:
        Unauthenticated, NotFound, Forbidden: see `unions.policies.demand`.
    """
    unions.demand(actor, union_id=union_id, at_least=Role.DISPATCHER, scope=WRITE)


def open_shifts() -> QuerySet[Shift]:
    """Shifts anybody may read: of published tasks in an open campaign, not called off."""
    return Shift.objects.filter(task__status__in=LIVE, task__campaign__status=CampaignStatus.OPEN, called_off_at=None)


def posts_of(union_id: UUID) -> QuerySet[Post]:
    """Posts that a union's tasks may fill: at a site, or kept by a team, of the union or of one above or below it."""
    line = [*queries.branch_ids([union_id]), *queries.ids_above(union_id)]
    return Post.objects.filter(Q(site__union__in=line) | Q(team__union__in=line))
