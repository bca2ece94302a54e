"""Naming an honour, and looking through those of a branch."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form
from mobilize.workers.states import HonourKind, HonourLevel, HonourStatus


class HonourForm(Form):
    """An honour as its certificate names it."""

    kind = forms.ChoiceField(label=_("Honour"), choices=HonourKind.choices)
    level = forms.ChoiceField(label=_("Level"), choices=HonourLevel.choices)
    awarding_body = forms.CharField(
        label=_("Awarding body"),
        help_text=_("As it stands on the certificate."),
        max_length=100,
        error_messages={"required": _("Type who awarded it.")},
    )
    year = forms.IntegerField(
        label=_("Year"),
        error_messages={
            "required": _("Type a year, for example 2019."),
            "invalid": _("Type a year, for example 2019."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
    )


class HonourSearchForm(forms.Form):
    """Which of the branch's honours: those waiting for a look unless told otherwise."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=HonourStatus.choices)

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__({"status": HonourStatus.CLAIMED} | data, label_suffix="")

    def wanted(self) -> str:
        """Return the status to show; an odd one means the usual."""
        self.is_valid()
        return self.cleaned_data.get("status") or HonourStatus.CLAIMED
