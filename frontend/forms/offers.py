"""Offering a task to fleets."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from frontend.forms.base import Form


class OfferForm(Form):
    """Fleets that have a free, fitting vehicle."""

    fleet_ids = forms.TypedMultipleChoiceField(
        label=_("Which fleets?"),
        coerce=UUID,
        error_messages={"required": _("Choose at least one fleet.")},
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, fleets: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fleet_ids"].choices = [  # type: ignore[attr-defined]
            (
                str(choice.fleet.pk),
                format_html('<span>{}</span> <span class="soft nb">{}</span>', choice.fleet.name, _free(choice.free)),
            )
            for choice in fleets
        ]


def _free(count: int) -> str:
    return ngettext("%(n)s vehicle free", "%(n)s vehicles free", count) % {"n": count}
