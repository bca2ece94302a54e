"""Keyed hashes and random codes."""

import hashlib
import hmac
import secrets

from django.conf import settings


def keyed_hash(*parts: str) -> str:
    """Return HMAC-SHA256 of the parts under CODE_KEY, 64 hex digits.

    A plain or salted hash of six digits or of a phone number is brute-forced in moments; a keyed one is not.
    """
    return hmac.new(settings.CODE_KEY.encode(), "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)


def digits(count: int) -> str:
    """Return `count` random decimal digits."""
    return "".join(secrets.choice("0123456789") for _ in range(count))
