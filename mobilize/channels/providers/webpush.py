"""Push messages to the browsers a person has allowed them in (Web Push with VAPID, by pywebpush)."""

import json

import aiohttp
from django.conf import settings
from django.utils import timezone
from py_vapid import Vapid
from pywebpush import WebPushException, webpush_async

from mobilize.channels.base import (
    Doubtful,
    Fate,
    Message,
    NoAddress,
    PermanentFailure,
    Receipt,
    Target,
    TemporaryFailure,
)
from mobilize.channels.providers.browsers import served
from mobilize.channels.providers.several import reach
from mobilize.channels.states import ChannelName

TIMEOUT = aiohttp.ClientTimeout(total=8, sock_connect=3)
GONE = {404, 410}
TRY_AGAIN = {429, 503}
LONGEST_TEXT = 1000  # signs; push services take 4,096 bytes


class WebPushProvider:
    """Posts `{"title", "body", "url", "tag"}`, encrypted for the browser.

    `tag` is our id, so a browser shows a message that comes twice once; the push services themselves promise nothing.
    """

    name = "webpush"
    channel = ChannelName.PUSH
    idempotent = False

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.key = Vapid.from_string(settings.VAPID_PRIVATE_KEY)

    async def send(self, message: Message) -> str:
        await reach(message, lambda target: self._send_to(target, message))
        return ""

    async def ask(self, message: Message) -> Receipt:
        return Receipt(Fate.UNKNOWN)

    async def _send_to(self, target: Target, message: Message) -> None:
        try:
            subscription = json.loads(target.address)
            if not served(subscription["endpoint"]):
                raise PermanentFailure("a push service that is not allowed")
            await webpush_async(
                subscription,
                data=json.dumps(_notice(message), ensure_ascii=False),
                vapid_private_key=self.key,
                vapid_claims={"sub": settings.VAPID_CONTACT},
                ttl=max(0, int((message.expires_at - timezone.now()).total_seconds())),
                headers={"Urgency": "high"},
                timeout=TIMEOUT,
                aiohttp_session=self.http,
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TemporaryFailure(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Doubtful(type(error).__name__) from error
        except WebPushException as error:
            raise _failure(target, error.status_code) from error
        except (ValueError, KeyError, TypeError) as error:
            raise PermanentFailure("an odd subscription") from error


def _notice(message: Message) -> dict[str, str]:
    sender, _bracket, text = message.body.removeprefix("【").partition("】")
    return {
        "title": sender,
        "body": text[:LONGEST_TEXT],
        "url": f"{settings.PUBLIC_URL}/me/",
        "tag": str(message.id),
    }


def _failure(target: Target, status: int | None) -> Exception:
    failure = f"push service answered {status}"
    if status in GONE:
        target.gone = True
        return NoAddress(failure)
    if status in TRY_AGAIN:
        return TemporaryFailure(failure)
    return Doubtful(failure) if status and status >= 500 else PermanentFailure(failure)
