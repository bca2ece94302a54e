"""Keeps personal data out of the logs."""

import re
from typing import Any

# Digits may be full-width, and one sign may stand between them.
_GAP = r"[\s.()\-\u2010-\u2015]?"
_MAINLAND = rf"(?<!\d)(?:(?:[+＋]|[0０]{{2}})?[8８][6６]{_GAP})?[1１]{_GAP}[3-9３-９](?:{_GAP}\d){{9}}(?!\d)"
_ABROAD = rf"[+＋](?:\d{_GAP}){{6,14}}\d"
_PHONE = re.compile(f"{_MAINLAND}|{_ABROAD}")


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _PHONE.sub("[phone]", value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return _PHONE.sub("[phone]", str(value)) if _PHONE.search(str(value)) else value


def hide_personal_data(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """structlog processor: replace every phone number in an event, however deep, by `[phone]`."""
    return {key: _masked(value) for key, value in event.items()}
