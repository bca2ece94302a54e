"""Answering an offer and reporting the stages of a trip."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form
from mobilize.dispatch.states import NEXT, TripStatus

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
    """The next stage of a trip; with it, how many were carried once there is somebody to count."""

    to = forms.ChoiceField(choices=TripStatus.choices, widget=forms.HiddenInput)
    persons = forms.IntegerField(
        label=_("Persons carried"),
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )

    def __init__(self, *args: Any, stage: str, seats: int = 0, each: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage = TripStatus(stage)
        if self.stage not in CARRYING:
            del self.fields["persons"]
            return
        self.fields["persons"].initial = seats
        if each:
            self.fields["persons"].label = _("Persons carried by each vehicle")

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The stages that may follow, the usual one first."""
        follow = [NEXT[self.stage]]
        if self.stage == TripStatus.ARRIVED:
            follow.append(TripStatus.COMPLETED)
        return [{"value": stage.value, "label": REPORTS[stage]} for stage in follow]


# What the driver says when she reaches a stage.
REPORTS = {
    TripStatus.EN_ROUTE: _("We are on the way"),
    TripStatus.ARRIVED: _("We have arrived"),
    TripStatus.LOADED: _("Everybody is aboard"),
    TripStatus.COMPLETED: _("The trip is done"),
}
