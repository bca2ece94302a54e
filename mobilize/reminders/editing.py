"""Officers change how a kind of message leaves and what it says, and go back to the standard."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from mobilize.channels import quiet
from mobilize.channels.states import ChannelName
from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.errors import Invalid
from mobilize.core.nudges import nudge
from mobilize.reminders import policies, rules, standards, wordings
from mobilize.reminders.models import Reminder, RuleChange, WordingChange
from mobilize.reminders.standards import STANDARDS, Rule
from mobilize.reminders.states import OF_A_DUTY, ReminderKind, ReminderStatus
from mobilize.signups.models import Signup

MOVE_WAITING = "reminders.move_waiting"
BATCH = 500
ROADS = [ChannelName.PUSH, ChannelName.SMS, ChannelName.CHAT, ChannelName.EMAIL]
LEAST_MINUTES, MOST_MINUTES, MOST_DAYS = 5, 2880, 7
TIMES = ("minutes", "days_before", "clock")
AS_STANDARD, CHANGED = "standard", "changed"
Texts = Mapping[tuple[str, str], str]  # by variant and language


@transaction.atomic
def change(*, actor: Actor, kind: str, rule: Rule, texts: Texts, now: datetime) -> RuleChange:
    """Change how a kind of message leaves; what is as the standard says is not kept, so it follows later standards.

    Reminders that wait are moved to the new time by `move_waiting`.

    Args:
        actor: an administrator of a city federation.
        kind: a value of `ReminderKind`.
        rule: how it is to leave; a time that the kind does not have is passed over.
        texts: by variant and language, with {facts}; an empty one means the standard, one left out stays.
        now: current time.
    Raises:
        NotFound: no such kind.
        Unauthenticated, Forbidden: see `policies.demand_rules`.
        Invalid: `unknown_choice`, `same_twice`, `bad_minutes`, `bad_days`, and for texts the codes of
            `wordings.fault`, each beside its field.
    """
    policies.demand_rules(actor)
    entry = rules.entry(policies.rule_changes_visible_to(actor), kind)
    standard = STANDARDS[entry.kind]
    foreign: dict[str, Any] = {name: None for name in (*TIMES, "on_time") if getattr(standard, name) is None}
    wanted = replace(rule, **foreign)
    _check(entry.kind, wanted, texts)
    row = RuleChange.objects.filter(kind=kind).select_for_update().first() or RuleChange(kind=kind, created_at=now)
    before = entry.rule
    for name in (field.name for field in fields(Rule)):
        value = getattr(wanted, name)
        setattr(row, name, None if value == getattr(standard, name) else value)
    row.by_id, row.changed_at = actor.user_id, now
    if entry.kind in OF_A_DUTY and any(getattr(before, name) != getattr(wanted, name) for name in TIMES):
        row.moving, row.last_reminder_id = True, None
        nudge(MOVE_WAITING)
    row.save()
    changed = [field.name for field in fields(Rule) if getattr(before, field.name) != getattr(wanted, field.name)]
    changed += _write_texts(entry, texts, now)
    after = rules.entry(policies.rule_changes_visible_to(actor), kind)
    transitions.record(
        [row],
        before=AS_STANDARD if entry.is_standard else CHANGED,
        to=AS_STANDARD if after.is_standard else CHANGED,
        actor=actor,
        now=now,
        why=", ".join(changed),
    )
    return row


def back_to_standard(*, actor: Actor, kind: str, now: datetime) -> RuleChange:
    """Give up everything that was changed of a kind.

    Raises:
        NotFound, Unauthenticated, Forbidden: see `change`.
    """
    entry = rules.entry(policies.rule_changes_visible_to(actor), kind)
    texts = dict.fromkeys(entry.texts, "")
    return change(actor=actor, kind=kind, rule=STANDARDS[entry.kind], texts=texts, now=now)


def _check(kind: ReminderKind, rule: Rule, texts: Texts) -> None:
    standard = STANDARDS[kind]
    wrong = {}
    if not rule.channels or set(rule.channels) - set(ROADS):
        wrong["channels"] = "unknown_choice"
    elif len(set(rule.channels)) < len(rule.channels):
        wrong["channels"] = "same_twice"
    for name, least in (("minutes", LEAST_MINUTES), ("on_time", 1)):
        value = getattr(rule, name)
        if getattr(standard, name) is not None and (value is None or not least <= value <= MOST_MINUTES):
            wrong[name] = "bad_minutes"
    if standard.days_before is not None and not 1 <= (rule.days_before or 0) <= MOST_DAYS:
        wrong["days_before"] = "bad_days"
    if standard.clock is not None and rule.clock is None:
        wrong["clock"] = "required"
    known = wordings.variants(kind)
    for (variant, language), text in texts.items():
        if variant not in known or language not in dict(settings.LANGUAGES):
            wrong[field_of(variant, language)] = "unknown_choice"
        elif text and (code := wordings.fault(known[variant], text, language)):
            wrong[field_of(variant, language)] = code
    if wrong:
        raise Invalid({name: [code] for name, code in wrong.items()}, least=LEAST_MINUTES, most=MOST_MINUTES)


def field_of(variant: str, language: str) -> str:
    """Return the name under which a text is asked for and refused."""
    return f"text_{variant}_{language}"


def _write_texts(entry: rules.Entry, texts: Texts, now: datetime) -> list[str]:
    """Keep what differs from the standard; return the names of what changed."""
    changed = []
    for (variant, language), text in texts.items():
        kept = "" if text == wordings.standard(entry.kind, variant, language) else text
        if kept == entry.texts.get((variant, language), ""):
            continue
        changed.append(field_of(variant, language))
        place: dict[str, Any] = {"kind": entry.kind, "variant": variant, "language": language}
        if kept:
            as_new = {"text": kept, "created_at": now}
            WordingChange.objects.update_or_create(**place, defaults={"text": kept}, create_defaults=as_new)
        else:
            WordingChange.objects.filter(**place).delete()
    return changed


@transaction.atomic
def move_waiting(*, now: datetime) -> int:
    """Move the next reminders that wait to the time that was changed, 500 in one transaction.

    Several may run at once: a rule another one holds is skipped. What would have been due already leaves at once.

    Returns:
        How many were looked at; 0 when nothing is left.
    """
    row = RuleChange.objects.filter(moving=True).select_for_update(skip_locked=True).first()
    if row is None:
        return 0
    kind, rule = ReminderKind(row.kind), rules.applied(row)
    waiting = Reminder.objects.filter(kind=kind, status=ReminderStatus.PENDING).select_for_update().order_by("pk")
    if row.last_reminder_id:
        waiting = waiting.filter(pk__gt=row.last_reminder_id)
    chunk = list(waiting[:BATCH])
    shifts = {
        signup.pk: signup.shift
        for signup in Signup.objects.filter(pk__in=[one.subject_id for one in chunk]).select_related("shift")
    }
    for reminder in chunk:
        if shift := shifts.get(reminder.subject_id):
            due_at = standards.due_at(kind, rule, starts_at=shift.starts_at, ends_at=shift.ends_at)
            leaves_at = quiet.leaves_at(max(due_at, now), urgent=rule.urgent, before=reminder.useless_after)
            if leaves_at < reminder.useless_after:
                reminder.due_at = leaves_at
    Reminder.objects.bulk_update(chunk, ["due_at"])
    row.moving = len(chunk) == BATCH
    row.last_reminder_id = chunk[-1].pk if chunk else None
    row.save(update_fields=["moving", "last_reminder_id"])
    return len(chunk)
