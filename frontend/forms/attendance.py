"""On the spot: codes that are typed, people without a sign-up, scans that a phone kept."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, MomentField
from frontend.forms.shifts import PositionField
from mobilize.attendance.scans import Scan
from mobilize.attendance.sheets import MOST_LINES, Line
from mobilize.attendance.states import EARLY, Step
from mobilize.core.errors import Invalid

BLANK_ROWS = 3  # for those who came without sign-up
ROW = re.compile(r"(?:arrived_at|left_at|absent)_([0-9a-f]{32})", re.ASCII)
CLOCK = re.compile(r"(\d{1,2})\s*[:：.点时h ]?\s*(\d{2})\s*分?", re.ASCII)


class ClockField(forms.CharField):
    """A time as people write it: 7:05, 07：05, 0705, 7点05."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "short"})

    def clean(self, value: Any) -> Any:
        """Return a time, None for nothing."""
        typed = super().clean(value).strip()
        if not typed:
            return None
        found = CLOCK.fullmatch(typed)
        try:
            return time(int(found[1]), int(found[2])) if found else self._refuse()
        except ValueError:
            return self._refuse()

    def _refuse(self) -> None:
        raise forms.ValidationError(_("Type a time, for example 7:05 or 0705."))


def _cell(label: Any, *, max_length: int, inputmode: str = "text") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": inputmode})
    return forms.CharField(label=label, required=False, max_length=max_length, widget=widget)


class HereForm(Form):
    """What she who comes may say of herself beside that: where her phone is."""

    near = PositionField(required=False)

    @property
    def position(self) -> Any:
        """Latitude and longitude in degrees; None when nothing was said, or nothing that can be read."""
        return self.cleaned_data.get("near") if self.is_valid() else None


class ShownForm(Form):
    """A code that somebody shows: the six digits, typed, or the whole of it, scanned."""

    shown = forms.CharField(
        label=_("The six digits under her code"),
        max_length=300,
        error_messages={"required": _("Type the six digits.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "digits"}),
    )


class WalkInForm(Form):
    """Somebody who came without having signed up."""

    name = forms.CharField(label=_("Her name"), max_length=60, error_messages={"required": _("Type her name.")})
    phone = forms.CharField(
        label=_("Her phone number"),
        max_length=40,
        error_messages={"required": _("Type her phone number.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )


class CorrectionForm(Form):
    """When somebody came and left, and why that is changed."""

    arrived_at = MomentField(label=_("Arrived at"), missing=_("Type when she came."))
    left_at = MomentField(label=_("Left at"), missing=_("Type when she left."))
    why = forms.CharField(
        label=_("Why"),
        help_text=_("She reads this. For example: the leader's phone was empty, the list on paper says 11:00."),
        max_length=300,
        error_messages={"required": _("Say why.")},
        widget=forms.Textarea(attrs={"rows": 3, "class": "prose"}),
    )

    def __init__(self, *args: Any, shift: Any, checkin: Any, **kwargs: Any) -> None:
        """Begin with what was noted, else with the shift's own times.

        Args:
            shift: which.
            checkin: of the person, None when nothing was noted.
        """
        super().__init__(*args, **kwargs)
        self.fields["arrived_at"].initial = checkin.arrived_at if checkin else shift.starts_at
        self.fields["left_at"].initial = (checkin and checkin.left_at) or shift.ends_at


class SheetForm(Form):
    """The paper list: a row for each person, and some for those who came without sign-up.

    A row's fields are named by the person, not by their place on the page: the list may change while it is typed.
    Times are typed as they stand there, 7:05, 0705 or 7点05; a day is not asked for, the shift says which.
    """

    def __init__(self, *args: Any, shift: Any, people: list[Any], now: datetime, **kwargs: Any) -> None:
        """Ask for what is not known.

        Args:
            shift: whose list.
            people: `attendance.queries.Person`s; when it is sent, those of `named`.
            now: current time.
        """
        super().__init__(*args, **kwargs)
        self.shift, self.now = shift, now
        self.people = {one.worker.pk.hex: one for one in people} | {f"new{n}": None for n in range(BLANK_ROWS)}
        for n, one in self.people.items():
            if one is None:
                self.fields[f"name_{n}"] = _cell(_("Name"), max_length=60)
                self.fields[f"phone_{n}"] = _cell(_("Phone"), max_length=40, inputmode="tel")
            if one is None or not one.checkin:
                self.fields[f"arrived_at_{n}"] = ClockField(label=_("Arrived at"), required=False)
            self.fields[f"left_at_{n}"] = ClockField(label=_("Left at"), required=False)
            if one is not None and one.signup and not one.checkin:
                self.fields[f"absent_{n}"] = forms.BooleanField(label=_("Did not come"), required=False)

    @staticmethod
    def named(data: Mapping[str, Any]) -> list[UUID]:
        """Return whose rows were sent."""
        found = [row[1] for name in data if (row := ROW.fullmatch(name))]
        return [UUID(pk) for pk in dict.fromkeys(found)][:MOST_LINES]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as the template shows them: the person, None for a blank one, and her fields."""
        names = ("name", "phone", "arrived_at", "left_at", "absent")
        return [
            {"person": one, "fields": [self[f"{name}_{n}"] for name in names if f"{name}_{n}" in self.fields]}
            for n, one in self.people.items()
        ]

    @property
    def lines(self) -> list[Line]:
        """What was typed, as the service takes it."""
        data = self.cleaned_data
        return [
            Line(
                worker_id=one.worker.pk if one else None,
                name=data.get(f"name_{n}", ""),
                phone=data.get(f"phone_{n}", ""),
                arrived_at=self._moment(data.get(f"arrived_at_{n}")),
                left_at=self._moment(data.get(f"left_at_{n}")),
                absent=data.get(f"absent_{n}", False),
            )
            for n, one in self.people.items()
        ]

    def _moment(self, clock: time | None) -> datetime | None:
        """Return the moment a time of the list means: on the day of the shift's start, or the day after."""
        if clock is None:
            return None
        begin = timezone.localtime(self.shift.starts_at)
        at = begin.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
        return at if at >= begin - EARLY else at + timedelta(days=1)

    def refuse(self, error: Invalid) -> None:
        """Put what is wrong with a line beside its field."""
        fields, rows = {}, list(self.people)
        for name, found in error.fields.items():
            _lines, n, field = name.split(".")
            fields[f"{field}_{rows[int(n)]}"] = found
        super().refuse(Invalid(fields, **error.data))


class ScanForm(Form):
    """One scan, as the page's script sends it."""

    id = forms.UUIDField()
    step = forms.ChoiceField(choices=Step.choices)
    at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M:%S.%f%z"])
    shown = forms.CharField(max_length=300)

    @property
    def scan(self) -> Scan:
        """The scan as the service takes it."""
        data: dict[str, Any] = self.cleaned_data
        return Scan(key=data["id"], step=Step(data["step"]), at=data["at"], shown=data["shown"])
