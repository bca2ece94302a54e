"""Let messages leave: claim what is due, hand it over, many at a time, and write down what came of it.

A claim is committed before the hand-over, so a sender that dies leaves a mark: its claim runs out and the message is
doubtful. A doubtful one is sent again only to a provider that drops doubles; of any other it is asked what became of
it, and where nobody knows the message ends as `unknown`, never in a blind second sending.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from asgiref.sync import async_to_sync, sync_to_async
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone

from mobilize.channels import health, roads
from mobilize.channels.base import (
    Doubtful,
    Fate,
    Message,
    NoAddress,
    PermanentFailure,
    Provider,
    Receipt,
    TemporaryFailure,
)
from mobilize.channels.claims import CLAIM_LASTS, claim
from mobilize.channels.models import Delivery
from mobilize.channels.settling import Result, settle
from mobilize.channels.states import ChannelName, DeliveryStatus, Outcome

log = structlog.get_logger()
SLOTS = 100  # messages on their way at a time, in one process
PUMP_FOR = 20.0  # seconds, then the worker is free for whatever else waits
LOOK_AGAIN = 0.25  # seconds
GATHER = 0.01  # seconds in which results are gathered, to be written together


def pump(*, codes: bool, patience: float = 0.0, clock: Callable[[], datetime] = timezone.now) -> int:
    """Send what is due until nothing is left or 20 s are over. Must run outside a transaction.

    Several pumps, in several processes, share the work: rows another one holds are skipped.

    Args:
        codes: True for sign-in codes, which have senders of their own, False for everything else.
        patience: seconds after which to look once more when nothing is left, for what was committed meanwhile.
        clock: tells the current time.
    Returns:
        How many tries were made.
    """
    return async_to_sync(_pump)(codes=codes, patience=patience, clock=clock)


async def _pump(*, codes: bool, patience: float, clock: Callable[[], datetime]) -> int:
    begun, tries, looked_twice = time.monotonic(), 0, not patience
    on_the_way: set[asyncio.Task[Result]] = set()
    async with roads.opened() as providers:
        while True:
            finished = [task for task in on_the_way if task.done()]
            on_the_way.difference_update(finished)
            results = [task.result() for task in finished]
            tries += len(results)
            free = SLOTS - len(on_the_way) if time.monotonic() - begun < PUMP_FOR else 0
            claimed = await _turn_over(results, codes=codes, most=free, busy=len(on_the_way), clock=clock)
            on_the_way.update(asyncio.create_task(_try(delivery, providers)) for delivery in claimed)
            if on_the_way:
                looked_twice = not patience
                await asyncio.wait(on_the_way, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(GATHER)
            elif looked_twice or not free:
                return tries
            else:
                looked_twice = True
                await asyncio.sleep(patience)


async def _turn_over(
    results: list[Result], *, codes: bool, most: int, busy: int, clock: Callable[[], datetime]
) -> list[Delivery]:
    """Write results down and claim more, in one transaction; a database that is away is waited for."""
    if not results and most <= 0:
        return []
    given_up_at = time.monotonic() + CLAIM_LASTS.total_seconds()
    while True:
        try:
            return await sync_to_async(_settle_and_claim)(results, codes=codes, most=most, busy=busy, now=clock())
        except (OperationalError, InterfaceError) as error:
            # What was handed over must be written down; once the claims have run out, others take care of it.
            if time.monotonic() > given_up_at:
                raise
            log.warning("sending.database_away", error=type(error).__name__)
            await sync_to_async(close_old_connections)()
            await asyncio.sleep(0.5)


def _settle_and_claim(results: list[Result], *, codes: bool, most: int, busy: int, now: datetime) -> list[Delivery]:
    with transaction.atomic():
        settle(results, now=now)
        claimed = claim(codes=codes, most=most, busy=busy, now=now) if most > 0 else []
    _note_health(results)
    return claimed


async def _try(delivery: Delivery, providers: Mapping[str, Provider]) -> Result:
    """Hand one message over, or ask about a doubtful one."""
    if delivery.channel == ChannelName.INBOX:
        return Result(delivery, DeliveryStatus.DELIVERED)
    begun, provider = time.monotonic(), providers.get(delivery.provider)
    result = await _ask_or_send(delivery, provider)
    result.seconds = time.monotonic() - begun
    result.repeatable = provider is not None and provider.idempotent
    return result


async def _ask_or_send(delivery: Delivery, provider: Provider | None) -> Result:
    if provider is None:
        return Result(delivery, Outcome.UNRESOLVED if delivery.doubtful else Outcome.REFUSED, detail="no provider")
    message = _message(delivery)
    try:
        if delivery.doubtful and not provider.idempotent:
            return _learn(delivery, await provider.ask(message))
        return Result(delivery, DeliveryStatus.ACCEPTED, provider_id=(await provider.send(message))[:100])
    except NoAddress as failure:
        return Result(delivery, Outcome.NO_ADDRESS, detail=str(failure)[:200])
    except PermanentFailure as failure:
        return Result(delivery, Outcome.REFUSED, detail=str(failure)[:200])
    except Doubtful as failure:
        return Result(delivery, Outcome.DOUBTFUL, detail=str(failure)[:200])
    except TemporaryFailure as failure:
        unclear = delivery.doubtful and not provider.idempotent
        return Result(delivery, Outcome.DOUBTFUL if unclear else Outcome.TRY_AGAIN, detail=str(failure)[:200])
    except Exception as failure:
        log.exception("delivery.fault", id=str(delivery.pk))
        return Result(delivery, Outcome.DOUBTFUL, detail=type(failure).__name__)


def _message(delivery: Delivery) -> Message:
    return Message(
        id=delivery.pk,
        kind=delivery.kind,
        language=delivery.language,
        phone=str(delivery.phone),
        user_id=delivery.recipient_id,
        body=delivery.body,
        facts=delivery.facts,
        written_at=delivery.created_at,
    )


def _learn(delivery: Delivery, receipt: Receipt) -> Result:
    outcomes: dict[Fate, Outcome | DeliveryStatus] = {
        Fate.ACCEPTED: DeliveryStatus.ACCEPTED,
        Fate.DELIVERED: DeliveryStatus.DELIVERED,
        Fate.FAILED: Outcome.REFUSED,
        Fate.NEVER_ARRIVED: Outcome.NEVER_ARRIVED,
        Fate.UNKNOWN: Outcome.DOUBTFUL,
    }
    return Result(delivery, outcomes[receipt.fate], provider_id=receipt.provider_id[:100], detail=receipt.detail)


def _note_health(results: Sequence[Result]) -> None:
    """Count how the providers did. The cache may be away: nothing depends on it."""
    bad_outcomes = {Outcome.TRY_AGAIN, Outcome.DOUBTFUL}
    for name in {result.delivery.provider for result in results} - {""}:
        own = [result for result in results if result.delivery.provider == name]
        bad = sum(result.outcome in bad_outcomes or result.seconds > health.SLOW.total_seconds() for result in own)
        if health.note(name, tries=len(own), bad=bad):
            log.warning("provider.demoted", provider=name)
