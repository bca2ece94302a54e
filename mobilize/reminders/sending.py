"""Reminders that are due become messages."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from mobilize.channels import services as channels
from mobilize.channels.states import Priority
from mobilize.reminders import quiet, rules
from mobilize.reminders.models import Reminder
from mobilize.reminders.standards import Rule
from mobilize.reminders.states import DropReason, ReminderKind, ReminderStatus
from mobilize.reminders.texts import Text, compose_many

BATCH = 400


@transaction.atomic
def send_due(*, now: datetime) -> int:
    """Turn due reminders into messages, the oldest first; what is late says so or is dropped, as its rule says.

    Several workers share the work: rows another one holds are skipped. Row and message are one transaction.

    Returns:
        How many reminders were dealt with, at most BATCH.
    """
    rule_of = rules.current()
    taken = _take(now)
    dropped = {one.pk: why for one in taken if (why := _why_not(one, rule_of[ReminderKind(one.kind)], now))}
    waits = _put_off([one for one in taken if one.pk not in dropped], rule_of, now)
    batch = [one for one in taken if one.pk not in waits]
    texts = compose_many([one for one in batch if one.pk not in dropped], now=now)
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
    due = Reminder.objects.filter(status=ReminderStatus.PENDING, due_at__lte=now).select_related("user")
    return list(due.order_by("due_at").select_for_update(skip_locked=True, of=("self",))[:BATCH])


def _put_off(reminders: list[Reminder], rule_of: dict[ReminderKind, Rule], now: datetime) -> set[UUID]:
    """Put off until the morning what quiet hours keep; return its ids."""
    times = {
        one.pk: quiet.leaves_at(
            now, urgent=rule_of[ReminderKind(one.kind)].urgent, before=one.matters_at or one.useless_after
        )
        for one in reminders
    }
    waits = {pk for pk, at in times.items() if at != now}
    if waits:
        Reminder.objects.filter(pk__in=waits).update(due_at=quiet.morning_after(now))
    return waits


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
    return channels.Draft(
        kind=reminder.kind,
        variant=text.variant,
        phone=str(reminder.user.phone),
        body=text.body,
        facts=text.facts,
        language=reminder.user.language,
        subject_id=reminder.subject_id,
        recipient_id=reminder.user_id,
        union_id=text.union_id,
        campaign_id=text.campaign_id,
        channels=rule.channels,
        invented=reminder.user.is_invented,
        priority=Priority.URGENT if rule.urgent else Priority.NORMAL,
        due_at=reminder.due_at,
        expires_at=reminder.useless_after,
    )
