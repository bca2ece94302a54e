"""Keeps personal data and keys out of the logs."""

import re
from typing import Any

# Digits may be full-width, and one sign may stand between them.
_GAP = r"[\s.()\-\u2010-\u2015]?"
_MAINLAND = rf"(?<!\d)(?:(?:[+＋]|[0０]{{2}})?[8８][6６]{_GAP})?[1１]{_GAP}[3-9３-９](?:{_GAP}\d){{9}}(?!\d)"
_ABROAD = rf"[+＋](?:\d{_GAP}){{6,14}}\d"
_PHONE = re.compile(f"{_MAINLAND}|{_ABROAD}")
# Whoever has the link of an offer answers it; whoever has the address of a calendar reads it.
_LINK = re.compile(r"((?:/|%2F)(?:o|calendars)(?:/|%2F))(?:[^/\s?#&%'\"]|%(?!2F))+", re.IGNORECASE)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _PHONE.sub("[phone]", _LINK.sub(r"\1[link]", value))
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    shown = str(value)
    return _masked(shown) if _PHONE.search(shown) or _LINK.search(shown) else value


def hide_personal_data(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor: replace phone numbers and what signs the link of an offer or a calendar, however deep."""
    return {key: _masked(value) for key, value in event.items()}
