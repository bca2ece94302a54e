"""Looking through the board, choosing needs."""

from uuid import UUID

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from frontend.forms.base import Form
from mobilize.dispatch.states import PlanMode

SHOWN = [
    ("", _("all needs")),
    ("open", _("still to be offered")),
    ("asked", _("waiting for answers")),
    ("under_way", _("under way")),
    ("red", _("red list")),
    ("overdue", _("begun, not filled")),
]


class BoardForm(forms.Form):
    """Looking for a need."""

    q = forms.CharField(
        label=_("Task or place"),
        required=False,
        validators=[MaxLengthValidator(60)],  # max_length would have the browser cut what is pasted, and say nothing
        widget=forms.TextInput({"placeholder": _("Task or place"), "aria-describedby": "q-error"}),
    )
    show = forms.ChoiceField(label=_("Show"), required=False, choices=SHOWN)


class ProposeForm(Form):
    """The needs chosen on the board, and whom to ask."""

    task_ids = forms.TypedMultipleChoiceField(coerce=UUID, required=False)
    mode = forms.ChoiceField(choices=PlanMode.choices)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["task_ids"]
        field.valid_value = _is_id  # type: ignore[attr-defined]  # which of them may be planned the domain says


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
