"""Codes of the domain's errors as sentences for people."""

from typing import Any

from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from mobilize.core.errors import DomainError

SENTENCES: dict[str, Any] = {
    "not_signed_in": _("Please sign in first."),
    "forbidden": _("Your role does not allow this."),
    "not_found": _("We cannot find this, or it is not yours to see."),
    "invalid": _("Please check what you typed."),
    "wrong_status": _("This is no longer possible: somebody changed it in the meantime."),
}


def sentence(error: DomainError) -> str:
    """Return the sentence for an error in the current language, filled with the error's data."""
    return words(error.code, error.data)


def words(code: str, data: dict[str, Any] | None = None) -> str:
    """Return the sentence for an error code; a code without one falls back to a general sentence."""
    text = SENTENCES.get(code)
    if text is None:
        return translate("This is not possible right now.")
    return str(text) % (data or {})
