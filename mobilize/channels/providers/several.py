"""One message to a person who has several addresses on a channel: it is taken when one of them took it."""

import asyncio
from collections.abc import Awaitable, Callable

from mobilize.channels.base import Doubtful, Message, NoAddress, PermanentFailure, Target, TemporaryFailure


async def reach(message: Message, send_to: Callable[[Target], Awaitable[None]]) -> None:
    """Send to every address at once.

    Args:
        message: with its targets.
        send_to: hands the message over for one address and raises as `Provider.send` does.
    Raises:
        NoAddress: she has none, or none is left.
        Doubtful, TemporaryFailure, PermanentFailure: nobody took it; what leaves most open of what happened.
    """
    if not message.targets:
        raise NoAddress("no address")
    results = await asyncio.gather(*(send_to(target) for target in message.targets), return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    if len(failures) < len(results):
        return
    raise min(failures, key=_settled)


def _settled(failure: BaseException) -> int:
    """Return how much is known: what nobody foresaw leaves everything open."""
    kinds: list[type[BaseException]] = [Doubtful, TemporaryFailure, PermanentFailure, NoAddress]
    return kinds.index(type(failure)) + 1 if type(failure) in kinds else 0
