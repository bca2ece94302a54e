"""Looking for a shift."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.templatetags.ui import day

POSITION = re.compile(r"(-?\d{1,3}(?:\.\d{1,9})?),(-?\d{1,3}(?:\.\d{1,9})?)", re.ASCII)


class PositionField(forms.CharField):
    """Latitude and longitude in degrees, as "37.871,112.551"; None when empty."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> Any:
        if not value:
            return None
        read = POSITION.fullmatch(value)
        position = (float(read[1]), float(read[2])) if read else None
        if position is None or abs(position[0]) > 90 or abs(position[1]) > 180:
            raise forms.ValidationError(_("That position cannot be read. Choose a district instead."))
        return position


class ShiftSearchForm(forms.Form):
    """District, day, a word, whether full shifts are left out, and a position. Odd values are ignored, not refused."""

    district = forms.ChoiceField(label=_("District"), required=False)
    day = forms.ChoiceField(label=_("Day"), required=False)
    free = forms.BooleanField(label=_("Only with free places"), required=False)
    q = forms.CharField(label=_("Place or post"), required=False, max_length=40)
    near = PositionField(required=False)

    def __init__(self, data: Any, *, districts: list[str], days: list[date]) -> None:
        super().__init__(data, label_suffix="")
        self.fields["district"].choices = [("", _("all")), *((name, name) for name in districts)]  # type: ignore[attr-defined]
        self.fields["day"].choices = [("", _("all")), *((d.isoformat(), day(d)) for d in days)]  # type: ignore[attr-defined]

    def filters(self) -> dict[str, Any]:
        """Return the keywords for `signups.queries.open_for_signup`."""
        self.is_valid()
        data = self.cleaned_data
        return {
            "district": data.get("district", ""),
            "day": date.fromisoformat(data["day"]) if data.get("day") else None,
            "search": data.get("q", ""),
            "only_free": data.get("free", False),
            "near": data.get("near"),
        }
