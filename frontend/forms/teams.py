"""Who leads a team."""

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form, RowField


class LeaderForm(Form):
    """One of those proposed, or anybody by her number.

    Args:
        proposed: people with verified honours.
        leader: who leads it now.
    """

    worker = RowField(label=_("People with a verified honour"), required=False, widget=forms.RadioSelect)
    phone = forms.CharField(
        label=_("Or somebody else, by her number"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, proposed: list[Any], leader: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(worker.pk, _as_choice(worker)) for worker in proposed]
        if people:
            self.fields["worker"].choices = [("", _("Nobody of these")), *people]  # type: ignore[attr-defined]
            self.initial["worker"] = leader.pk if leader else ""
        else:
            del self.fields["worker"]

    def clean(self) -> dict[str, Any]:
        """Who chooses nobody has to say so by the button for it."""
        data = super().clean() or {}
        if not data.get("worker") and not data.get("phone") and not self.errors:
            self.add_error("phone", _("Choose somebody, or type a number."))
        return data


def _as_choice(worker: Any) -> str:
    honours = format_html_join(
        "", ' <span class="tag tag--calm">{}{} {}</span>',
        ((one.get_level_display(), one.get_kind_display(), one.year) for one in worker.honours_shown),
    )  # fmt: skip
    return format_html('{} <span class="soft num">{}</span>{}', worker.user.name, worker.user.masked_phone, honours)
