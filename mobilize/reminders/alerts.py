"""What officers are told without anybody having done something: a shift is short of people, a week is over."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from mobilize.channels import quiet
from mobilize.reminders import digests, rules
from mobilize.reminders.models import Reminder
from mobilize.reminders.standards import Rule
from mobilize.reminders.states import DropReason, ReminderKind, ReminderStatus
from mobilize.tasks.models import Shift
from mobilize.tasks.states import TaskStatus
from mobilize.unions import queries as unions
from mobilize.unions.models import Officer
from mobilize.unions.states import Role

BATCH = 500
STILL_NEWS = timedelta(days=2)


@transaction.atomic
def tell_short(*, now: datetime) -> int:
    """Tell the officers who fill shifts of those that begin soon and have empty places, of each once.

    All that one look finds is one message to an officer: one for each shift would teach her to read none.

    They are the dispatchers and administrators of the task's union, else of the next one above it.

    Args:
        now: current time.
    Returns:
        How many messages were planned.
    """
    rule = rules.of(ReminderKind.SHORT)
    told = Reminder.objects.filter(kind=ReminderKind.SHORT, subject_id=OuterRef("pk"))
    soon = now + timedelta(minutes=rule.minutes or 0)
    short = list(
        Shift.objects.filter(starts_at__gt=now, starts_at__lte=soon, called_off_at=None, taken__lt=F("places"))
        .filter(~Exists(told), task__status=TaskStatus.PUBLISHED)
        .select_related("task")
        .order_by("starts_at", "pk")[:BATCH]
    )
    if not short:
        return 0
    officers = unions.in_charge({shift.task.union_id for shift in short}, at_least=Role.DISPATCHER)
    theirs: dict[UUID, list[Shift]] = defaultdict(list)
    for shift in short:
        for user_id in officers[shift.task.union_id]:
            theirs[user_id].append(shift)
    for user_id, shifts in theirs.items():
        Reminder.objects.bulk_create(_together(user_id, shifts, rule, now), ignore_conflicts=True)
    return len(theirs)


def _together(user_id: UUID, shifts: list[Shift], rule: Rule, now: datetime) -> list[Reminder]:
    """One message for all shifts that one look finds; those of the others note that they are told with the first."""
    rows = [
        Reminder(
            kind=ReminderKind.SHORT,
            user_id=user_id,
            subject_id=shift.pk,
            due_at=now,
            useless_after=shift.starts_at,
            status=ReminderStatus.DROPPED,
            reason=DropReason.TOGETHER,
            created_at=now,
        )
        for shift in shifts
    ]
    first = rows[0]
    first.status, first.reason = ReminderStatus.PENDING, ""
    first.due_at = quiet.leaves_at(now, urgent=rule.urgent, before=shifts[0].starts_at)
    first.useless_after = shifts[-1].starts_at
    return rows


@transaction.atomic
def plan_digests(*, now: datetime) -> int:
    """Plan the digest of the last week for every officer; a second time in the same week changes nothing.

    An officer has one row, which is due anew each week.

    Args:
        now: current time; two days after a Monday's digest was due it is no news any more.
    Returns:
        How many were planned.
    """
    due_at = digests.due_at(now, clock=rules.of(ReminderKind.DIGEST).clock or time())
    if now - due_at >= STILL_NEWS:
        return 0
    rows = Reminder.objects.filter(kind=ReminderKind.DIGEST)
    # told at another time of the same Monday is told
    again = rows.filter(due_at__date__lt=timezone.localtime(due_at).date()).update(
        due_at=due_at, useless_after=due_at + STILL_NEWS, status=ReminderStatus.PENDING, reason=""
    )
    planned = rows.filter(user=OuterRef("user"), subject_id=OuterRef("pk"))
    new = Officer.objects.filter(~Exists(planned), created_at__lt=due_at)
    made = [
        Reminder(
            kind=ReminderKind.DIGEST,
            user_id=officer.user_id,
            subject_id=officer.pk,
            due_at=due_at,
            useless_after=due_at + STILL_NEWS,
            created_at=now,
        )
        for officer in new
    ]
    Reminder.objects.bulk_create(made, ignore_conflicts=True)
    return again + len(made)
