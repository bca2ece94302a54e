"""Forms of swapping duties."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import RowField
from frontend.forms.join import AcceptForm
from frontend.templatetags.ui import span, spoken


class TakeOverForm(AcceptForm):
    """Take a duty over for nothing, or for one of one's own.

    Args:
        own: sign-ups that could be given for it.
        asks: whether the covenant is new to her.
        waiting: how many people wait for the shift: past them it is only exchanged.
    """

    in_return = RowField(label=_("What do you give for it?"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, own: list[Any], waiting: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = [] if waiting else [("", _("Nothing, I just come"))]
        self.fields["in_return"].choices = [*nothing, *((one.pk, _as_choice(one)) for one in own)]  # type: ignore[attr-defined]
        self.fields["in_return"].required = bool(waiting)
        if not own:
            del self.fields["in_return"]

    def clean(self) -> dict[str, Any]:
        """Without duties of her own there is nothing to choose."""
        data = super().clean() or {}
        data.setdefault("in_return", None)
        return data


def _as_choice(signup: Any) -> str:
    return format_html("{} · {}", spoken(signup.shift.post.site), span(signup.shift.starts_at, signup.shift.ends_at))
