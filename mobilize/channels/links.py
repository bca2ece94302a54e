"""The link in the letter that confirms an e-mail address. Nothing is stored: it is signed for one address."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

from mobilize.core.errors import Conflict

LASTS = timedelta(hours=24)


def link(*, address_id: UUID, now: datetime) -> str:
    """Return the address of the page that confirms an e-mail address."""
    token = _signer().sign_object({"address": address_id.hex, "at": int(now.timestamp())})
    return f"{settings.PUBLIC_URL}/a/{token}/"


def read(token: str, *, now: datetime) -> UUID:
    """Return the id of the address a link is for.

    Raises:
        Conflict: `address_link_expired`: cut off, made up, or older than LASTS.
    """
    try:
        said = _signer().unsign_object(token)
        address_id, at = UUID(said["address"]), int(said["at"])
    except (BadSignature, ValueError, KeyError, TypeError):
        raise Conflict("address_link_expired") from None
    if not 0 <= int(now.timestamp()) - at < LASTS.total_seconds():
        raise Conflict("address_link_expired")
    return address_id


def _signer() -> Signer:
    """Not Django's signer with a clock of its own: time is an argument here."""
    return Signer(salt="channels.address", sep=".")
