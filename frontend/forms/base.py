"""What all forms share: sentences for the domain's codes, no browser bubbles."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db import OperationalError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from frontend.sentences import words
from mobilize.core.errors import Invalid, TooMany

# Django's own Chinese for it says something else; our catalogue goes before.
gettext_noop("Null characters are not allowed.")
said = lazy(words, str)  # a sentence of the domain for a form's own check
WHEN = "%Y-%m-%dT%H:%M"


class Form(forms.Form):
    """A form whose errors may also come from the domain."""

    use_required_attribute = False
    # Where an error of the domain shows when the page asks for that value under another name; it asks for rows by
    # their name without `_id`.
    shown_at: ClassVar[dict[str, str]] = {}
    proof: dict[str, Any] | None = None  # the work that is asked for, see `refusals`
    busy = False  # the database had no time for it, see `refusals`

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def refuse(self, error: Invalid) -> None:
        """Put every code of an Invalid beside its field, in the field's own words where it has some.

        A field the form lacks goes to the top.
        """
        for name, codes in error.fields.items():
            field = self.shown_at.get(name, name if name in self.fields else name.removesuffix("_id"))
            own = self.fields[field].error_messages if field in self.fields else {}
            for code in codes:
                sentence = own["required"] if code == "required" and "required" in own else words(code, error.data)
                self.add_error(field if field in self.fields else None, sentence)


class RowField(forms.TypedChoiceField):
    """A choice among rows; its value is the row's id, None when nothing is chosen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": said("unknown_choice")})
        super().__init__(coerce=UUID, empty_value=None, **kwargs)


class MomentField(forms.DateTimeField):
    """A day and a time in the city's zone, typed with the phone's own picker.

    Args:
        missing: what to say when nothing is typed.
    """

    def __init__(self, *, missing: Any, **kwargs: Any) -> None:
        invalid = _("Type a day and a time, for example 2022-11-20 07:00.")
        kwargs["error_messages"] = {"required": missing, "invalid": invalid}
        widget = forms.DateTimeInput(format=WHEN, attrs={"type": "datetime-local"})
        super().__init__(widget=widget, input_formats=[WHEN, "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs)


@contextmanager
def refusals(form: Form) -> Iterator[None]:
    """Turn what is raised inside into what the form shows, so that nothing typed is lost.

    An Invalid becomes errors beside the fields, a proof of work that is asked for its `proof`, and a database that has
    no time a sentence at its top.
    """
    try:
        yield
    except Invalid as error:
        form.refuse(error)
    except OperationalError:
        form.busy = True
        form.add_error(None, _("Too many at once just now, nothing was changed. Please send it once more in a moment."))
    except TooMany as error:
        if error.code != "proof_required":
            raise
        challenge = json.dumps(error.data["challenge"])
        form.proof = {"challenge": challenge, "minutes": ceil(error.data["retry_after"] / 60)}
