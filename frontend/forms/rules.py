"""How a kind of message leaves, and its texts."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, said
from frontend.sentences import words
from mobilize.channels.states import ChannelName
from mobilize.reminders import wordings
from mobilize.reminders.editing import LEAST_MINUTES, MOST_DAYS, MOST_MINUTES, ROADS, field_of
from mobilize.reminders.rules import Entry
from mobilize.reminders.standards import STANDARDS, Rule
from mobilize.reminders.states import ReminderKind

WAYS = ("way_1", "way_2", "way_3")
MINUTES = {
    ReminderKind.HOUR_BEFORE: _("Minutes before the start"),
    ReminderKind.SHORT: _("Minutes before the start"),
    ReminderKind.DONE: _("Minutes after the end"),
}
NUMBER = {"inputmode": "numeric"}


class RuleForm(Form):
    """What holds for one kind; it asks for those times alone that the kind has.

    Args:
        entry: how it leaves now.
    """

    shown_at: ClassVar[dict[str, str]] = {"channels": "way_1"}
    enabled = forms.BooleanField(label=_("It is sent"), required=False)
    urgent = forms.BooleanField(label=_("Urgent: send it in quiet hours too"), required=False)
    way_1 = forms.ChoiceField(label=_("First by"))
    way_2 = forms.ChoiceField(label=_("then by"), required=False)
    way_3 = forms.ChoiceField(label=_("and then by"), required=False)

    def __init__(self, data: Any = None, *, entry: Entry) -> None:
        rule, standard = entry.rule, STANDARDS[entry.kind]
        ways = (*rule.channels, "", "", "")
        initial = {name: getattr(rule, name) for name in Rule.__slots__} | dict(zip(WAYS, ways, strict=False))
        super().__init__(data, initial=initial)
        self.entry = entry
        roads = [(road.value, ChannelName(road).label) for road in ROADS]
        for name in WAYS:
            self.fields[name].choices = roads if name == "way_1" else [("", _("none")), *roads]  # type: ignore[attr-defined]
        if standard.days_before is not None:
            self.fields["days_before"] = _number(_("Days before"), least=1, most=MOST_DAYS)
        if standard.clock is not None:
            self.fields["clock"] = forms.TimeField(
                label=_("At"),
                error_messages={"required": said("required"), "invalid": _("Type a time, for example 19:00.")},
                widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            )
        if standard.minutes is not None:
            self.fields["minutes"] = _number(MINUTES[entry.kind], least=LEAST_MINUTES, most=MOST_MINUTES)
        if standard.on_time is not None:
            self.fields["on_time"] = _number(_("On time up to how many minutes later"), least=1, most=MOST_MINUTES)
            self.fields["drop_late"] = forms.BooleanField(
                label=_("Later than that it is not sent any more"),
                help_text=_("Otherwise it is sent and says how things stand then."),
                required=False,
            )
        for variant, wording in wordings.variants(entry.kind).items():
            for language, spoken in settings.LANGUAGES:
                self.fields[field_of(variant, language)] = _text(entry, variant, wording, language, spoken)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for variant, wording in wordings.variants(self.entry.kind).items():
            for language, _spoken in settings.LANGUAGES:
                name = field_of(variant, language)
                if name in data:
                    data[name] = " ".join(data[name].split())
                    if fault := fault_of(wording, data[name], language):
                        self.add_error(name, fault)
        return data

    def values(self) -> dict[str, Any]:
        """Return the keywords for `editing.change`."""
        data = self.cleaned_data
        rule = {name: data[name] for name in Rule.__slots__ if name in data}
        ways = tuple(data[name] for name in WAYS if data[name])
        texts = {
            (variant, language): data[field_of(variant, language)]
            for variant in wordings.variants(self.entry.kind)
            for language, _spoken in settings.LANGUAGES
        }
        return {"rule": Rule(**rule, channels=ways), "texts": texts}

    def settings_fields(self) -> Iterator[Any]:
        """Yield the fields that are no texts."""
        return (field for field in self if not field.name.startswith("text_"))

    def text_fields(self) -> Iterator[Any]:
        """Yield the fields of texts."""
        return (field for field in self if field.name.startswith("text_"))


def fault_of(wording: wordings.Wording, text: str, language: str) -> str:
    """Return the sentence for what is wrong with a text, empty when it is good."""
    code = wordings.fault(wording, text, language)
    names = wording.needs if code == "missing_fact" else wording.facts
    return words(code, {"facts": braced(names)}) if code else ""


def braced(names: frozenset[str]) -> str:
    """Return the names of facts as they stand in a text."""
    return " ".join(f"{{{name}}}" for name in sorted(names))


def _number(label: Any, *, least: int, most: int) -> forms.IntegerField:
    code = "bad_days" if most == MOST_DAYS else "bad_minutes"
    sentence = said(code, {"least": least, "most": most})
    errors = dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence)
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, error_messages=errors, widget=forms.TextInput(attrs=NUMBER)
    )


def _text(entry: Entry, variant: str, wording: wordings.Wording, language: str, spoken: str) -> forms.CharField:
    now = entry.texts.get((variant, language)) or wordings.standard(entry.kind, variant, language)
    return forms.CharField(
        label=" · ".join(str(part) for part in (wording.label, spoken) if part),
        help_text=_("Can stand in it: %(facts)s") % {"facts": braced(wording.facts)},
        initial=now,
        error_messages={"required": said("required")},
        widget=forms.Textarea(attrs={"rows": 4, "lang": language, "class": "prose"}),
    )
