"""A link in the message that answers an offer without signing in.

Nothing is stored. The link is signed for one person and one offer, so it ends with the offer, and with her being asked
for it: a fleet's new leader answers by her own.
"""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer, b64_decode, b64_encode

from mobilize.core.actor import WORKER, Actor
from mobilize.core.errors import NotFound
from mobilize.dispatch import queries
from mobilize.dispatch.models import Offer


def link(*, offer_id: UUID, user_id: UUID) -> str:
    """Return the address at which a person answers an offer that is made to her."""
    return f"{settings.PUBLIC_URL}/o/{_signer(user_id).sign(b64_encode(offer_id.bytes).decode())}/"


def read(token: str) -> tuple[Offer, Actor]:
    """Return the offer a link is about, and in whose name it is answered.

    Args:
        token: of the link.
    Raises:
        NotFound: `unknown_link`: cut off, made up, or of somebody who is not asked any more.
    """
    try:
        offer_id = UUID(bytes=b64_decode(token.partition(".")[0].encode()))
        found = queries.offer(Offer.objects.all(), offer_id)
        person = queries.addressee(found)
        _signer(person).unsign(token)
    except (ValueError, NotFound, BadSignature):
        raise NotFound("unknown_link") from None
    return found, Actor(user_id=person, scopes=frozenset({WORKER}))


def _signer(user_id: UUID) -> Signer:
    return Signer(salt=f"dispatch.offer.{user_id}", sep=".")
