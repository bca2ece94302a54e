"""A task is called off or closed, a shift is called off, a person is gone: who is let go, and who is told."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from mobilize.core import transitions
from mobilize.core.actor import SYSTEM, Actor
from mobilize.core.errors import Conflict
from mobilize.core.locks import guarded, locked
from mobilize.outbox import services as outbox
from mobilize.signups import waiting
from mobilize.signups.models import Signup
from mobilize.signups.states import AHEAD, Ending, SignupStatus
from mobilize.tasks import policies as tasks
from mobilize.tasks.models import Shift
from mobilize.tasks.states import TaskStatus

CALLED_OFF = "called_off"


@transaction.atomic
def call_off_task(*, task_id: UUID, now: datetime) -> int:
    """A task was cancelled: free everybody who was to come to its coming shifts; nobody moves up.

    Args:
        task_id: which.
        now: current time.
    Returns:
        How many sign-ups.
    """
    return sum(
        _free_all(shift.signups.all(), shift, topic="signup.called_off", now=now, why=Ending.TASK_CALLED_OFF)
        for shift in _coming(task_id, now)
    )


@transaction.atomic
def close_books(*, task_id: UUID, now: datetime) -> int:
    """A task was closed: whoever has a place keeps it, whoever waits or was asked is let go; all of them are told.

    Args:
        task_id: which.
        now: current time.
    Returns:
        How many sign-ups ended.
    """
    ended = 0
    for shift in _coming(task_id, now):
        kept = shift.signups.filter(status=SignupStatus.CONFIRMED).values_list("pk", flat=True)
        outbox.record_many([("signup.kept", signup_id, {}) for signup_id in kept])
        hoping = shift.signups.exclude(status=SignupStatus.CONFIRMED)
        ended += _free_all(hoping, shift, topic="signup.closed", now=now, why=Ending.BOOKS_CLOSED)
    return ended


def _coming(task_id: UUID, now: datetime) -> QuerySet[Shift]:
    return guarded(Shift.objects.filter(task_id=task_id, starts_at__gt=now).order_by("pk"))


@transaction.atomic
def call_off_shift(*, actor: Actor, shift_id: UUID, now: datetime, why: str = "") -> int:
    """Call one shift off: everybody who was to come is freed and told; a second time changes nothing.

    Args:
        actor: a dispatcher of the task's union.
        shift_id: one that has not begun.
        now: current time.
        why: for the trace, up to 300 characters.
    Returns:
        How many sign-ups ended.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `shift_has_begun`; `wrong_status` when the whole task was called off.
    """
    shift = locked(tasks.shifts_visible_to(actor).select_related("task"), pk=shift_id)
    tasks.demand_change(actor, union_id=shift.task.union_id)
    if shift.called_off_at:
        return 0
    if shift.task.status == TaskStatus.CANCELLED:
        raise Conflict("wrong_status", status=shift.task.status)
    if shift.starts_at <= now:
        raise Conflict("shift_has_begun")
    ended = _free_all(shift.signups.all(), shift, topic="signup.called_off", now=now, why=Ending.SHIFT_CALLED_OFF)
    shift.called_off_at, shift.opens_at = now, shift.starts_at
    shift.save(update_fields=["called_off_at", "opens_at"])
    transitions.record([shift], before="", to=CALLED_OFF, actor=actor, now=now, why=why.strip())
    return ended


@transaction.atomic
def leave_all(*, user_id: UUID, now: datetime) -> int:
    """A person is gone for good: her places go to those waiting.

    Args:
        user_id: who.
        now: current time.
    Returns:
        How many sign-ups.
    """
    ahead = Signup.objects.filter(worker__user_id=user_id, status__in=AHEAD, shift__starts_at__gt=now)
    shifts = Shift.objects.filter(pk__in=ahead.values("shift")).select_related("task__campaign")
    left = 0
    for shift in guarded(shifts.order_by("pk")):
        left += _free_all(ahead.filter(shift=shift), shift, topic="signup.withdrawn", now=now, why="account closed")
        waiting.promote(shift=shift, now=now)
    return left


def _free_all(rows: QuerySet[Signup], shift: Shift, *, topic: str, now: datetime, why: str) -> int:
    freed = 0
    for status in AHEAD:
        party = list(rows.filter(status=status))
        if party:
            waiting.give_up(party, shift=shift, topic=topic, actor=SYSTEM, now=now, why=why)
            freed += len(party)
    return freed
