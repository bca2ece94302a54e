"""Who leads a specialist team (专班): people with a verified honour are proposed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Value, When

from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.errors import Invalid
from mobilize.core.locks import locked
from mobilize.tasks import policies
from mobilize.tasks.models import Team
from mobilize.unions import policies as unions
from mobilize.unions import queries as offices
from mobilize.unions.states import Role
from mobilize.workers.enrolment import read_phone, workers_of
from mobilize.workers.models import Worker
from mobilize.workers.queries import verified_honours
from mobilize.workers.states import HonourLevel

MOST_PROPOSED = 12
_BY_LEVEL = Case(*[When(level=level, then=Value(n)) for n, level in enumerate(HonourLevel)])


def proposed(team: Team) -> list[Worker]:
    """People of the team's branch with a verified honour, the highest first, each with `honours_shown`; at most 12.

    Source: the appeal's "以劳模带队": labour models and craftsmen lead the teams.
    """
    here = verified_honours().filter(
        worker__union__in=offices.branch_ids([team.union_id]), worker__user__is_active=True
    )
    found: dict[UUID, Worker] = {}
    for honour in here.select_related("worker__user", "worker__union").order_by(_BY_LEVEL, "-year", "pk")[:100]:
        worker = found.setdefault(honour.worker_id, honour.worker)
        worker.honours_shown = [*getattr(worker, "honours_shown", []), honour]  # type: ignore[attr-defined]
    return list(found.values())[:MOST_PROPOSED]


@transaction.atomic
def appoint_leader(
    *, actor: Actor, team_id: UUID, now: datetime, worker_id: UUID | None = None, phone: str = ""
) -> Team:
    """Let somebody lead a team, or nobody when neither is given. She keeps the lists of its posts from then on.

    Args:
        actor: a dispatcher of the team's union.
        team_id: which.
        now: for the trace.
        worker_id: one of those proposed.
        phone: else, anybody of the actor's branches, as typed.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Invalid: `bad_phone`, `unknown_person` beside `phone`; `unknown_choice` beside `worker`.
    """
    team = locked(policies.teams_visible_to(actor), pk=team_id)
    policies.demand_change(actor, union_id=team.union_id)
    leader = _by_number(actor, phone) if phone.strip() else None
    if worker_id and leader is None:
        leader = next((one for one in proposed(team) if one.pk == worker_id), None)
        if leader is None:
            raise Invalid({"worker": ["unknown_choice"]})
    team.leader = leader
    team.save(update_fields=["leader"])
    transitions.record([team], before="", to="led", actor=actor, now=now, why=str(leader.pk) if leader else "nobody")
    return team


def _by_number(actor: Actor, typed: str) -> Worker:
    wrong: dict[str, list[str]] = {}
    phone = read_phone(typed, "phone", wrong)
    mine = unions.branch(actor, at_least=Role.DISPATCHER)
    found = workers_of([phone]).get(phone) if not wrong else None
    if wrong or found is None or found.union_id not in mine or not found.user.is_active:
        raise Invalid(wrong or {"phone": ["unknown_person"]})
    return found
