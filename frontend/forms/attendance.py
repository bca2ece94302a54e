"""On the spot: codes that are typed, people without a sign-up, scans that a phone kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form
from mobilize.attendance.scans import Scan
from mobilize.attendance.states import Step


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
