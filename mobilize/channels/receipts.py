"""What providers report of messages they took. A receipt that comes twice, late or in the wrong order does no harm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce

from mobilize.channels.base import Fate, Receipt
from mobilize.channels.models import Delivery, Step
from mobilize.channels.settling import forget_secrets
from mobilize.channels.states import DeliveryStatus, Outcome, before

OUTCOMES = {Fate.DELIVERED: Outcome.RECEIPT_DELIVERED, Fate.FAILED: Outcome.RECEIPT_FAILED}
STATUSES = {
    Fate.ACCEPTED: DeliveryStatus.ACCEPTED,
    Fate.DELIVERED: DeliveryStatus.DELIVERED,
    Fate.FAILED: DeliveryStatus.FAILED,
}


@dataclass(frozen=True, slots=True)
class Report:
    """A receipt and whose it is: our id where the provider gives it back, else the provider's own."""

    receipt: Receipt
    delivery_id: UUID | None = None


def take(*, provider: str, reports: Sequence[Report], now: datetime) -> int:
    """Note what became of messages.

    Args:
        provider: its name.
        reports: as many as came at once; those of messages we do not know are left out.
        now: current time.
    Returns:
        How many messages changed their status by it.
    """
    return sum(_take_one(provider, report, now) for report in reports)


@transaction.atomic
def _take_one(provider: str, report: Report, now: datetime) -> bool:
    receipt = report.receipt
    if receipt.fate not in STATUSES:
        return False
    if report.delivery_id:
        own = Delivery.objects.filter(pk=report.delivery_id, provider=provider)
    elif receipt.provider_id:
        own = Delivery.objects.filter(provider=provider, provider_id=receipt.provider_id)
    else:
        return False
    status = STATUSES[receipt.fate]
    changes: dict[str, object] = {"status": status, "claimed_until": None, "doubtful": False}
    changes["sent_at"] = Coalesce("sent_at", now)
    changes["failure"] = receipt.detail[:200] if status == DeliveryStatus.FAILED else ""
    if status == DeliveryStatus.DELIVERED:
        changes["delivered_at"] = now
    delivery = own.filter(status__in=before(status)).select_for_update().first()
    if delivery is None:
        return False
    Delivery.objects.filter(pk=delivery.pk).update(**changes)
    forget_secrets([delivery.pk])
    if receipt.fate in OUTCOMES:
        Step.objects.create(
            delivery=delivery,
            channel=delivery.channel,
            provider=provider,
            outcome=OUTCOMES[receipt.fate],
            detail=receipt.detail[:200],
            created_at=now,
        )
    return True
