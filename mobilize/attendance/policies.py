"""Who keeps the list of a shift, and who sees hours."""

from uuid import UUID

from django.db.models import Q, QuerySet

from mobilize.attendance import codes
from mobilize.attendance.models import CheckIn
from mobilize.core.actor import Actor
from mobilize.core.errors import NotFound
from mobilize.signups import queries as signups
from mobilize.signups.models import Signup
from mobilize.tasks import policies as tasks
from mobilize.tasks.models import Shift
from mobilize.tasks.states import TaskStatus

NEVER_SERVED = [TaskStatus.DRAFT, TaskStatus.CANCELLED]


def kept_by(actor: Actor) -> QuerySet[Shift]:
    """Shifts whose list the actor keeps: as leader of the team at the post, or as dispatcher of the task's branch.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`: a machine sees nobody arrive.
    """
    led = Q(post__team__leader__user_id=actor.person)
    rows = Shift.objects.exclude(task__status__in=NEVER_SERVED).filter(called_off_at=None)
    return rows.filter(led | Q(task__in=tasks.changeable_by(actor)))


def demand_keeping(actor: Actor, *, shift_id: UUID) -> Shift:
    """Return a shift whose list the actor keeps, with post, site, team and task.

    Raises:
        Unauthenticated
        NotFound: no such shift, or not hers to see.
        Forbidden: `people_only`; `role_too_weak` for an officer who only sees it.
    """
    related = ["post__site", "post__team", "task__union", "task__campaign"]
    found = kept_by(actor).select_related(*related).filter(pk=shift_id).first()
    if found is None:
        seen = tasks.shifts_visible_to(actor).filter(pk=shift_id).select_related("task").first()
        if seen:
            tasks.demand_change(actor, union_id=seen.task.union_id)
        raise NotFound
    return found


def demand_correcting(actor: Actor, *, shift_id: UUID) -> Shift:
    """Return a shift whose times the actor may correct: a dispatcher of the task's branch, not the team's leader.

    Raises:
        Unauthenticated, NotFound, Forbidden: see `demand_keeping`.
    """
    found = demand_keeping(actor, shift_id=shift_id)
    tasks.demand_change(actor, union_id=found.task.union_id)
    return found


def shown_to(actor: Actor, *, token: str) -> Signup:
    """Return the sign-up behind a person's code, for herself and for whoever keeps the list of its shift.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: `unknown_code`; not hers to see.
    """
    rows = Signup.objects.filter(Q(worker__user_id=actor.person) | Q(shift__in=kept_by(actor)))
    return signups.one(rows, codes.read_signup(token))


def own(actor: Actor) -> QuerySet[CheckIn]:
    """The signed-in person's own check-ins.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    return CheckIn.objects.filter(worker__user_id=actor.person)
