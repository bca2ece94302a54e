"""SMS through a gateway of one's own: one signed JSON POST a message, and a signed GET to ask about one."""

import hashlib
import hmac
import json
import time
from typing import Any

import aiohttp
from django.conf import settings

from mobilize.channels.base import Doubtful, Fate, Message, PermanentFailure, Receipt, TemporaryFailure
from mobilize.channels.states import ChannelName

TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=3)
TRY_AGAIN = {408, 425, 429}
NO_CLEAR_END = {502, 504}  # of a proxy that lost sight of the gateway
FAULTY = 500  # from here on it says nothing of whether it had sent the message before it failed


class GatewayProvider:
    """Posts `{"id", "to", "text"}` to SMS_GATEWAY_URL, answered 2xx with `{"id": ...}`.

    Headers: `Idempotency-Key` (our id), `X-Timestamp` (Unix seconds) and `X-Signature`, the hex HMAC-SHA256 of
    `timestamp + "." + body` under SMS_GATEWAY_KEY. A GET of the same address followed by our id, signed over
    `timestamp + "." + id`, answers `{"status": "accepted" | "delivered" | "failed", "id": ..., "detail": ...}`, or 404
    for a message that it never got.
    """

    name = "gateway"
    channel = ChannelName.SMS

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http
        self.idempotent = settings.SMS_GATEWAY_DROPS_DOUBLES

    async def send(self, message: Message) -> str:
        payload = json.dumps({"id": str(message.id), "to": message.phone, "text": message.body}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(message.id)} | signed(payload)
        try:
            async with self.http.post(
                settings.SMS_GATEWAY_URL, data=payload, headers=headers, timeout=TIMEOUT
            ) as answer:
                if answer.status < 300:
                    return _id_in(await answer.read())
                status = answer.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TemporaryFailure(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Doubtful(type(error).__name__) from error
        failure = f"gateway answered {status}"
        if status in NO_CLEAR_END or (status >= FAULTY and not self.idempotent):
            raise Doubtful(failure)
        if status >= FAULTY or status in TRY_AGAIN:
            raise TemporaryFailure(failure)
        raise PermanentFailure(failure)

    async def ask(self, message: Message) -> Receipt:
        address = f"{settings.SMS_GATEWAY_URL.rstrip('/')}/{message.id}"
        try:
            async with self.http.get(address, headers=signed(str(message.id).encode()), timeout=TIMEOUT) as answer:
                if answer.status == 404:
                    return Receipt(Fate.NEVER_ARRIVED)
                if answer.status >= 300:
                    return Receipt(Fate.UNKNOWN, detail=f"gateway answered {answer.status}")
                return _receipt(json.loads(await answer.read()))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise TemporaryFailure(type(error).__name__) from error
        except ValueError:
            return Receipt(Fate.UNKNOWN)


def signed(payload: bytes) -> dict[str, str]:
    """Return the headers that prove that a request is ours."""
    timestamp = str(int(time.time()))
    return {"X-Timestamp": timestamp, "X-Signature": signature(timestamp, payload)}


def signature(timestamp: str, payload: bytes) -> str:
    """Return the hex HMAC-SHA256 of `timestamp + "." + payload` under SMS_GATEWAY_KEY."""
    key = settings.SMS_GATEWAY_KEY.encode()
    return hmac.new(key, timestamp.encode() + b"." + payload, hashlib.sha256).hexdigest()


def _id_in(body: bytes) -> str:
    """Return the provider's id; nothing when the thanks are no JSON object, since the message is taken all the same."""
    try:
        return str(json.loads(body).get("id", ""))
    except (ValueError, AttributeError):
        return ""


def _receipt(answer: Any) -> Receipt:
    if not isinstance(answer, dict) or answer.get("status") not in {Fate.ACCEPTED, Fate.DELIVERED, Fate.FAILED}:
        return Receipt(Fate.UNKNOWN)
    return Receipt(Fate(answer["status"]), str(answer.get("id", ""))[:100], str(answer.get("detail", ""))[:200])
