"""A turn for those who cannot be served at once.

When the database does not answer in time (a failover, a row held too long, no connection left), a sign-up is not an
error: it becomes a turn in the cache, and a job serves the turns in the order of their numbers as soon as the database
is back. While turns wait, new sign-ups queue behind them. Nothing is served twice: a repeated turn finds the sign-up.
"""

import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import structlog
from django.core.cache import cache
from django.core.signing import BadSignature, Signer
from django.db import OperationalError

from mobilize.core.actor import WORKER, Actor
from mobilize.core.errors import Conflict, DomainError, NotFound
from mobilize.signups import services

log = structlog.get_logger()

LASTS = 3600  # seconds; so long a turn and its outcome are kept
WRITTEN_WITHIN = 10  # seconds between a number and its turn; a number without a turn is passed after them
SERVING_LASTS = 60  # seconds; a server that died holds the others up so long
MOST_SHOWN = 5  # turns of one person
LOOK_EVERY = 1.0  # seconds; so old may a process's knowledge be that nobody waits

_LAST, _SERVED, _SERVING = "turns:last", "turns:served", "turns:serving"
_signer = Signer(salt="signups.turns")
_looked_at, _somebody_waits = float("-inf"), False


@dataclass(frozen=True)
class Turn:
    """One wish to sign up, and what became of it.

    Attributes:
        user_id, shift_id, accepts_covenant, via: as for `services.sign_up`.
        signup_id: when it was served.
        refusal: code of the domain's error when it was refused.
        data: of the error.
    """

    user_id: UUID
    shift_id: UUID
    accepts_covenant: bool
    via: str
    signup_id: UUID | None = None
    refusal: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """True as long as it was not served."""
        return self.signup_id is None and not self.refusal


def somebody_waits() -> bool:
    """Tell whether new sign-ups must queue; a process asks the cache at most once a second."""
    global _looked_at, _somebody_waits
    if time.monotonic() - _looked_at >= LOOK_EVERY:
        _somebody_waits = _waiting() > 0
        _looked_at = time.monotonic()
    return _somebody_waits


def _waiting() -> int:
    counts = cache.get_many([_LAST, _SERVED])
    return counts.get(_LAST, 0) - counts.get(_SERVED, 0)


def take(*, actor: Actor, shift_id: UUID, accepts_covenant: bool, via: str) -> str:
    """Queue up. Somebody who queues for a shift already keeps the turn she has. Touches the cache alone.

    Args:
        actor: the signed-in person.
        shift_id, accepts_covenant, via: as for `services.sign_up`.
    Returns:
        A ticket for `look`, which cannot be made up.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    global _looked_at, _somebody_waits
    mine = f"turns:of:{actor.person}:{shift_id}"
    number = cache.get(mine)
    turn = cache.get(_key(number)) if number else None
    if turn is None or not turn.waits:
        cache.add(_LAST, 0, None)
        cache.add(_SERVED, 0, None)
        number = cache.incr(_LAST)
        turn = Turn(user_id=actor.person, shift_id=shift_id, accepts_covenant=accepts_covenant, via=via)
        cache.set(_key(number), turn, LASTS)
        cache.set(mine, number, LASTS)
        numbers = [*cache.get(_numbers_of(actor.person), []), number]
        cache.set(_numbers_of(actor.person), numbers[-MOST_SHOWN:], LASTS)
    _looked_at, _somebody_waits = time.monotonic(), True
    return _signer.sign(str(number))


def of_person(user_id: UUID) -> list[tuple[str, Turn]]:
    """Return a person's turns of the last hour that wait or were refused, the latest first, each with its ticket."""
    numbers = cache.get(_numbers_of(user_id), [])
    found = cache.get_many([_key(number) for number in numbers]) if numbers else {}
    return [
        (_signer.sign(str(number)), turn)
        for number in reversed(numbers)
        if (turn := found.get(_key(number))) and turn.signup_id is None
    ]


def look(ticket: str) -> tuple[Turn, int]:
    """Return a turn, and how many others are served before it.

    Raises:
        NotFound: `no_turn`: no such ticket, or one older than an hour.
    """
    try:
        number = int(_signer.unsign(ticket))
    except BadSignature:
        raise NotFound("no_turn") from None
    turn = cache.get(_key(number))
    if turn is None:
        raise NotFound("no_turn")
    return turn, max(0, number - 1 - cache.get(_SERVED, 0))


def serve(*, now: datetime) -> int:
    """Serve the turns that wait, in order, until none is left or the database fails again; one server at a time.

    Returns:
        How many were dealt with.
    """
    if not _waiting() or not cache.add(_SERVING, True, SERVING_LASTS):
        return 0
    dealt_with = 0
    try:
        while _waiting() and _serve_next(now):
            dealt_with += 1
            cache.touch(_SERVING, SERVING_LASTS)
    except OperationalError as error:
        log.warning("turns.database_away", error=type(error).__name__)
    finally:
        cache.delete(_SERVING)
    return dealt_with


def _serve_next(now: datetime) -> bool:
    number = cache.get(_SERVED, 0) + 1
    turn = cache.get(_key(number))
    if turn is None:
        # Its number is out, but it has not been written yet, or was forgotten.
        first_missed = cache.get_or_set(f"turns:missed:{number}", now.timestamp(), LASTS)
        if now.timestamp() - cast(float, first_missed) < WRITTEN_WITHIN:
            return False
    elif turn.waits:
        cache.set(_key(number), _served(turn, now), LASTS)
    cache.incr(_SERVED)
    return True


def _served(turn: Turn, now: datetime) -> Turn:
    actor = Actor(user_id=turn.user_id, scopes=frozenset({WORKER}))
    try:
        signup = services.sign_up(
            actor=actor, shift_id=turn.shift_id, accepts_covenant=turn.accepts_covenant, via=turn.via, now=now
        )
    except Conflict as error:
        if error.code == "already_signed_up":
            return replace(turn, signup_id=UUID(error.data["signup_id"]))
        return replace(turn, refusal=error.code, data=error.data)
    except DomainError as error:
        return replace(turn, refusal=error.code, data=error.data)
    except OperationalError:
        raise
    except Exception:  # one turn that fails must not hold up all behind it
        log.exception("turns.fault")
        return replace(turn, refusal="fault")
    return replace(turn, signup_id=signup.pk)


def _numbers_of(user_id: UUID) -> str:
    return f"turns:by:{user_id}"


def _key(number: int) -> str:
    return f"turns:{number}"
