"""Messages and bulk messages, for the pages that show them."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, When

from mobilize.channels.models import Delivery, Step
from mobilize.channels.states import CALLED_OFF, UNDER_WAY, ChannelName, DeliveryStatus, Outcome, Priority
from mobilize.core.errors import NotFound
from mobilize.core.phones import BadPhone, normalised
from mobilize.reminders.models import Broadcast, Call
from mobilize.reminders.states import BroadcastStatus, CallOutcome

NOT_REACHED = [DeliveryStatus.FAILED, DeliveryStatus.UNKNOWN, DeliveryStatus.EXPIRED]
ONLY_INBOX = [Outcome.OVER_BUDGET, Outcome.UNSUBSCRIBED]
CALL_FOR = timedelta(days=3)
LAST_DIGITS = 4  # as many as a masked number shows


def messages(
    rows: QuerySet[Delivery], *, kind: str = "", status: str = "", search: str = "", subject_id: UUID | None = None
) -> QuerySet[Delivery]:
    """Messages with their recipients, the newest first.

    Args:
        rows: those the actor may see.
        kind, status: of the message; empty for all.
        search: part of a name, the last four digits of a number, or all of it: by any other length its reader could
            find out digit by digit what is masked for her.
        subject_id: what they are about, None for anything.
    """
    if kind:
        rows = rows.filter(kind=kind)
    if status:
        rows = rows.filter(status=status)
    if subject_id:
        rows = rows.filter(subject_id=subject_id)
    if search:
        by_phone = Q(phone__endswith=search) if search.isdigit() and len(search) == LAST_DIGITS else Q(pk=None)
        with suppress(BadPhone):
            by_phone = Q(phone=normalised(search))
        rows = rows.filter(Q(recipient__name__icontains=search) | by_phone)
    return rows.select_related("recipient", "union").order_by("-created_at", "-pk")


def message(rows: QuerySet[Delivery], message_id: UUID) -> Delivery:
    """Return one message with the steps on its way and the calls made for it.

    Raises:
        NotFound
    """
    found = rows.select_related("recipient", "union").filter(pk=message_id).first()
    if found is None:
        raise NotFound
    return found


def to_call(rows: QuerySet[Delivery], *, now: datetime) -> QuerySet[Delivery]:
    """Messages of the last three days that did not reach their people, and are no bulk messages; the urgent first.

    Those stand here until somebody has reached the person by telephone. Of what is in her inbox alone `why_inbox` says
    why, else it is None.
    """
    kept_from_it = Step.objects.filter(delivery=OuterRef("pk"), outcome__in=[*ONLY_INBOX, Outcome.NO_ADDRESS])
    why_inbox = Case(
        When(channel=ChannelName.INBOX, then=Subquery(kept_from_it.order_by("created_at").values("outcome")[:1]))
    )
    reached = Call.objects.filter(delivery=OuterRef("pk"), outcome=CallOutcome.REACHED)
    calls = Call.objects.filter(delivery=OuterRef("pk"))
    return (
        rows.filter(created_at__gt=now - CALL_FOR, priority__lt=Priority.BULK, recipient__is_active=True)
        .annotate(called=Exists(calls), why_inbox=why_inbox)
        .filter(Q(status__in=NOT_REACHED) | Q(why_inbox__isnull=False))
        .exclude(failure=CALLED_OFF)
        .exclude(Exists(reached))
        .select_related("recipient", "union")
        .order_by("priority", "-created_at", "-pk")
    )


def mine(user_id: UUID, *, now: datetime) -> QuerySet[Delivery]:
    """What a person was told, the newest first; without codes and links that open something, and without what is held
    back or was called off before she got it."""
    told = Delivery.objects.filter(recipient=user_id, secret=False, due_at__lte=now)
    return told.exclude(held=True, status__in=UNDER_WAY).exclude(failure=CALLED_OFF).order_by("-created_at", "-pk")


def broadcasts(rows: QuerySet[Broadcast]) -> QuerySet[Broadcast]:
    """Bulk messages, the newest first."""
    return rows.select_related("union", "by").order_by("-created_at", "-pk")


def broadcast(rows: QuerySet[Broadcast], broadcast_id: UUID) -> Broadcast:
    """Return one bulk message.

    Raises:
        NotFound
    """
    found = rows.select_related("union", "campaign", "by").filter(pk=broadcast_id).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Progress:
    """How far a bulk message has come, in people.

    Attributes:
        people: to whom it goes.
        left: handed over or in the inbox.
        inbox: of those, whom no SMS nor anything else reached: they find it in their inbox alone.
        failed: not reached.
        called_off: not sent, and not to be sent any more.
        waiting: not sent yet.
    """

    people: int
    left: int
    failed: int
    called_off: int = 0
    inbox: int = 0

    @property
    def waiting(self) -> int:
        return max(0, self.people - self.left - self.failed - self.called_off)


def progress(broadcast: Broadcast) -> Progress:
    """Count how far a bulk message has come, in one statement."""
    ways = Delivery.objects.filter(subject_id=broadcast.pk).order_by().values_list("status", "failure", "channel")
    counts: Counter[str] = Counter()
    inbox = 0
    for status, failure, channel, n in ways.annotate(n=Count("pk")):
        counts[CALLED_OFF if failure == CALLED_OFF else status] += n
        inbox += n if (status, channel) == (DeliveryStatus.DELIVERED, ChannelName.INBOX) else 0
    people = max(broadcast.people, broadcast.written)
    left = counts[DeliveryStatus.ACCEPTED] + counts[DeliveryStatus.DELIVERED]
    failed = sum(counts[status] for status in NOT_REACHED)
    over = broadcast.status == BroadcastStatus.CANCELLED
    on_their_way = counts[DeliveryStatus.QUEUED] + counts[DeliveryStatus.SENDING]
    called_off = people - left - failed - on_their_way if over else counts[CALLED_OFF]
    return Progress(people, left, failed, called_off, inbox)
