"""Write down what came of tries: a status never goes backwards, and whatever went wrong leaves a step."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection

from mobilize.channels import roads
from mobilize.channels.models import Address, Delivery, Step
from mobilize.channels.states import AboutAddress, ChannelName, DeliveryStatus, Outcome, Priority, before

log = structlog.get_logger()
FIRST_PAUSE = {Priority.CODE: timedelta(seconds=2)}  # a code is worth something for minutes only
USUAL_FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=1)
TRY_FOR = timedelta(hours=4)
MOST_TRIES = 30
ASK_AGAIN = [timedelta(seconds=20), timedelta(minutes=2)]  # then it stays unknown


@dataclass(slots=True)
class Result:
    """What came of one try, not yet written down."""

    delivery: Delivery
    outcome: Outcome | DeliveryStatus
    provider_id: str = ""
    detail: str = ""
    seconds: float = 0.0
    repeatable: bool = False  # the provider drops doubles


def settle(results: Sequence[Result], *, now: datetime) -> None:
    """Write down what came of tries; a status never goes backwards. Runs inside a transaction.

    Args:
        results: of claims of this process.
        now: current time.
    """
    for status in (DeliveryStatus.ACCEPTED, DeliveryStatus.DELIVERED):
        _settle_taken([result for result in results if result.outcome == status], status, now)
    troubled = [result for result in results if isinstance(result.outcome, Outcome)]
    for result in troubled:
        _settle_trouble(result, now)
    Step.objects.bulk_create(
        Step(
            delivery=result.delivery,
            channel=result.delivery.channel,
            provider=result.delivery.provider,
            outcome=result.outcome,
            detail=result.detail,
            created_at=now,
        )
        for result in troubled
    )
    gone = [target.id for result in results for target in result.delivery.targets if target.gone]
    if gone:
        Address.objects.filter(pk__in=gone, ended_at=None).update(ended_at=now)


def _settle_taken(results: Sequence[Result], status: DeliveryStatus, now: datetime) -> None:
    """One statement for all of them. A receipt may have come first: then only what it left open is filled in."""
    if not results:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE channels_delivery AS d SET
                status = CASE WHEN d.status = ANY(%(before)s) THEN %(status)s ELSE d.status END,
                provider_id = CASE WHEN t.provider_id = '' THEN d.provider_id ELSE t.provider_id END,
                sent_at = coalesce(d.sent_at, %(now)s),
                delivered_at = CASE WHEN %(delivered)s THEN coalesce(d.delivered_at, %(now)s) ELSE d.delivered_at END,
                claimed_until = NULL, doubtful = false, failure = CASE WHEN d.status = ANY(%(before)s) THEN ''
                    ELSE d.failure END,
                body = CASE WHEN d.secret AND d.channel <> 'inbox' THEN '' ELSE d.body END,
                facts = CASE WHEN d.secret AND d.channel <> 'inbox' THEN '{}' ELSE d.facts END
            FROM unnest(%(ids)s::uuid[], %(provider_ids)s::text[]) AS t (id, provider_id)
            WHERE d.id = t.id
            """,
            {
                "before": [str(earlier) for earlier in before(status)],
                "status": str(status),
                "now": now,
                "delivered": status == DeliveryStatus.DELIVERED,
                "ids": [result.delivery.pk for result in results],
                "provider_ids": [result.provider_id for result in results],
            },
        )


def _settle_trouble(result: Result, now: datetime) -> None:
    """Decide what is next for one message: later again, the next channel, or the end.

    Whoever's claim has run out meanwhile has no say any more: the number of the attempt is the token that tells.
    """
    delivery = result.delivery
    ours = Delivery.objects.filter(
        pk=delivery.pk, status=DeliveryStatus.SENDING, attempts=delivery.attempts, claimed_until__isnull=False
    )
    changes: dict[str, object] = {"claimed_until": None, "failure": result.detail[:200] or result.outcome}
    match result.outcome:
        case Outcome.DOUBTFUL if (pause := _pause_in_doubt(result, now)) is not None:
            changes |= {"doubtful": True, "next_try_at": now + pause}
        case Outcome.DOUBTFUL | Outcome.UNRESOLVED:
            result.outcome = Outcome.UNRESOLVED
            changes |= {"status": DeliveryStatus.UNKNOWN, "doubtful": True}
        case Outcome.NEVER_ARRIVED:
            changes |= {"doubtful": False, "next_try_at": now}
        case Outcome.TRY_AGAIN if not _exhausted(delivery, now):
            changes |= {"next_try_at": now + _pause(delivery)}
        case Outcome.REFUSED if _somebody_else(delivery):
            changes |= {"doubtful": False, "next_try_at": now}
        case _:
            if result.outcome == Outcome.TRY_AGAIN:
                result.outcome = Outcome.GAVE_UP
            changes |= {"doubtful": False} | (_next_channel(result, now) or {"status": DeliveryStatus.FAILED})
    if ours.update(**changes) and "status" in changes:
        forget_secrets([delivery.pk])
        log.warning("delivery.ended", id=str(delivery.pk), status=str(changes["status"]), outcome=str(result.outcome))


def _somebody_else(delivery: Delivery) -> bool:
    """Tell whether the channel has a provider that has not refused the message yet."""
    others = set(roads.names(delivery.channel)) - {delivery.provider}
    if not others:
        return False
    refused = delivery.steps.filter(outcome=Outcome.REFUSED, channel=delivery.channel)
    return not others <= set(refused.values_list("provider", flat=True))


def _next_channel(result: Result, now: datetime) -> dict[str, object]:
    """Return the next way; the inbox for whose last address turned out to be gone. Empty: there is none."""
    delivery = result.delivery
    gone = result.outcome == Outcome.NO_ADDRESS and delivery.kind not in AboutAddress.values
    ways = delivery.route or ([ChannelName.INBOX] if gone else [])
    if not ways:
        return {}
    return {"channel": ways[0], "route": ways[1:], "provider": "", "next_try_at": now}


def _exhausted(delivery: Delivery, now: datetime) -> bool:
    return now - delivery.created_at >= TRY_FOR or delivery.attempts >= MOST_TRIES


def _pause(delivery: Delivery) -> timedelta:
    """Twice as long each time, up to an hour, spread by a quarter so that retries do not march in step."""
    first = FIRST_PAUSE.get(Priority(delivery.priority), USUAL_FIRST_PAUSE)
    return min(first * 2 ** (delivery.attempts - 1), LONGEST_PAUSE) * random.uniform(0.75, 1.25)


def _pause_in_doubt(result: Result, now: datetime) -> timedelta | None:
    """Return how long to wait before asking (or, where doubles are dropped, sending) again; None: not again."""
    delivery = result.delivery
    asked = delivery.steps.filter(outcome=Outcome.DOUBTFUL).count()
    if asked < len(ASK_AGAIN):
        return ASK_AGAIN[asked]
    return _pause(delivery) if result.repeatable and not _exhausted(delivery, now) else None


def forget_secrets(ids: Sequence[UUID]) -> None:
    """Blank the text of secret messages that left. The embedded inbox keeps it: there the row is the message."""
    rows = Delivery.objects.filter(pk__in=ids, secret=True).exclude(channel=ChannelName.INBOX)
    rows.update(body="", facts={})
