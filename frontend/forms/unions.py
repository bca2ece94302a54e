"""Looking for a union."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UnionSearchForm(forms.Form):
    """A part of the name, in any spelling. Odd values are ignored, not refused."""

    q = forms.CharField(label=_("Name of the union"), required=False, max_length=60)

    def word(self) -> str:
        """Return what is looked for, empty for everything."""
        self.is_valid()
        return str(self.cleaned_data.get("q", ""))
