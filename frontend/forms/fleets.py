"""Enrolling a fleet: one sheet, the drivers pasted as lines."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, RowField, said
from frontend.forms.lines import LinesForm, cut
from mobilize.fleets.services import DriverLine, tidy_plate
from mobilize.fleets.states import FleetKind, FleetStatus

ALL = ("", _("all"))
YES = {"1", "y", "yes", "true", "是", "有", "冷藏", "轮椅", "机场", "√", "✓"}


class FleetSearchForm(forms.Form):
    """Looking for a fleet."""

    q = forms.CharField(label=_("Name or leader"), required=False, max_length=60)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[ALL, *FleetStatus.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ALL, *FleetKind.choices])


def driver_line(line: str) -> DriverLine:
    """Cut one line into a driver. A number that is none becomes -1, which the domain refuses beside it."""
    parts = cut(line, at_least=3)
    parts += [""] * (8 - len(parts))
    return DriverLine(
        name=parts[0],
        phone=parts[1],
        plate=parts[2],
        seats=_number(parts[3], 4),
        load_kg=_number(parts[4], 0),
        refrigerated=_yes(parts[5]),
        wheelchair=_yes(parts[6]),
        airport=_yes(parts[7]),
    )


def _yes(typed: str) -> bool:
    return unicodedata.normalize("NFKC", typed).strip().lower() in YES


def _number(typed: str, default: int) -> int:
    plain = unicodedata.normalize("NFKC", typed).strip()
    if not plain:
        return default
    return int(plain) if re.fullmatch(r"\d{1,9}", plain) else -1


def _degrees(label: Any, most: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=-most,
        max_value=most,
        max_digits=8,
        decimal_places=5,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            said("bad_position"),
        ),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short", "autocomplete": "off"}),
    )


class DriversForm(LinesForm):
    """Drivers with their vehicles, one a line."""

    listed = "drivers"
    read = driver_line
    spellings: ClassVar[dict[str, Callable[[str], str]]] = LinesForm.spellings | {"plate": tidy_plate}
    lines = forms.CharField(
        label=_("Drivers and vehicles"),
        help_text=_(
            "One a line: name, phone, plate, seats, load in kg, refrigerated, takes a wheelchair, cleared for the "
            "airport. All after the plate may be left out; the last three are yes or empty. Paste it from a "
            "spreadsheet."
        ),
        error_messages={"required": _("Paste at least one driver.")},
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )


class BaseForm(Form):
    """Where a fleet's vehicles stand: in words, and as a point that is typed or pressed on the map."""

    base = forms.CharField(label=_("Where its vehicles stand"), required=False, max_length=200)
    latitude = _degrees(_("Latitude"), 90)
    longitude = _degrees(_("Longitude"), 180)


class FleetForm(BaseForm, DriversForm):
    """A fleet as a whole unit."""

    union = RowField(label=_("Union"))
    name = forms.CharField(
        label=_("Name of the fleet"), max_length=100, error_messages={"required": _("Type the fleet's name.")}
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=FleetKind.choices)
    leader_name = forms.CharField(
        label=_("Name of its leader"),
        max_length=60,
        error_messages={"required": _("Type the leader's name.")},
    )
    leader_phone = forms.CharField(
        label=_("Leader's mobile phone"),
        help_text=_("Offers go to this number."),
        max_length=30,
        error_messages={"required": _("Type the leader's number.")},
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    field_order = (
        "union", "name", "kind", "leader_name", "leader_phone", "base", "latitude", "longitude", "lines",
    )  # fmt: skip

    def __init__(self, *args: Any, unions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["union"].choices = unions  # type: ignore[attr-defined]
