"""Typed, strict reading of the environment. An odd value stops the start with one plain sentence."""

import os
import re
from datetime import time
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class SettingError(SystemExit):
    """A setting cannot be used. Ends the process with one sentence on standard error and exit code 1."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"mobilize: setting {name} {problem}")


def text(name: str, default: str | None = None) -> str:
    """Return the variable's text.

    Args:
        name: the environment variable.
        default: used when it is unset; without one the variable is required.
    Raises:
        SettingError: unset without a default.
    """
    value = os.environ.get(name, default)
    if value is None:
        raise SettingError(name, "is required but not set.")
    return value


def needed(name: str, *, when: bool) -> str:
    """Return the variable's text, which must not be empty under a condition.

    Args:
        name: the environment variable.
        when: whether it is needed; else it may be unset.
    Raises:
        SettingError: needed and not there.
    """
    value = text(name, "")
    if when and not value:
        raise SettingError(name, "is required but not set.")
    return value


def flag(name: str, default: bool) -> bool:
    """Return a yes/no variable: 1, true, yes, on or 0, false, no, off in any case.

    Raises:
        SettingError: any other value.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingError(name, f"must be true or false, not {value!r}.")


def demo() -> bool:
    """Tell whether this is the demonstration: unless DEMO says otherwise, whenever no SECRET_KEY is set."""
    return flag("DEMO", default=not text("SECRET_KEY", ""))


def number(name: str, default: int, *, least: int, most: int) -> int:
    """Return a whole number within [least, most].

    Raises:
        SettingError: not a whole number, or outside the range.
    """
    value = os.environ.get(name, str(default))
    if not re.fullmatch(r"\d{1,9}", value) or not least <= int(value) <= most:
        raise SettingError(name, f"must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def span(name: str, default: str) -> tuple[time, time] | None:
    """Return two times of day, e.g. 22:00-06:30; None when it is empty.

    Raises:
        SettingError: not of this form, or twice the same time.
    """
    value = os.environ.get(name, default)
    if not value:
        return None
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", value)
    if not found or value[:5] == value[6:]:
        raise SettingError(name, f"must be two times such as {default}, not {value!r}.")
    hour, minute, last_hour, last_minute = map(int, found.groups())
    return time(hour, minute), time(last_hour, last_minute)


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without blanks."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def choices(name: str, default: str, known: set[str]) -> list[str]:
    """Return a comma-separated list of known words, each once.

    Raises:
        SettingError: another word, or one twice.
    """
    given = words(name, default)
    if unknown := set(given) - known:
        raise SettingError(name, f"must name some of {', '.join(sorted(known))}, not {min(unknown)!r}.")
    if len(set(given)) < len(given):
        raise SettingError(name, "names something twice.")
    return given


def templates(name: str, *, when: bool) -> dict[str, list[str]]:
    """Return registered templates of messages: `kind=id` or `kind:language=id`, comma-separated.

    Where a kind has several texts, `kind.variant` names the template of another than the usual one. Facts that a
    template takes by their place follow its id: `sign_in_code=1001/code`.

    Args:
        name: the environment variable.
        when: whether at least one is needed.
    Returns:
        Id and names of facts by `kind`, `kind.variant`, `kind:language` or `kind.variant:language`.
    Raises:
        SettingError: an entry of another form, one twice, or none where one is needed.
    """
    found: dict[str, list[str]] = {}
    for entry in words(name):
        if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)?(:(zh-hans|en))?=\w+(/[a-z_]+)*", entry, re.ASCII):
            raise SettingError(name, f"has the entry {entry!r}, which is not kind=id, kind:en=id or kind=id/fact/fact.")
        key, _equals, value = entry.partition("=")
        if key in found:
            raise SettingError(name, f"names {key!r} twice.")
        found[key] = value.split("/")
    if when and not found:
        raise SettingError(name, "is required but not set.")
    return found


def vapid(name: str) -> str:
    """Return the private key of push messages: 32 bytes in base64url; an empty one may stay empty.

    Raises:
        SettingError: it is none.
    """
    value = text(name, "")
    if value and not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", value):
        raise SettingError(name, "is not a key as `manage.py push_key` prints it.")
    return value


def url(name: str, default: str | None, schemes: set[str]) -> str:
    """Return an address whose scheme is one of `schemes`; an empty one may stay empty.

    Args:
        name: the environment variable.
        default: used when it is unset; None makes it required.
    Raises:
        SettingError: another scheme, not an address, or unset without a default.
    """
    value = text(name, default)
    try:
        scheme = urlsplit(value).scheme
    except ValueError:
        raise SettingError(name, "is not an address.") from None
    if value and scheme not in schemes:
        raise SettingError(name, f"must start with one of {', '.join(sorted(s + '://' for s in schemes))}.")
    return value


def postgres(name: str, default: str | None) -> dict[str, Any]:
    """Return a PostgreSQL address as a Django DATABASES entry.

    Args:
        name: the environment variable, e.g. postgresql://user:password@host:5432/name?sslmode=require.
        default: used when it is unset; None makes it required.
    Raises:
        SettingError: unset without a default, another scheme, a bad port or no database name.
    """
    address = urlsplit(url(name, default, {"postgresql", "postgres"}))
    try:
        port = address.port
    except ValueError:
        raise SettingError(name, "has a port that is not a number.") from None
    database = unquote(address.path.lstrip("/"))
    if not database:
        raise SettingError(name, "names no database (postgresql://user:password@host:5432/NAME).")
    options = dict(parse_qsl(address.query))
    return {
        "ENGINE": "mobilize.core.postgresql",
        "NAME": database,
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": options.pop("host", None) or unquote(address.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }
