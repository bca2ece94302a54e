"""Which providers are well. One that is slow or fails is demoted for a while, and the next one takes over.

Counts lie in the cache, so all senders see the same; losing them costs only that a bad provider is found out again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import structlog
from django.core.cache import cache as django_cache
from redis.exceptions import RedisError

from mobilize.core.valkey import ValkeyCache

log = structlog.get_logger()
cache = cast(ValkeyCache, django_cache)

WINDOW = 30  # seconds in which tries are counted together
ENOUGH = 5  # bad tries, before anything is concluded from them
BAD_SHARE = 0.5  # of the tries
SLOW = timedelta(seconds=5)
FIRST_REST = 30  # seconds; twice as long each time it happens again within an hour
LONGEST_REST = 600


def note(provider: str, *, tries: int, bad: int) -> bool:
    """Count tries.

    Args:
        provider: its name.
        tries: how many.
        bad: how many of them failed for a while, had no clear end or took longer than SLOW.
    Returns:
        Whether the provider was demoted by them.
    """
    try:
        return _note(provider, tries, bad)
    except RedisError as error:
        log.warning("health.cache_away", error=type(error).__name__)
        return False


def _note(provider: str, tries: int, bad: int) -> bool:
    total, _left = cache.count(f"provider:{provider}:tries", WINDOW, tries)
    failed, _left = cache.count(f"provider:{provider}:bad", WINDOW, bad) if bad else (0, 0)
    if failed < ENOUGH or failed < total * BAD_SHARE:
        return False
    times, _left = cache.count(f"provider:{provider}:demotions", 3600)
    rest = min(FIRST_REST * 2 ** (times - 1), LONGEST_REST)
    cache.delete_many([f"provider:{provider}:tries", f"provider:{provider}:bad"])
    cache.set(f"provider:{provider}:resting", True, rest)
    return True


def resting(providers: Sequence[str]) -> set[str]:
    """Return those of some providers that are demoted now; none when the cache is away."""
    keys = {f"provider:{name}:resting": name for name in providers}
    try:
        return {keys[key] for key in cache.get_many(keys)}
    except RedisError:
        return set()
