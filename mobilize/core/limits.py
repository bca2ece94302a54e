"""How often something may be asked for, counted in the cache."""

from datetime import timedelta

from django.core.cache import cache

from mobilize.core.crypto import keyed_hash
from mobilize.core.errors import TooMany


def spend(*, what: str, subject: str, most: int, window: timedelta, code: str) -> None:
    """Count one more try of a subject.

    Args:
        what: the limit's own name, so that limits do not share a count.
        subject: a phone number or an address; the cache holds its keyed hash alone.
        most: tries in one window.
        window: begins with the first try.
        code: of the error.
    Raises:
        TooMany: `code` with `retry_after` seconds.
    """
    key = f"{what}:{keyed_hash(subject)[:32]}"
    seconds = int(window.total_seconds())
    cache.add(key, 0, timeout=seconds)
    try:
        tries = cache.incr(key)
    except ValueError:  # the window ended between the two calls
        return
    if tries > most:
        raise TooMany(code, retry_after=seconds)
