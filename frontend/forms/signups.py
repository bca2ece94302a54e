"""Signing up others, and how many places a shift has."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, said
from frontend.forms.lines import LinesForm, person_line
from mobilize.core.errors import Invalid
from mobilize.core.texts import MOST_NAME


def _people_field(**words: Any) -> forms.CharField:
    return forms.CharField(
        help_text=_("One a line: name, phone number. Paste it from a spreadsheet."),
        error_messages={"required": _("Type at least one person.")},
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false", "placeholder": "李英，13800000000"}),
        **words,
    )


class _PeopleForm(LinesForm):
    listed = "members"
    read = person_line

    def refuse(self, error: Invalid) -> None:
        """Say why the covenant is needed."""
        fields = dict(error.fields)
        if fields.pop("accepts_covenant", None):
            self.add_error("accept", _("Please confirm that everybody keeps the covenant."))
        super().refuse(Invalid(fields, **error.data))


class GroupForm(_PeopleForm):
    """A group that comes together or not at all."""

    name = forms.CharField(
        label=_("Name of the group"),
        help_text=_("For example: assembly line 2, shock team."),
        max_length=MOST_NAME,
        error_messages={"required": _("Type a name for the group.")},
    )
    with_me = forms.BooleanField(label=_("I come too"), required=False, initial=True)
    lines = _people_field(label=_("The others"))
    accept = forms.BooleanField(label=_("Everybody in the group keeps the covenant of 15 articles."), required=False)

    def __init__(self, *args: Any, comes_already: bool, **kwargs: Any) -> None:
        """Ask for a group.

        Args:
            comes_already: the leader has a sign-up for this shift, so she is not asked.
        """
        super().__init__(*args, **kwargs)
        if comes_already:
            del self.fields["with_me"]


class EnrolForm(_PeopleForm):
    """People without a smartphone, each on her own."""

    lines = _people_field(label=_("People"))
    accept = forms.BooleanField(label=_("Everybody on the list keeps the covenant of 15 articles."), required=False)
    corrects = forms.BooleanField(
        label=_("I asked these people: the names in this list are right. Correct them."), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "corrects" not in self.data:
            del self.fields["corrects"]

    def refuse(self, error: Invalid) -> None:
        """Ask about names that others typed before."""
        if ["name_unproven"] in error.fields.values():
            self.fields["corrects"] = self.base_fields["corrects"]
        super().refuse(error)


class PlacesForm(Form):
    """How many places a shift has."""

    places = forms.IntegerField(
        label=_("Places"),
        error_messages={"required": said("bad_places"), "invalid": said("bad_places")},
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
