"""Keyed hashes, random codes, and secrets that must be read again."""

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet
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


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(keyed_hash("secrets at rest"))))


def sealed(text: str) -> str:
    """Encrypt a secret for the database, under a key derived from CODE_KEY (Fernet: AES-128-CBC with HMAC)."""
    return _box().encrypt(text.encode()).decode()


def opened(token: str) -> str:
    """Decrypt what `sealed` gave.

    Raises:
        cryptography.fernet.InvalidToken: sealed under another key, or tampered with.
    """
    return _box().decrypt(token.encode()).decode()
