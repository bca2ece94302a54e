"""Messages at the desk: looking through them, writing to many."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, RowField, said
from mobilize.channels.states import DeliveryStatus
from mobilize.reminders.broadcasts import LONGEST, LONGEST_EN
from mobilize.reminders.budgets import MOST_YUAN
from mobilize.reminders.states import Audience, ReminderKind


class MessageSearchForm(forms.Form):
    """Which of the branch's messages."""

    search = forms.CharField(
        label=_("Name, or the last four digits of the number"),
        required=False,
        max_length=60,
        widget=forms.SearchInput(),
    )
    kind = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[("", _("all")), *ReminderKind.choices, ("broadcast", _("bulk message"))],
    )
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("all")), *DeliveryStatus.choices])

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data, label_suffix="")

    def wanted(self) -> dict[str, Any]:
        """Return the keywords for `queries.messages`; what is no choice is left out."""
        self.full_clean()
        return {name: self.cleaned_data.get(name, "") for name in ("search", "kind", "status")}


class BroadcastForm(Form):
    """A message to many."""

    union = RowField(label=_("To the branch of"), help_text=_("In whose name it is said."))
    audience = forms.ChoiceField(label=_("To whom"), choices=Audience.choices)
    campaign = RowField(label=_("Campaign"), required=False, help_text=_("Whose budget pays for it."))
    text = forms.CharField(
        label=_("Text"),
        help_text=_("At most 300 signs. The sender 【工会动员】 is put in front. Web addresses are not possible."),
        error_messages={"required": _("Write what they should know.")},
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST, "class": "prose"}),
    )
    text_en = forms.CharField(
        label=_("English text"),
        required=False,
        help_text=_("For those who read English; without one they get the Chinese text."),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST_EN, "lang": "en", "class": "prose"}),
    )
    urgent = forms.BooleanField(label=_("Urgent: send it in quiet hours too"), required=False)

    def __init__(
        self, *args: Any, unions: list[tuple[str, str]], campaigns: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["union"].choices = unions  # type: ignore[attr-defined]
        self.fields["campaign"].choices = [("", _("none")), *campaigns]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the keywords for `broadcasts.write`."""
        rows = {f"{name}_id": self.cleaned_data.pop(name) for name in ("union", "campaign")}
        return rows | self.cleaned_data


class CapForm(Form):
    """What a campaign's SMS may cost."""

    yuan = forms.IntegerField(
        label=_("At most, in yuan"),
        help_text=_("Empty: no limit. Codes and urgent messages are sent in any case."),
        required=False,
        error_messages={"invalid": said("bad_budget", {"most": MOST_YUAN})},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
