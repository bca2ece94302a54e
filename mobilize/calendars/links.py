"""The secret address of a calendar: its key, signed. Whoever has it reads; a new key makes every older one useless."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer, b64_decode, b64_encode

from mobilize.core.errors import NotFound


def link(key: UUID) -> str:
    """Return the address at which a calendar of this key is read."""
    return f"{settings.PUBLIC_URL}/calendars/{_signer().sign(b64_encode(key.bytes).decode())}.ics"


def read(token: str) -> UUID:
    """Return the key an address carries.

    Raises:
        NotFound: `unknown_calendar`: cut off or made up.
    """
    try:
        return UUID(bytes=b64_decode(_signer().unsign(token).encode()))
    except (BadSignature, ValueError):
        raise NotFound("unknown_calendar") from None


def _signer() -> Signer:
    return Signer(salt="calendars.feed", sep=".")
