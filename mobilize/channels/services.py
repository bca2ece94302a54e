"""Write a message down as a row to send. `sending.py` lets it leave, `receipts.py` notes what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from mobilize.channels import budget, optouts, queries, roads
from mobilize.channels.models import Address, Delivery, Inbound, Purse, Step, Unsubscribed
from mobilize.channels.states import (
    CALLED_OFF,
    GIVEN,
    UNDER_WAY,
    AboutAddress,
    ChannelName,
    DeliveryStatus,
    Outcome,
    Priority,
    PurseScope,
)
from mobilize.core.nudges import nudge

SEND_CODES, SEND_MESSAGES = "channels.send_codes", "channels.send_messages"
# Every message begins with its registered sender, so that nothing which somebody typed can stand in that place.
SENDER = "【工会动员】"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to write down.

    Attributes:
        kind: what it is, e.g. `sign_in_code`.
        variant: which of the kind's texts it is, for providers with registered templates; empty for the usual one.
        phone: E.164.
        body: the text, in the recipient's language, without the sender.
        subject_id: what it is about.
        due_at: part of the message's identity; before it nothing leaves.
        expires_at: after this it is not sent any more.
        recipient_id: the user, when the number is somebody's already.
        language: of the text.
        late_after, late_body, late_variant: what it says instead, and which of the kind's texts that is, when it
            leaves later than that; None: it is never late.
        facts: the text's values by name, for providers with registered templates.
        channels: over which it may leave, the first that can is tried first; none that can leaves the inbox.
        priority: who leaves first.
        invented: True keeps it in the inbox whatever the settings say.
        secret: True for a code or a link that opens something: once it left, the row forgets its text.
        union_id: in whose name it is said, whose officers may read of it.
        campaign_id: whose budget it is.
        at_night: whether it leaves in quiet hours; what is urgent always does.
        essential: whether it must become an SMS whatever the budgets say; what is urgent always does.
    """

    kind: str
    phone: str
    body: str
    subject_id: UUID
    due_at: datetime
    expires_at: datetime
    variant: str = ""
    recipient_id: UUID | None = None
    language: str = "zh-hans"
    late_after: datetime | None = None
    late_body: str = ""
    late_variant: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    channels: Sequence[str] = (ChannelName.SMS,)
    priority: Priority = Priority.NORMAL
    invented: bool = False
    secret: bool = False
    union_id: UUID | None = None
    campaign_id: UUID | None = None
    at_night: bool = False
    essential: bool = False


def queue(draft: Draft, *, now: datetime) -> Delivery | None:
    """Write one message down; see `queue_many`.

    Returns:
        The row, or None when the same person was told of the same subject for the same due time already.
    """
    rows = queue_many([draft], now=now)
    return next(iter(rows), None)


