"""What people write back by SMS: kept once, and told on in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from mobilize.channels.models import Inbound
from mobilize.core.phones import BadPhone, normalised
from mobilize.outbox import services as outbox

LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to us.

    Attributes:
        provider_id: the provider's id of it, at most 100 characters, the same when it is reported again.
        phone: who wrote, in any spelling.
        text: what she wrote.
    """

    provider_id: str
    phone: str
    text: str


@transaction.atomic
def take(*, provider: str, replies: Sequence[Reply], now: datetime) -> int:
    """Keep what people wrote; `sms.received` tells of each.

    Args:
        provider: through whom it came.
        replies: as many as came at once; those that came before, or from numbers we never write to, are left out.
        now: current time.
    Returns:
        How many are new.
    """
    rows = [
        Inbound(
            provider=provider,
            provider_id=reply.provider_id,
            phone=phone,
            text=reply.text[:LONGEST_TEXT],
            created_at=now,
        )
        for reply in replies
        if (phone := _phone(reply.phone))
    ]
    # in one order for all, so that two reports of the same replies never wait for each other
    Inbound.objects.bulk_create(sorted(rows, key=lambda row: row.provider_id), ignore_conflicts=True)
    new = list(Inbound.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    outbox.record_many([("sms.received", pk, {}) for pk in new])
    return len(new)


def _phone(typed: str) -> str:
    try:
        return normalised(typed)
    except BadPhone:
        return ""
