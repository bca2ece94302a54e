"""Answering an offer and reporting the stages of a trip."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form
from mobilize.dispatch.states import NEXT, TripStatus
from mobilize.tasks.states import Cargo

CARRYING = {TripStatus.ARRIVED, TripStatus.LOADED}


class AcceptOfferForm(Form):
    """How many vehicles a leader promises."""

    vehicles = forms.IntegerField(
        label=_("How many vehicles can you send?"),
        error_messages={
            "required": _("Type a number of vehicles."),
            "invalid": _("Type a number of vehicles."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "digits"}),
    )


class StageForm(Form):
    """The next stage of a trip; with the last one the proof of the hand-over: how many or how much, and to whom."""

    to = forms.ChoiceField(choices=TripStatus.choices, widget=forms.HiddenInput)
    persons = forms.IntegerField(
        label=_("Persons carried"),
        required=False,
        error_messages={"required": _("Type how many persons were carried; 0 when nobody came.")},
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    parcels = forms.IntegerField(
        label=_("Parcels handed over"),
        required=False,
        error_messages={"required": _("Type how many parcels were handed over.")},
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    received_by = forms.CharField(
        label=_("Received by"),
        help_text=_("Name or code of the person who takes over."),
        required=False,
        error_messages={"required": _("Type the name or the code of who took over.")},
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, stage: str, cargo: str, each: bool = False, **kwargs: Any) -> None:
        """Take the stage where the trip stands.

        Args:
            stage: a value of `TripStatus`.
            cargo: a value of `tasks.states.Cargo`.
            each: whether several vehicles report at once, each with as many.
        """
        super().__init__(*args, **kwargs)
        self.stage = TripStatus(stage)
        self.cargo = cargo
        if self.stage not in CARRYING:
            for name in ("persons", "parcels", "received_by"):
                del self.fields[name]
            return
        del self.fields["persons" if cargo == Cargo.GOODS else "parcels"]
        if each:
            for name, label in EACH.items():
                if name in self.fields:
                    self.fields[name].label = label

    @property
    def report(self) -> dict[str, Any]:
        """What was typed, as the services of trips take it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "to" and value is not None}

    @property
    def usual(self) -> dict[str, Any]:
        """The button of the stage that follows."""
        return self._button(NEXT[self.stage])

    @property
    def proves(self) -> bool:
        """Whether the stage that follows is the last one, with the proof."""
        return NEXT[self.stage] == TripStatus.COMPLETED

    @property
    def at_once(self) -> dict[str, Any] | None:
        """The button of the last stage, where there may be nothing to wait for before it."""
        return self._button(TripStatus.COMPLETED) if self.stage == TripStatus.ARRIVED else None

    def _button(self, stage: TripStatus) -> dict[str, Any]:
        goods = stage == TripStatus.LOADED and self.cargo == Cargo.GOODS
        return {"value": stage.value, "label": _("Everything is loaded") if goods else REPORTS[stage]}


EACH = {
    "persons": _("Persons carried by each vehicle"),
    "parcels": _("Parcels handed over by each vehicle"),
}
# What the driver says when she reaches a stage.
REPORTS = {
    TripStatus.EN_ROUTE: _("We are on the way"),
    TripStatus.ARRIVED: _("We have arrived"),
    TripStatus.LOADED: _("Everybody is aboard"),
    TripStatus.COMPLETED: _("The trip is done"),
}
