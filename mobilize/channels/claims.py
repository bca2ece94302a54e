"""Take messages that are due, so that nobody else does; take over what senders that died left behind."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, F, Q, When

from mobilize.channels import budget, health, optouts, queries, quiet, roads
from mobilize.channels.base import Target
from mobilize.channels.models import Address, Delivery, Step
from mobilize.channels.settling import forget_secrets
from mobilize.channels.states import (
    GIVEN,
    UNDER_WAY,
    AboutAddress,
    ChannelName,
    DeliveryStatus,
    Outcome,
    Priority,
)

TRICKLE = 4  # messages at a time to a demoted provider that nobody can stand in for; codes do not wait
CLAIM_LASTS = timedelta(seconds=45)  # longer than any provider may take to answer


def claim(*, codes: bool, most: int, now: datetime, busy: int = 0) -> list[Delivery]:
    """Take messages that are due, the most urgent first; nobody else takes them. Runs inside a transaction.

    Args:
        codes: whether sign-in codes are meant or everything else.
        most: how many.
        now: current time.
        busy: how many this sender has on their way already.
    Returns:
        The messages, each with the provider it leaves by; what is past its time is expired instead.
    """
    choice = _providers()
    slow = {channel for channel, (_names, well) in choice.items() if not well}
    urgency = Q(priority=Priority.CODE) if codes else Q(priority__gt=Priority.CODE)
    due = Delivery.objects.filter(urgency, status__in=UNDER_WAY, claimed_until=None, held=False, next_try_at__lte=now)
    if not codes:
        due = due.annotate(opted_out=optouts.opted_out())
        if quiet.morning_after(now):
            due = due.filter(Q(at_night=True) | Q(priority=Priority.URGENT))
    trickle = most if codes else max(TRICKLE - busy, 0)
    if slow and not trickle:
        due = due.exclude(channel__in=slow)
    rows = list(due.order_by("priority", "next_try_at").select_for_update(skip_locked=True, of=("self",))[:most])
    _expire([row for row in rows if row.expires_at <= now])
    going = [row for row in rows if row.expires_at > now]
    if not codes:
        _keep_to_optouts(going, now)
    held_back = [row for row in going if row.channel in slow][trickle:]
    going = [row for row in going if row not in held_back]
    _say_how_things_stand(going, now)
    refused = _refused(going)
    for row in going:
        row.status = DeliveryStatus.SENDING
        if not row.doubtful:
            names, _well = choice.get(row.channel, ([""], False))
            left = [name for name in names if name not in refused[row.pk]] or names
            row.provider = left[row.attempts % len(left)]
        row.attempts += 1
    _mark_claimed(going, now)
    _find_targets(going)
    return going


def _expire(rows: Sequence[Delivery]) -> None:
    """End messages whose time is over; what was reserved for one that surely never left goes back."""
    if rows:
        late = [row.pk for row in rows]
        Delivery.objects.filter(pk__in=late).update(status=DeliveryStatus.EXPIRED, failure="")
        forget_secrets(late)
        budget.give_back([row for row in rows if not row.doubtful])


def _keep_to_optouts(rows: Sequence[Delivery], now: datetime) -> None:
    """Let nobody get an SMS who wrote meanwhile that she wants none; what a provider may have is asked about."""
    no_more = [row for row in rows if row.opted_out and row.channel == ChannelName.SMS and not row.doubtful]  # type: ignore[attr-defined]
    if no_more:
        budget.give_back(no_more)
        optouts.keep_from_sms(no_more, Outcome.UNSUBSCRIBED, now)


def _say_how_things_stand(rows: Sequence[Delivery], now: datetime) -> None:
    """Give messages that leave late the text for it."""
    late = [row for row in rows if row.late_after and row.late_after < now]
    for row in late:
        row.body, row.variant = row.late_body, row.late_variant
    if late:
        ids = [row.pk for row in late]
        Delivery.objects.filter(pk__in=ids).update(
            body=F("late_body"), variant=F("late_variant"), late_body="", late_after=None
        )


def _refused(rows: Sequence[Delivery]) -> dict[UUID, set[str]]:
    """Return which providers have refused which messages: nobody is asked twice."""
    refused: dict[UUID, set[str]] = defaultdict(set)
    if again := [row.pk for row in rows if row.attempts]:
        steps = Step.objects.filter(delivery__in=again, outcome=Outcome.REFUSED)
        for delivery, provider in steps.values_list("delivery", "provider"):
            refused[delivery].add(provider)
    return refused


def _find_targets(rows: Sequence[Delivery]) -> None:
    """Give messages of channels other than SMS the addresses of their people, in one statement for all.

    Only confirmed ones, but for messages about an address, which go there alone.
    """
    mine = [row for row in rows if row.channel in GIVEN]
    if not mine:
        return
    about = {row.subject_id for row in mine if row.kind in AboutAddress.values}
    hers = queries.reachable(Address.objects.filter(user__in={row.recipient_id for row in mine}))
    themselves = Address.objects.filter(pk__in=about, ended_at=None, removed_at=None)
    # by the address itself: of two people who became one both may have given it
    found: dict[tuple[UUID | None, str], dict[str, Target]] = defaultdict(dict)
    single: dict[UUID, list[Target]] = defaultdict(list)
    for user, channel, pk, address, confirmed_at in (hers | themselves).values_list(
        "user", "channel", "pk", "address", "confirmed_at"
    ):
        single[pk] = [Target(pk, address)]
        if confirmed_at:
            found[user, channel][address] = Target(pk, address)
    for row in mine:
        itself = row.kind in AboutAddress.values
        row.targets = single[row.subject_id] if itself else list(found[row.recipient_id, row.channel].values())


def _mark_claimed(rows: Sequence[Delivery], now: datetime) -> None:
    by_provider = defaultdict(list)
    for row in rows:
        by_provider[row.provider].append(row.pk)
    for provider, ids in by_provider.items():
        Delivery.objects.filter(pk__in=ids).update(
            status=DeliveryStatus.SENDING,
            claimed_until=now + CLAIM_LASTS,
            attempts=F("attempts") + 1,
            provider=provider,
        )


def _providers() -> dict[str, tuple[list[str], bool]]:
    """Return for each channel the providers to use now, in turn for each further try, and whether they are well."""
    choice = {}
    for channel in ChannelName.values:
        if known := roads.names(channel):
            resting = health.resting(known)
            well = [name for name in known if name not in resting]
            choice[channel] = (well or known, bool(well))
    return choice


def recover(*, now: datetime) -> int:
    """Take over what senders that died left behind: it is doubtful whether it was sent.

    Returns:
        How many messages.
    """
    left = Delivery.objects.filter(claimed_until__lte=now, status=DeliveryStatus.SENDING)
    return left.update(
        claimed_until=None, next_try_at=now, doubtful=Case(When(channel=ChannelName.INBOX, then=False), default=True)
    )
