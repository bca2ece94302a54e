"""Copies of rows in the cache that are never older than the last change of their row.

A copy is read without SQL, and who is locked out is out on the very next request. Deleting the copy at a change is not
enough: a reader that read the old row and was slow would put it back. Writing the new state instead is not enough
either: two writers may commit in one order and write to the cache in the other. So:

- a writer leaves a mark in the copy's place, before its commit and again after it;
- a reader that finds nothing reads the row and puts its copy there only while the place is empty (`add`), so it never
  replaces a mark; and one slower than half the mark's life keeps what it read to itself;
- a reader that finds a mark reads the row.

The first mark also covers a process that dies between its commit and the second. Marks commute, so the order of writers
does not matter. The price is one query for each request about this row for ten seconds after a change.

A session or a token leads to its owner's copy, and a round trip to the cache costs more than what it brings. So the
cache itself remembers what leads where, and gives both at once the next time, whichever process asks.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar, cast

from django.core.cache import cache
from django.db import transaction

from mobilize.core.valkey import ValkeyCache

T = TypeVar("T")

COPY_LASTS = 300  # seconds; a safety net alone
MARK_LASTS = 10  # seconds
CHANGED = "changed"
AHEAD_LASTS = 0.1  # seconds; what was read ahead longer ago is read again
LEAD_LASTS = 86_400  # seconds


class _Ahead(threading.local):
    """What this thread has read ahead: where, what, and when on the monotonic clock."""

    place, found, at = "", None, 0.0


_ahead = _Ahead()


def lead(place: str, then: str) -> None:
    """Remember that who reads one place in the cache reads another one next.

    Args:
        place: which this thread has just fetched.
        then: the place of a copy, which `Copies.get` looks for.
    """
    if _ahead.place != then:  # else the cache has just said so
        _valkey().lead(place, then, LEAD_LASTS)


def fetch(place: str) -> Any:
    """Return what is in a place of the cache, None when nothing is. Reads ahead what it leads to."""
    _ahead.place = ""  # also when the cache does not answer
    found, _ahead.place, _ahead.found = _valkey().follow(place)
    _ahead.at = time.monotonic()
    return found


def _valkey() -> ValkeyCache:
    return cast(ValkeyCache, cache)


class Copies(Generic[T]):
    """Copies of one kind of row.

    Args:
        kind: the first part of their names in the cache.
        read: returns the copy of the row with this key from the database, None when nobody may hold one.
    """

    def __init__(self, kind: str, read: Callable[[Any], T | None]) -> None:
        self.kind = kind
        self.read = read

    def get(self, key: Hashable) -> T | None:
        """Return the copy of a row as it is now, None when there is none."""
        place = self.place(key)
        found = _read_ahead(place) if place == _ahead.place else fetch(place)
        if found is not None and found != CHANGED:
            return cast(T, found)
        began = time.monotonic()
        row = self.read(key)
        if found is None and row is not None and time.monotonic() - began < MARK_LASTS / 2:
            cache.add(place, row, COPY_LASTS)
        return row

    def drop(self, key: Hashable) -> None:
        """Give up a row's copy: it changes in this transaction, or has just been changed."""
        self._mark(key)
        transaction.on_commit(lambda: self._mark(key))

    def place(self, key: Hashable) -> str:
        """Return where in the cache a row's copy is."""
        return f"{self.kind}:{key}"

    def _mark(self, key: Hashable) -> None:
        cache.set(self.place(key), CHANGED, MARK_LASTS)
        _ahead.place = ""


def _read_ahead(place: str) -> Any:
    _ahead.place = ""
    return _ahead.found if time.monotonic() - _ahead.at < AHEAD_LASTS else fetch(place)
