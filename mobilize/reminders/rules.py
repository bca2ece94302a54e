"""What holds now: the standard rules and texts with what officers changed of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import QuerySet
from django.utils import translation

from mobilize.core.errors import NotFound
from mobilize.reminders import wordings
from mobilize.reminders.models import RuleChange, WordingChange
from mobilize.reminders.standards import STANDARDS, Rule
from mobilize.reminders.states import ReminderKind

CHANGEABLE = ("enabled", "urgent", "minutes", "days_before", "clock", "on_time", "drop_late")


def current() -> dict[ReminderKind, Rule]:
    """Return the rule of every kind, in one query."""
    return STANDARDS | {ReminderKind(row.kind): applied(row) for row in RuleChange.objects.all()}


def of(kind: ReminderKind) -> Rule:
    """Return the rule of one kind."""
    row = RuleChange.objects.filter(kind=kind).first()
    return applied(row) if row else STANDARDS[kind]


def applied(row: RuleChange) -> Rule:
    """Return the standard of a kind with what a row changes of it."""
    changes = {name: value for name in CHANGEABLE if (value := getattr(row, name)) is not None}
    if row.channels is not None:
        changes["channels"] = tuple(row.channels)
    return replace(STANDARDS[ReminderKind(row.kind)], **changes)


class Wordings:
    """The texts of all kinds in all languages, as they are now; read in one query."""

    def __init__(self) -> None:
        self._changed = {(row.kind, row.variant, row.language): row.text for row in WordingChange.objects.all()}

    def say(self, kind: ReminderKind, variant: str, language: str, facts: Mapping[str, str]) -> str:
        """Return a text with its facts, in a language that is active already."""
        changed = self._changed.get((kind, variant, language))
        if changed is not None:
            return wordings.fill(changed, facts)
        return translation.gettext(wordings.WORDINGS[kind, variant].text) % facts


@dataclass(frozen=True)
class Entry:
    """How a kind of message leaves, for the pages that show it.

    Attributes:
        kind: which.
        rule: what holds.
        texts: those that officers changed, by variant and language.
        change: the row that was changed last, None when none ever was.
    """

    kind: ReminderKind
    rule: Rule
    texts: dict[tuple[str, str], str]
    change: RuleChange | None

    @property
    def is_standard(self) -> bool:
        """Whether it leaves as the standard says."""
        return not self.texts and self.rule == STANDARDS[self.kind]


def entries(rows: QuerySet[RuleChange]) -> list[Entry]:
    """Return the rules of all kinds.

    Args:
        rows: the changes the actor may see.
    """
    changes = {row.kind: row for row in rows.select_related("by")}
    texts: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for row in WordingChange.objects.all():
        texts[row.kind][row.variant, row.language] = row.text
    return [
        Entry(
            kind=kind,
            rule=applied(changes[kind]) if kind in changes else STANDARDS[kind],
            texts=texts[kind],
            change=changes.get(kind),
        )
        for kind in ReminderKind
    ]


def entry(rows: QuerySet[RuleChange], kind: str) -> Entry:
    """Return the rule of one kind.

    Raises:
        NotFound: no such kind.
    """
    found = next((one for one in entries(rows) if one.kind == kind), None)
    if found is None:
        raise NotFound
    return found
