"""Carry messages to their providers: one event loop, in a thread of its own, has many on their way at a time."""

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue

import structlog

from mobilize.channels import roads
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
from mobilize.channels.models import Delivery
from mobilize.channels.settling import Result
from mobilize.channels.states import ChannelName, DeliveryStatus, Outcome

log = structlog.get_logger()
SLOTS = 100  # messages on their way at a time, in one process
LOOK_AGAIN = 0.25  # seconds
THREADS = 100  # at most, made as they are needed
GATHER = 0.01  # seconds in which results are gathered, to be written together


class Postmen:
    """Those who carry; used by one thread, which works with the database meanwhile."""

    def __init__(self) -> None:
        self.busy = 0
        self._back: SimpleQueue[Result] = SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._providers: Mapping[str, Provider] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> "Postmen":
        self._ready, self._over, self._slots = threading.Event(), asyncio.Event(), asyncio.Semaphore(SLOTS)
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._work()], daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    async def _work(self) -> None:
        # for clients that know no event loop; with fewer threads messages would wait until their claims run out
        self._loop.set_default_executor(ThreadPoolExecutor(THREADS))
        async with roads.opened() as self._providers:
            self._ready.set()
            await self._over.wait()

    def send_off(self, claimed: Sequence[Delivery]) -> None:
        """Let messages leave, SLOTS at a time."""
        if claimed:
            self.busy += len(claimed)
            self._loop.call_soon_threadsafe(self._begin, claimed)

    def _begin(self, claimed: Sequence[Delivery]) -> None:
        for delivery in claimed:
            task = self._loop.create_task(self._deliver(delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        async with self._slots:
            result = await _try(delivery, self._providers)
        self._back.put(result)

    def returned(self) -> list[Result]:
        """Return what came back, as soon as something did, at most after LOOK_AGAIN."""
        results: list[Result] = []
        if self.busy:
            with suppress(Empty):
                results.append(self._back.get(timeout=LOOK_AGAIN))
                time.sleep(GATHER)
                while True:
                    results.append(self._back.get_nowait())
        self.busy -= len(results)
        return results


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
        body=delivery.body,
        facts=delivery.facts,
        written_at=delivery.created_at,
        expires_at=delivery.expires_at,
        targets=delivery.targets,
        variant=delivery.variant,
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
