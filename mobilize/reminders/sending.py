"""Reminders that are due become messages."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from mobilize.channels import quiet
from mobilize.channels import services as channels
from mobilize.channels.states import Priority
from mobilize.reminders import rules
from mobilize.reminders.models import Reminder
from mobilize.reminders.standards import Rule
from mobilize.reminders.states import ESSENTIAL, WRITTEN_AHEAD, DropReason, ReminderKind, ReminderStatus
from mobilize.reminders.texts import Text, compose_many

BATCH = 400
AHEAD = timedelta(minutes=2)


@transaction.atomic
def send_due(*, now: datetime) -> int:
    """Turn due reminders into messages, the oldest first; what is late says so or is dropped, as its rule says.

    Those of WRITTEN_AHEAD become messages up to AHEAD before their time, and wait for it as such.

    Several workers share the work: rows another one holds are skipped. Row and message are one transaction.

    Returns:
        How many reminders were dealt with, at most BATCH.
    """
    rule_of = rules.current()
    taken = _take(now)
    dropped = {one.pk: why for one in taken if (why := _why_not(one, rule_of[ReminderKind(one.kind)], now))}
    waits = _put_off([one for one in taken if one.pk not in dropped], rule_of, now)
    batch = [one for one in taken if one.pk not in waits]
    texts = compose_many([one for one in batch if one.pk not in dropped], rule_of=rule_of, now=now)
    going = [one for one in batch if one.pk in texts]
    drafts = [_draft(one, texts[one.pk], rule_of[ReminderKind(one.kind)]) for one in going]
    channels.queue_many(drafts, now=now)
    for one in batch:
        one.status = ReminderStatus.SENT if one.pk in texts else ReminderStatus.DROPPED
        one.reason = "" if one.pk in texts else dropped.get(one.pk, DropReason.GONE)
    _write_down(batch)
    return len(taken)


def _take(now: datetime) -> list[Reminder]:
    """Hold the next reminders that are due until the transaction is over."""
    ripe = Q(due_at__lte=now) | Q(kind__in=WRITTEN_AHEAD)
    due = Reminder.objects.filter(ripe, status=ReminderStatus.PENDING, due_at__lte=now + AHEAD).select_related("user")
    return list(due.order_by("due_at").select_for_update(skip_locked=True, of=("self",))[:BATCH])


def _put_off(reminders: list[Reminder], rule_of: dict[ReminderKind, Rule], now: datetime) -> set[UUID]:
    """Put off until the morning what quiet hours keep; return its ids."""
    waits: dict[datetime, set[UUID]] = defaultdict(set)
    for one in reminders:
        at, urgent = max(now, one.due_at), rule_of[ReminderKind(one.kind)].urgent
        leaves_at = quiet.leaves_at(at, urgent=urgent, before=one.matters_at or one.useless_after)
        if leaves_at != at:
            waits[leaves_at].add(one.pk)
    for morning, ids in waits.items():
        Reminder.objects.filter(pk__in=ids).update(due_at=morning)
    return set().union(*waits.values())


def _why_not(reminder: Reminder, rule: Rule, now: datetime) -> DropReason | None:
    if not rule.enabled:
        return DropReason.DISABLED
    if not reminder.user.is_active:
        return DropReason.INACTIVE
    late = now >= reminder.useless_after or (rule.drop_late and rule.is_late(reminder.due_at, now))
    return DropReason.LATE if late else None


def _write_down(batch: list[Reminder]) -> None:
    """One statement for each end that some of them came to."""
    ends = {(one.status, one.reason) for one in batch}
    for status, reason in ends:
        rows = [one.pk for one in batch if (one.status, one.reason) == (status, reason)]
        Reminder.objects.filter(pk__in=rows).update(status=status, reason=reason)


def _draft(reminder: Reminder, text: Text, rule: Rule) -> channels.Draft:
    expires_at, late_after = reminder.useless_after, rule.late_after(reminder.due_at)
    if late_after and rule.drop_late:
        expires_at = min(expires_at, late_after)
    return channels.Draft(
        kind=reminder.kind,
        variant=text.variant,
        phone=str(reminder.user.phone),
        body=text.body,
        late_body=text.late_body,
        late_variant=text.late_variant,
        late_after=late_after if text.late_body else None,
        facts=text.facts,
        language=reminder.user.language,
        subject_id=reminder.subject_id,
        recipient_id=reminder.user_id,
        union_id=text.union_id,
        campaign_id=text.campaign_id,
        channels=rule.channels,
        invented=reminder.user.is_invented,
        priority=Priority.URGENT if rule.urgent else Priority.NORMAL,
        essential=reminder.kind in ESSENTIAL,
        at_night=quiet.cannot_wait(reminder.due_at, before=reminder.matters_at or reminder.useless_after),
        due_at=reminder.due_at,
        expires_at=expires_at,
    )
