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
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    parcels = forms.IntegerField(
        label=_("Parcels handed over"),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    received_by = forms.CharField(
        label=_("Received by"),
        help_text=_("Name or code of the person who takes over."),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, stage: str, cargo: str, seats: int = 0, each: bool = False, **kwargs: Any) -> None:
        """Take the stage where the trip stands.

        Args:
            stage: a value of `TripStatus`.
            cargo: a value of `tasks.states.Cargo`.
            seats: of the vehicle, the usual number of persons.
            each: whether several vehicles report at once, each with as many.
        """
        super().__init__(*args, **kwargs)
        self.stage = TripStatus(stage)
        if self.stage not in CARRYING:
            for name in ("persons", "parcels", "received_by"):
                del self.fields[name]
            return
        del self.fields["persons" if cargo == Cargo.GOODS else "parcels"]
        if "persons" in self.fields:
            self.fields["persons"].initial = seats
        if each:
            for name, label in EACH.items():
                if name in self.fields:
                    self.fields[name].label = label

    @property
    def report(self) -> dict[str, Any]:
        """What was typed, as the services of trips take it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "to" and value is not None}

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The stages that may follow, the usual one first."""
        follow = [NEXT[self.stage]]
        if self.stage == TripStatus.ARRIVED:
            follow.append(TripStatus.COMPLETED)
        return [{"value": stage.value, "label": REPORTS[stage]} for stage in follow]


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
