"""Who gets no SMS, and the ways that are left then."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import BooleanField, Case, Exists, OuterRef, Value, When
from django.db.models.expressions import Combinable

from mobilize.channels.models import Delivery, Step, Unsubscribed
from mobilize.channels.states import REPLY, ChannelName, Outcome


def unsubscribed(rows: Sequence[Delivery]) -> list[Delivery]:
    """Return the messages to numbers that want no more SMS, without answers to what they just wrote."""
    unasked = [row for row in rows if row.kind != REPLY]
    gone = set(Unsubscribed.objects.filter(phone__in={row.phone for row in unasked}).values_list("phone", flat=True))
    return [row for row in unasked if row.phone in gone]


def opted_out() -> Combinable:
    """The same as an expression over messages, for who reads them anyway."""
    gone = Exists(Unsubscribed.objects.filter(phone=OuterRef("phone")))
    return Case(When(kind=REPLY, then=Value(False)), default=gone, output_field=BooleanField())


def keep_from_sms(rows: Sequence[Delivery], why: Outcome, now: datetime) -> None:
    """Let messages leave by what is left of their ways besides SMS, at least by the inbox, and note why."""
    for row in rows:
        ways = [channel for channel in (row.channel, *row.route) if channel != ChannelName.SMS]
        row.channel, *row.route = ways or [ChannelName.INBOX]
        row.cost = 0
    Delivery.objects.bulk_update(rows, ["channel", "route", "cost"])
    Step.objects.bulk_create(Step(delivery=row, channel=ChannelName.SMS, outcome=why, created_at=now) for row in rows)
