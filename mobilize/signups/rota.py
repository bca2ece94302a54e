"""Correcting a shift that people may have signed up for already."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.locks import locked
from mobilize.outbox import services as outbox
from mobilize.signups import places, waiting
from mobilize.signups.models import Signup
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.tasks import policies as tasks
from mobilize.tasks.models import Shift
from mobilize.tasks.services import count_move, wrong_shift
from mobilize.tasks.states import LIVE, TaskStatus

CORRECTED = "corrected"


@clash_as_conflict()
@transaction.atomic
def correct_shift(
    *,
    actor: Actor,
    shift_id: UUID,
    post_id: UUID | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    now: datetime,
    opens_at: datetime | None = None,
) -> Shift:
    """Correct where and when a shift is. Sign-ups stay; whoever is to come, waits or was asked is told.

    Args:
        actor: a dispatcher of the task's union.
        shift_id: one that has not begun, of a draft or live task.
        post_id, starts_at, ends_at, opens_at: as in `tasks.services.add_shift`.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `wrong_status` when task or shift is over; `shift_has_begun`; `changed_meanwhile`.
        Invalid: as in `add_shift`; `people_busy` beside `starts_at` when somebody would be in two places, with `count`.
    """
    places.hold(list(Signup.objects.filter(shift=shift_id, status__in=AHEAD).values_list("worker", flat=True)))
    shift = locked(tasks.shifts_visible_to(actor).select_related("task__campaign"), pk=shift_id)
    tasks.demand_change(actor, union_id=shift.task.union_id)
    if shift.called_off_at or shift.task.status not in [TaskStatus.DRAFT, *LIVE]:
        raise Conflict("wrong_status", status=shift.task.status)
    if shift.starts_at <= now:
        raise Conflict("shift_has_begun")
    wanted: dict[str, Any] = {"post_id": post_id, "starts_at": starts_at, "ends_at": ends_at, "opens_at": opens_at}
    if all(getattr(shift, name) == value for name, value in wanted.items()):
        return shift
    wrong, facts = wrong_shift(task=shift.task, now=now, shift_id=shift.pk, **wanted)
    if not wrong and (busy := _busy(shift, starts_at, ends_at)):
        wrong, facts = {"starts_at": ["people_busy"]}, {"count": busy}
    if wrong:
        raise Invalid(wrong, **facts)
    moved = any(getattr(shift, name) != wanted[name] for name in ("post_id", "starts_at", "ends_at"))
    for name, value in wanted.items():
        setattr(shift, name, value)
    shift.save(update_fields=["post", "starts_at", "ends_at", "opens_at"])
    transitions.record([shift], before="", to=CORRECTED, actor=actor, now=now)
    if moved:
        count_move(shift_id=shift.pk, now=now)
        _take_along(shift, now)
    return shift


def _busy(shift: Shift, starts_at: datetime | None, ends_at: datetime | None) -> int:
    """How many of its people have something else at the new time."""
    people = Signup.objects.filter(shift=shift, status__in=AHEAD).values("worker")
    elsewhere = Signup.objects.filter(worker__in=people, status__in=AHEAD).exclude(shift=shift)
    return elsewhere.filter(during__overlap=DateTimeTZRange(starts_at, ends_at)).values("worker").distinct().count()


def _take_along(shift: Shift, now: datetime) -> None:
    """Let the sign-ups follow their shift, with fair time to answer, and tell the people."""
    rows = Signup.objects.filter(shift=shift)
    rows.update(during=DateTimeTZRange(shift.starts_at, shift.ends_at))
    latest = max(shift.starts_at - waiting.HELD_UNTIL, min(now + waiting.LEAST_TO_ANSWER, shift.starts_at))
    rows.filter(status=SignupStatus.OFFERED, answer_by__gt=latest).update(answer_by=latest)
    ahead = rows.filter(status__in=AHEAD).values_list("pk", flat=True)
    outbox.record_many([("signup.moved", signup_id, {"at": now.isoformat()}) for signup_id in ahead])
    waiting.promote(shift=shift, now=now)