def queue_many(drafts: Sequence[Draft], *, now: datetime) -> list[Delivery]:
    """Write messages down, to leave once the transaction is done; must run inside one.

    Args:
        drafts: any number; a few hundred at a time keep the transaction short.
        now: time of writing.
    Returns:
        The new rows. Left out is what the same person was told of the same subject for the same due time already.
    Raises:
        RuntimeError: no transaction, so the message could leave without the change that it tells of.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a message must be written in the transaction of its change")
    planned = [_row(draft, now) for draft in drafts]
    nowhere = _keep_to_her_addresses(planned)
    Delivery.objects.bulk_create(planned, ignore_conflicts=True)
    new = set(Delivery.objects.filter(pk__in=[row.pk for row in planned]).values_list("pk", flat=True))
    written = [row for row in planned if row.pk in new]
    Step.objects.bulk_create(
        Step(delivery=row, channel=nowhere[row.pk], outcome=Outcome.NO_ADDRESS, created_at=now)
        for row in written
        if row.pk in nowhere
    )
    by_sms = [row for row in written if row.priority != Priority.CODE and budget.may_cost(row)]
    no_more = optouts.unsubscribed(by_sms)
    optouts.keep_from_sms(no_more, Outcome.UNSUBSCRIBED, now)
    essential = {row.pk for row, draft in zip(planned, drafts, strict=True) if draft.essential}
    over = budget.reserve([row for row in by_sms if row not in no_more], essential=essential, now=now)
    optouts.keep_from_sms([row for row in by_sms if row.pk in over], Outcome.OVER_BUDGET, now)
    for job in {SEND_CODES if row.priority == Priority.CODE else SEND_MESSAGES for row in written}:
        nudge(job)
    return written


def _row(draft: Draft, now: datetime) -> Delivery:
    channel, *route = roads.passable(draft.channels, invented=draft.invented)
    longest = SENDER + max(draft.body, draft.late_body, key=len)
    return Delivery(
        kind=draft.kind,
        variant=draft.variant,
        phone=draft.phone,
        language=draft.language,
        body=SENDER + draft.body,
        late_after=draft.late_after,
        late_body=SENDER + draft.late_body if draft.late_body else "",
        late_variant=draft.late_variant,
        facts=draft.facts,
        subject_id=draft.subject_id,
        recipient_id=draft.recipient_id,
        union_id=draft.union_id,
        campaign_id=draft.campaign_id,
        at_night=draft.at_night,
        invented=draft.invented,
        channel=channel,
        route=route,
        priority=draft.priority,
        due_at=draft.due_at,
        next_try_at=max(now, draft.due_at),
        expires_at=draft.expires_at,
        secret=draft.secret,
        cost=budget.cost(longest) if ChannelName.SMS in {channel, *route} else 0,
        created_at=now,
    )


def _keep_to_her_addresses(rows: Sequence[Delivery]) -> dict[UUID, str]:
    """Leave out ways for which people have given no address, so that the next one is taken at once.

    Returns:
        By the ids of the messages that only the inbox is left for, their last way.
    """
    asking = [row for row in rows if {row.channel, *row.route} & set(GIVEN) and row.kind not in AboutAddress.values]
    if not asking:
        return {}
    hers = queries.reachable(Address.objects.filter(user__in={row.recipient_id for row in asking}))
    there = set(hers.values_list("user", "channel").distinct())
    nowhere = {}
    for row in asking:
        wanted = [row.channel, *row.route]
        ways = [way for way in wanted if way not in GIVEN or (row.recipient_id, way) in there]
        if not ways:
            nowhere[row.pk] = wanted[-1]
        row.channel, *row.route = ways or [ChannelName.INBOX]
    return nowhere


def take_back(*, subject_id: UUID, now: datetime) -> int:
    """Take back the messages about a subject that no provider has, and what was reserved for them.

    Those whose time has not come are as if they had never been written; the others stay and say so. Runs inside the
    transaction of the change that makes them wrong.

    Returns:
        How many messages.
    """
    ahead = Delivery.objects.filter(subject_id=subject_id, status=DeliveryStatus.QUEUED, due_at__gt=now, attempts=0)
    rows = list(ahead.select_for_update().order_by("pk"))
    budget.give_back(rows)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows) + call_off(subject_id=subject_id, now=now)


def hold(*, subject_id: UUID, held: bool) -> None:
    """Keep the messages about a subject from leaving, or let them go on; what a provider has is not called back."""
    Delivery.objects.filter(subject_id=subject_id, status__in=UNDER_WAY).update(held=held)


def call_off(*, subject_id: UUID, now: datetime) -> int:
    """End the messages about a subject that have not left, and put back what was reserved for them.

    One that a sender has in its hands may still leave, but is not tried again. Runs inside a transaction.

    Returns:
        How many messages.
    """
    under_way = Delivery.objects.filter(subject_id=subject_id, status__in=UNDER_WAY)
    rows = list(under_way.filter(claimed_until=None, doubtful=False).select_for_update().order_by("pk"))
    budget.give_back(rows)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=DeliveryStatus.EXPIRED, failure=CALLED_OFF, held=False, cost=0
    )
    under_way.update(expires_at=now, held=False)
    return len(rows)


def unsubscribe(*, phone: str, by_reply: bool, now: datetime) -> None:
    """Send a number no more SMS but codes that are asked for."""
    Unsubscribed.objects.get_or_create(phone=phone, defaults={"by_reply": by_reply, "created_at": now})


def subscribe(*, phone: str) -> None:
    """Send a number SMS again."""
    Unsubscribed.objects.filter(phone=phone).delete()


def forget_person(*, user_id: UUID, phone: str, replacement: str) -> None:
    """Take a person's number, words and addresses out of the messages to and from her; that they were sent stays."""
    Delivery.objects.filter(phone=phone).update(phone=replacement, body="", late_body="", facts={})
    Inbound.objects.filter(phone=phone).update(phone=replacement, text="")
    Unsubscribed.objects.filter(phone=phone).delete()
    Purse.objects.filter(scope=PurseScope.PERSON, key=phone).delete()
    Address.objects.filter(user_id=user_id).delete()
