"""How often something may be asked for, counted in the cache."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache

from mobilize.core.crypto import keyed_hash
from mobilize.core.errors import TooMany

counter: Any = cache  # core.valkey.ValkeyCache


@dataclass(frozen=True, kw_only=True)
class Limit:
    """So many tries in a window that begins with the first.

    Attributes:
        what: the limit's own name, so that limits do not share a count.
        subject: whose tries, e.g. a phone number or an address; the cache holds its keyed hash alone.
        most: tries in one window.
        window: how long.
        free: tries after which a proof of work is asked for; None for a limit that never asks.
        cost: how many tries this one counts as.
    """

    what: str
    subject: str
    most: int
    window: timedelta
    free: int | None = None
    cost: int = 1

    @property
    def key(self) -> str:
        """Its place in the cache."""
        return f"limit:{self.what}:{keyed_hash(self.subject)[:32]}"


def spend(limits: Sequence[Limit], *, code: str) -> None:
    """Count one more try in each limit, in their order, up to the first that is exceeded.

    Name what is the asker's own first and what all share last: then a refused try costs the others nothing. Each count
    is one step of the cache, so tries at the same instant never share one.

    Args:
        limits: the asker's own first.
        code: of the error.
    Raises:
        TooMany: `code` with `retry_after`, the seconds left of that limit's window.
    """
    for limit in limits:
        tries, left = counter.count(limit.key, int(limit.window.total_seconds()), limit.cost)
        if tries > limit.most:
            raise TooMany(code, retry_after=max(left, 1))


def demand_room(limits: Sequence[Limit], *, code: str) -> Limit | None:
    """Refuse what `spend` would refuse, without counting: cheap, before anything dear is done.

    Returns:
        The first limit whose free tries are used up, None when all have some left.
    Raises:
        TooMany: as `spend`.
    """
    used = cache.get_many([limit.key for limit in limits])
    for limit in limits:
        if used.get(limit.key, 0) >= limit.most:
            raise TooMany(code, retry_after=seconds_left(limit))
    return next((limit for limit in limits if limit.free is not None and used.get(limit.key, 0) >= limit.free), None)


def seconds_left(limit: Limit) -> int:
    """Return how many seconds are left of a limit's window, at least 1."""
    return max(counter.seconds_left(limit.key), 1)
