"""Flights at the desk."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, MomentField, RowField, said
from frontend.templatetags.ui import span
from mobilize.tasks.states import RiskClass


class FlightForm(Form):
    """A flight as it stands on the board of the airport."""

    union = RowField(label=_("Union"))
    number = forms.CharField(
        label=_("Flight number"),
        max_length=20,
        error_messages={"required": said("bad_flight_number")},
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    site = RowField(label=_("Airport"), error_messages={"required": _("Choose a place.")})
    arrives_at = MomentField(label=_("Arrives at"), missing=_("Type when it arrives."))
    passengers = forms.IntegerField(
        label=_("Passengers"),
        error_messages=dict.fromkeys(("required", "invalid"), said("bad_passengers", {"most": 900})),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    risk = forms.ChoiceField(label=_("Risk class of where it comes from"), choices=RiskClass.choices)

    def __init__(self, *args: Any, unions: list[tuple[str, str]], sites: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["union"].choices = unions  # type: ignore[attr-defined]
        self.fields["site"].choices = [("", _("choose")), *sites]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the keywords for `flights.create`."""
        rows = {f"{name}_id": self.cleaned_data.pop(name) for name in ("union", "site")}
        return rows | self.cleaned_data


class MoveFlightForm(Form):
    """When it arrives really."""

    arrives_at = MomentField(label=_("Arrives at"), missing=_("Type when it arrives."))


class FlightTasksForm(Form):
    """Which transport waits for the flight."""

    task_ids = forms.TypedMultipleChoiceField(
        label=_("Which tasks wait for it?"), coerce=UUID, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, tasks: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task_ids"].choices = [  # type: ignore[attr-defined]
            (
                str(task.pk),
                format_html(
                    '<span>{}</span> <span class="soft">{}</span>', task.title, span(task.starts_at, task.ends_at)
                ),
            )
            for task in tasks
        ]
