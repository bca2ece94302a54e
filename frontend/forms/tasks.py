"""Tasks, their shifts, offers to fleets."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, MomentField, RowField, said
from mobilize.tasks.services import CHANGEABLE_WHEN_LIVE, MOST_VEHICLES
from mobilize.tasks.states import Cargo, TaskKind, TaskStatus, Urgency

ALL = ("", _("all"))
COLUMNS = {"union": "union_id", "site": "site_id", "destination": "destination_id"}


class TaskSearchForm(forms.Form):
    """Looking for a task."""

    q = forms.CharField(label=_("Title"), required=False, max_length=60)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[ALL, *TaskStatus.choices])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ALL, *TaskKind.choices])


class DutyTaskForm(Form):
    """Post duty: a place and a time; its shifts are added afterwards."""

    union = RowField(label=_("Union"))
    title = forms.CharField(
        label=_("Title"), max_length=100, error_messages={"required": _("Type what is to be done.")}
    )
    site = RowField(label=_("Place"), error_messages={"required": _("Choose a place.")})
    starts_at = MomentField(label=_("Starts"), missing=_("Type when it starts."))
    ends_at = MomentField(label=_("Ends"), missing=_("Type when it ends."))
    urgency = forms.TypedChoiceField(label=_("Urgency"), choices=Urgency.choices, coerce=int)
    description = forms.CharField(
        label=_("What people should know"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        *args: Any,
        sites: list[tuple[str, Any]],
        unions: list[tuple[str, str]] | None = None,
        task: Any = None,
        **kwargs: Any,
    ) -> None:
        """Ask for a new task, or for what may still be corrected of one.

        Args:
            sites: choices of the places.
            unions: choices of the owner, for a new task.
            task: the one to correct; its union stays.
        """
        if task is not None:
            kwargs["initial"] = {name: getattr(task, COLUMNS.get(name, name)) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if task is None:
            self.fields["union"].choices = unions  # type: ignore[attr-defined]
        else:
            fixed = {"union"} if task.status == TaskStatus.DRAFT else set(self.fields) - CHANGEABLE_WHEN_LIVE
            for name in fixed:
                del self.fields[name]
        for name in {"site", "destination"} & set(self.fields):
            self.fields[name].choices = [("", _("choose")), *sites]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the keywords for `create_task` or `change_task`."""
        return {COLUMNS.get(name, name): value for name, value in self.cleaned_data.items()}


class TransportTaskForm(DutyTaskForm):
    """Transport: from a place to a place with a number of vehicles."""

    destination = RowField(label=_("To"), error_messages={"required": _("Choose where the ride goes.")})
    cargo = forms.ChoiceField(label=_("What is carried"), choices=Cargo.choices)
    vehicles_needed = forms.IntegerField(
        label=_("Vehicles needed"),
        min_value=1,
        max_value=MOST_VEHICLES,
        error_messages={"required": _("Type how many vehicles are needed.")}
        | dict.fromkeys(
            ("invalid", "min_value", "max_value"), said("bad_vehicle_count", {"most": f"{MOST_VEHICLES:,}"})
        ),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    seats_min = forms.IntegerField(
        label=_("Seats in each, at least"),
        initial=0,
        min_value=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    refrigerated = forms.BooleanField(label=_("Refrigerated vehicles only"), required=False)
    wheelchair = forms.BooleanField(label=_("Vehicles that take a wheelchair only"), required=False)
    airport = forms.BooleanField(label=_("Drivers cleared for the airport only"), required=False)
    field_order = [
        "union", "title", "site", "destination", "starts_at", "ends_at", "cargo", "vehicles_needed",
        "seats_min", "refrigerated", "wheelchair", "airport", "urgency", "description",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "site" in self.fields:
            self.fields["site"].label = _("From")


class ShiftForm(Form):
    """A shift of a duty task."""

    post = RowField(label=_("Post"), error_messages={"required": _("Choose a post.")})
    starts_at = MomentField(label=_("Starts"), missing=_("Type when it starts."))
    ends_at = MomentField(label=_("Ends"), missing=_("Type when it ends."))
    places = forms.IntegerField(
        label=_("Places"),
        error_messages={"required": said("bad_places"), "invalid": said("bad_places")},
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )

    opens_at = MomentField(
        label=_("Sign-up opens at"),
        help_text=_("May be left out: sign-up is open at once."),
        missing="",
        required=False,
    )

    def __init__(self, *args: Any, posts: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = [("", _("choose")), *posts]  # type: ignore[attr-defined]


class CorrectShiftForm(ShiftForm):
    """Where and when an existing shift is; its places have a page of their own."""

    places = None  # type: ignore[assignment]

    def __init__(self, *args: Any, shift: Any, **kwargs: Any) -> None:
        initial = {"post": shift.post_id} | {
            name: getattr(shift, name) for name in ("starts_at", "ends_at", "opens_at")
        }
        super().__init__(*args, initial=initial, **kwargs)


class WhyForm(Form):
    """A reason, for a step that others will ask about."""

    why = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Say why: others will ask.")},
        widget=forms.Textarea(attrs={"rows": 2, "class": "prose"}),
    )
