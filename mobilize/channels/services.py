"""Queue a message as a row, then send what is due: claim, hand over, note the outcome."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from mobilize.channels.base import Channel, PermanentFailure, TemporaryFailure
from mobilize.channels.inbox import InboxChannel
from mobilize.channels.models import Delivery
from mobilize.channels.sms import SmsChannel
from mobilize.channels.states import ChannelName, DeliveryStatus
from mobilize.outbox import services as outbox

log = structlog.get_logger()
CHANNELS: dict[str, Channel] = {ChannelName.INBOX: InboxChannel(), ChannelName.SMS: SmsChannel()}
FIRST_PAUSE = timedelta(seconds=20)
CLAIM_LASTS = timedelta(minutes=2)
# Every message begins with its registered sender, so that nothing which somebody typed can stand in that place.
SENDER = "【工会动员】"


def queue(
    *,
    kind: str,
    phone: str,
    body: str,
    subject_id: UUID,
    now: datetime,
    expires_at: datetime,
    recipient_id: UUID | None = None,
    invented: bool = False,
    due_at: datetime | None = None,
    secret: bool = False,
) -> Delivery | None:
    """Write a message to send; must run inside a transaction.

    Args:
        kind: what it is, e.g. `sign_in_code`.
        phone: E.164.
        body: the text, in the recipient's language, without the sender.
        subject_id: what it is about.
        now: time of writing.
        expires_at: after this it is not sent any more.
        recipient_id: the user, when the number is somebody's already.
        invented: True keeps it in the inbox whatever the settings say.
        due_at: part of the message's identity; `now` unless told.
        secret: True for a code or a link that opens something: once it left, the row forgets its text.
    Returns:
        The row, or None when the same person was told of the same subject for the same due time already.
    """
    real = settings.SMS_GATEWAY_URL and not invented
    deliveries = Delivery.objects.bulk_create(
        [
            Delivery(
                kind=kind,
                phone=phone,
                body=SENDER + body,
                subject_id=subject_id,
                recipient_id=recipient_id,
                invented=invented,
                channel=ChannelName.SMS if real else ChannelName.INBOX,
                due_at=due_at or now,
                next_try_at=now,
                expires_at=expires_at,
                secret=secret,
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    delivery = Delivery.objects.filter(pk=deliveries[0].pk).first()
    if delivery is not None:
        outbox.record("delivery.queued", delivery.pk)
    return delivery


def send(*, delivery_id: UUID, now: datetime) -> DeliveryStatus | None:
    """Send one message. Must run outside a transaction: the claim is committed before the hand-over.

    Args:
        delivery_id: the row.
        now: current time.
    Returns:
        The new status, or None when it is not this caller's to send (sent, claimed, not due yet).
    """
    expired = Delivery.objects.filter(pk=delivery_id, status=DeliveryStatus.QUEUED, expires_at__lte=now)
    if expired.update(status=DeliveryStatus.EXPIRED):
        forget_secrets(Delivery.objects.filter(pk=delivery_id))
        return DeliveryStatus.EXPIRED
    claim = Delivery.objects.filter(pk=delivery_id, status=DeliveryStatus.QUEUED, next_try_at__lte=now)
    if not claim.update(status=DeliveryStatus.SENDING, attempts=F("attempts") + 1, next_try_at=now + CLAIM_LASTS):
        return None
    delivery = Delivery.objects.get(pk=delivery_id)
    try:
        provider_id = CHANNELS[delivery.channel].send(
            delivery_id=delivery.pk, phone=str(delivery.phone), body=delivery.body
        )
    except PermanentFailure as failure:
        log.warning("delivery.failed", id=str(delivery.pk), failure=str(failure))
        return _settle(delivery, DeliveryStatus.FAILED, failure=str(failure)[:200])
    except Exception as failure:
        if not isinstance(failure, TemporaryFailure):
            log.exception("delivery.fault", id=str(delivery.pk))
        return _settle(
            delivery,
            DeliveryStatus.QUEUED,
            failure=str(failure)[:200],
            next_try_at=now + _pause(delivery.attempts),
        )
    reached = DeliveryStatus.DELIVERED if delivery.channel == ChannelName.INBOX else DeliveryStatus.ACCEPTED
    return _settle(delivery, reached, provider_id=provider_id[:100], sent_at=now, failure="")


def _settle(delivery: Delivery, status: DeliveryStatus, **columns: object) -> DeliveryStatus:
    row = Delivery.objects.filter(pk=delivery.pk)
    row.filter(status=DeliveryStatus.SENDING).update(status=status, **columns)
    if status != DeliveryStatus.QUEUED:
        forget_secrets(row)
    return status


def forget_secrets(rows: QuerySet[Delivery]) -> None:
    """Blank the text of secret messages that left. The embedded inbox keeps it: there the row is the message."""
    rows.filter(secret=True, channel=ChannelName.SMS).update(body="")


def forget_person(*, phone: str, replacement: str) -> None:
    """Take a person's number and words out of the messages to her; that they were sent stays."""
    Delivery.objects.filter(phone=phone).update(phone=replacement, body="")


def _pause(attempts: int) -> timedelta:
    """Twice as long each time, up to an hour, spread by a quarter so that retries do not march in step."""
    return min(FIRST_PAUSE * 2 ** (attempts - 1), timedelta(hours=1)) * random.uniform(0.75, 1.25)


def due(*, now: datetime, most: int = 500) -> list[UUID]:
    """Return ids of messages to send now, the longest waiting first."""
    return list(
        Delivery.objects.filter(status=DeliveryStatus.QUEUED, next_try_at__lte=now)
        .order_by("next_try_at")
        .values_list("pk", flat=True)[:most]
    )


def settle_doubtful(*, now: datetime) -> int:
    """Deal with messages whose sender died after the claim.

    The inbox needs no sending, and the SMS gateway drops a repeated id, so both may be queued again.

    Returns:
        How many were queued again.
    """
    with transaction.atomic():
        return Delivery.objects.filter(status=DeliveryStatus.SENDING, next_try_at__lte=now).update(
            status=DeliveryStatus.QUEUED, next_try_at=now
        )
