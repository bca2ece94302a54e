"""People, as administrators look after them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form


def _number(**words: Any) -> forms.CharField:
    return forms.CharField(
        max_length=40,
        error_messages={"required": _("Type a mobile phone number.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        **words,
    )


class MergeForm(Form):
    """One person who is there twice, under two numbers."""

    keep = _number(label=_("Number that stays"), help_text=_("Her messages go to this one."))
    drop = _number(
        label=_("Number that goes"), help_text=_("She can still sign in with it, and it leads to the same person.")
    )
