"""What a certificate says, signed (Ed25519, RFC 8032), so that anybody can check it with the public key alone.

A signed summary is two parts in base64url without padding, with a dot between: UTF-8 JSON, and the signature of its
bytes. `docs/certificates.md` shows how to check one without this system.
"""

import base64
import json
from datetime import date

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VERSION = "mobilize-1"


def private_key(secret: str) -> Ed25519PrivateKey:
    """Return the key that is derived from a secret (HKDF-SHA256, RFC 5869): the same secret gives the same key."""
    seed = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"mobilize certificates").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_pem(key: Ed25519PrivateKey) -> str:
    """Return the public key as PEM (SubjectPublicKeyInfo)."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign(
    key: Ed25519PrivateKey,
    *,
    number: str,
    name: str,
    union: str,
    title: str,
    days: tuple[date, date],
    issued: date,
    services: int,
    minutes: dict[str, int],
) -> str:
    """Return the signed summary of a certificate.

    Args:
        number, name, union, title: as printed.
        days: the first and the last one of service.
        issued: the day of issue.
        services: how many.
        minutes: served, by how we know of them (`attendance.states.Source`).
    """
    said = {
        "v": VERSION,
        "number": number,
        "name": name,
        "union": union,
        "for": title,
        "from": days[0].isoformat(),
        "to": days[1].isoformat(),
        "issued": issued.isoformat(),
        "services": services,
        "minutes": dict(sorted(minutes.items())),
    }
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return f"{_encoded(body)}.{_encoded(key.sign(body))}"


def read(signed: str, key: Ed25519PublicKey) -> dict[str, object] | None:
    """Return what a signed summary says, None when it was not signed with that key or was changed."""
    try:
        body, signature = (_decoded(part) for part in signed.split("."))
        key.verify(signature, body)
        return json.loads(body)
    except (ValueError, InvalidSignature):
        return None


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encoded(data) != text:
        raise ValueError("another spelling of the same bytes")
    return data
