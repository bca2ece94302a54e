"""Officers, and the passwords they sign in with."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, RowField
from mobilize.unions.states import Role

CAN = _(
    "A viewer reads; a dispatcher works with tasks and fleets; an administrator also looks after officers and honours."
)


class OfficerForm(Form):
    """A new officer."""

    phone = forms.CharField(
        label=_("Mobile phone number"),
        help_text=_("A link to set her password goes to this number."),
        max_length=30,
        error_messages={"required": _("Type the officer's number.")},
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    name = forms.CharField(label=_("Name"), max_length=60, error_messages={"required": _("Type the officer's name.")})
    union = RowField(label=_("Union"))
    role = forms.ChoiceField(label=_("Role"), help_text=CAN, choices=Role.choices)

    def __init__(self, *args: Any, unions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["union"].choices = unions  # type: ignore[attr-defined]


class RoleForm(Form):
    """Another role on the same union."""

    role = forms.ChoiceField(label=_("Role"), help_text=CAN, choices=Role.choices)


class ForgottenForm(Form):
    """The number of an officer who cannot get in."""

    phone = forms.CharField(
        label=_("Mobile phone number"),
        max_length=30,
        error_messages={"required": _("Type your mobile phone number.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )


class PasswordForm(Form):
    """A new password, typed twice because nobody sees it."""

    shown_at: ClassVar[dict[str, str]] = {"password": "password1"}
    password1 = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. A short sentence is easy to remember."),
        strip=False,
        error_messages={"required": _("Type a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("The same once more"),
        strip=False,
        error_messages={"required": _("Type the password once more.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if {"password1", "password2"} <= set(data) and data["password1"] != data["password2"]:
            self.add_error("password2", _("The two are not the same."))
        return data
