"""A proof of work in place of a puzzle: the device computes for a moment, the person does nothing (altcha, SHA-256).

It makes each code cost a slow phone about half a second, which thins scripts out; what stops a pumper with real
computers are the limits behind it. A challenge is signed, bound to what it is asked for, lasts ten minutes and is good
once.
"""

from datetime import datetime, timedelta
from typing import Any

from altcha import ChallengeOptionsV1, PayloadV1, create_challenge_v1, verify_solution_v1
from django.core.cache import cache

from mobilize.core.crypto import keyed_hash, same

LASTS = timedelta(minutes=10)
MOST_TRIES = 40_000  # hashes; half of it on average


def challenge(*, subject: str, now: datetime) -> dict[str, Any]:
    """Return a challenge as altcha's widgets read it: algorithm, challenge, maxNumber, salt, signature.

    Args:
        subject: what the proof will be good for, e.g. a phone number; the challenge carries its keyed hash alone.
        now: current time.
    """
    options = ChallengeOptionsV1(
        max_number=MOST_TRIES, hmac_key=_key(), expires=now + LASTS, params={"for": _bound(subject)}
    )
    return create_challenge_v1(options).to_dict()


def is_right(proof: str, *, subject: str, now: datetime) -> bool:
    """Return whether this solves a living challenge for the subject.

    Args:
        proof: base64 of the JSON object with algorithm, challenge, number, salt, signature.
    """
    payload = _read(proof)
    if payload is None:
        return False
    _nonce, expires, params = payload.parse_salt()
    fits = same(params.get("for", [""])[0], _bound(subject)) and expires is not None and now.timestamp() < expires
    return fits and verify_solution_v1(payload, _key(), check_expires=False)[0]


def use_up(proof: str, *, subject: str, now: datetime) -> bool:
    """Use a right proof up; False when it is not right, or was used before. For the arguments see `is_right`."""
    payload = _read(proof)
    if payload is None or not is_right(proof, subject=subject, now=now):
        return False
    return cache.add(f"proof:{payload.signature}", 1, LASTS.total_seconds())


def _read(proof: str) -> PayloadV1 | None:
    try:
        payload = PayloadV1.from_base64(proof)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    texts = (payload.algorithm, payload.challenge, payload.salt, payload.signature)
    return payload if all(isinstance(text, str) and text.isascii() for text in texts) else None


def _key() -> str:
    return keyed_hash("proof of work")


def _bound(subject: str) -> str:
    return keyed_hash("proof of work", subject)[:32]
