"""What a browser gives that takes push messages. Light: pages ask here too, and load no client of a provider."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

LONGEST_ENDPOINT = 1000
AUTH_BYTES = 16
CODED = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def subscription_of(given: Any) -> dict[str, Any] | None:
    """Return what is needed of a PushSubscription as JSON, None when it is none.

    Args:
        given: the object, or its JSON.
    """
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return None
    keys = given.get("keys") if isinstance(given, Mapping) else None
    if not isinstance(keys, Mapping):
        return None
    endpoint, public, auth = given.get("endpoint"), keys.get("p256dh"), keys.get("auth")
    if not (isinstance(endpoint, str) and endpoint.isascii() and len(endpoint) <= LONGEST_ENDPOINT):
        return None
    if not _is_point(_decoded(public)) or len(_decoded(auth)) != AUTH_BYTES:
        return None
    return {"endpoint": endpoint, "keys": {"p256dh": public, "auth": auth}}


def written(subscription: Mapping[str, Any]) -> str:
    """Return a subscription as it is kept."""
    return json.dumps(subscription, sort_keys=True)


def served(endpoint: str) -> bool:
    """Tell whether an address belongs to one of the push services of PUSH_SERVICES: no other is ever called."""
    try:
        address = urlsplit(endpoint)
    except ValueError:
        return False
    if not re.fullmatch(r"[A-Za-z0-9.:-]+", address.netloc):
        return False
    origin = f"{address.scheme}://{address.netloc}"
    return any(fnmatchcase(origin, service) for service in settings.PUSH_SERVICES)


def public_key() -> str:
    """Return the public half of VAPID_PRIVATE_KEY, which a browser asks for; empty without one."""
    return _public_half(settings.VAPID_PRIVATE_KEY) if settings.VAPID_PRIVATE_KEY else ""


@lru_cache(maxsize=4)
def _public_half(secret: str) -> str:
    key = ec.derive_private_key(int.from_bytes(_decoded(secret)), ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).decode().rstrip("=")


def _decoded(text: Any) -> bytes:
    if not isinstance(text, str) or not CODED.fullmatch(text):
        return b""
    plain = text.rstrip("=")
    try:
        return urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except ValueError:
        return b""


def _is_point(raw: bytes) -> bool:
    """Tell whether bytes are an uncompressed point of the curve P-256."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        return False
    return len(raw) == 65
