from django import forms
from django.utils.translation import gettext_lazy as _

from mobilize.recognition import numbers


class NumberForm(forms.Form):
    """The number on a certificate."""

    number = forms.CharField(
        label=_("Number of the certificate"),
        help_text=_("12 digits. It stands below on the left."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Type the number of the certificate.")},
    )

    def clean_number(self) -> str:
        """Return the digits alone, also of a number typed with blanks or in full width."""
        typed = "".join(str(int(sign)) for sign in self.cleaned_data["number"] if sign.isdecimal())
        if not numbers.is_number(typed):
            raise forms.ValidationError(_("There is no such number. Compare it with the paper, digit by digit."))
        return typed
