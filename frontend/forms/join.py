"""Forms on the way from the appeal to a confirmed sign-up."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form
from mobilize.core.errors import Invalid
from mobilize.unions import queries as unions
from mobilize.workers.states import Skill

MOST_UNIONS_SHOWN = 8


class PhoneForm(Form):
    """The number a code goes to."""

    phone = forms.CharField(
        label=_("Mobile phone number"),
        help_text=_("We send a code by SMS. The number is shown to nobody in full."),
        max_length=30,
        error_messages={"required": _("Type your mobile phone number.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )


class JoinForm(PhoneForm):
    """A stranger starts to sign up: the number and the covenant."""

    accept = forms.BooleanField(
        label=_("I keep the covenant of 15 articles."),
        error_messages={"required": _("Please accept the covenant: every participant keeps it.")},
    )


class AcceptForm(Form):
    """A known person accepts the covenant of a campaign that is new to her; the domain knows whether it is."""

    shown_at: ClassVar[dict[str, str]] = {"accepts_covenant": "accept"}
    accept = forms.BooleanField(label=JoinForm.base_fields["accept"].label, required=False)

    def __init__(self, *args: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["accept"]

    def refuse(self, error: Invalid) -> None:
        """Say why the covenant is needed."""
        self.add_error("accept", JoinForm.base_fields["accept"].error_messages["required"])


class CodeForm(Form):
    """The six digits of the message."""

    code = forms.CharField(
        label=_("Code from the message"),
        help_text=_("Six digits, valid for 5 minutes."),
        max_length=12,
        error_messages={"required": _("Type the six digits of the message.")},
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "digits",
                "autofocus": True,
            }
        ),
    )


class AboutForm(Form):
    """Name and union of a person we do not know yet. The union is found by typing a part of its name."""

    shown_at: ClassVar[dict[str, str]] = {"union": "union_search"}
    name = forms.CharField(
        label=_("Your name"),
        max_length=60,
        error_messages={"required": _("Type your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    union_search = forms.CharField(
        label=_("Your union"),
        help_text=_("Type a part of its name, then choose it from the list."),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    union = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, otherwise: Any = None, **kwargs: Any) -> None:
        """Ask.

        Args:
            otherwise: the union of whoever has none, or does not find hers; None: nobody may do without.
        """
        super().__init__(*args, **kwargs)
        self.otherwise = otherwise

    def clean(self) -> dict[str, Any]:
        """Take the chosen union while the typed text fits it, or the only one that the text fits."""
        data = super().clean() or {}
        search = data.get("union_search", "")
        if self.otherwise and data.get("union") == self.otherwise.pk:
            return data
        fitting = {union.pk for union in union_options(search)}
        if data.get("union") and (not search or data["union"] in fitting):
            return data
        data["union"] = fitting.pop() if len(fitting) == 1 else None
        if data["union"] is None:
            self.add_error("union_search", self._union_hint(search, found=bool(fitting)))
        return data

    @staticmethod
    def _union_hint(search: str, *, found: bool) -> Any:
        if not search:
            return _("Type a part of your union's name.")
        if found:
            return _("Choose your union from the list.")
        return _("No union has this in its name. Try a shorter part of it.")


class ProfileForm(AboutForm):
    """A person sees and corrects what is kept about her."""

    home_community = forms.CharField(
        label=_("Community where you live"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "address-level4"}),
    )
    skills = forms.MultipleChoiceField(
        label=_("What else can you do?"),
        choices=Skill.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    consent = forms.BooleanField(
        label=_("My union may keep my name and number for this service. I can see and correct them."),
        error_messages={"required": _("Without your consent we may not keep your data.")},
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["name"].widget.attrs["autofocus"]  # who looks at her data need not begin to type
        if not is_new:
            del self.fields["consent"]


def union_options(search: str) -> list[Any]:
    """Return the unions offered for a typed text, at most nine, of which eight are shown; none without a text."""
    return list(unions.listed(search=search.strip())[: MOST_UNIONS_SHOWN + 1]) if search.strip() else []
