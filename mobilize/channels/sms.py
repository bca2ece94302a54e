"""SMS through an HTTP gateway: one signed JSON POST a message."""

import hashlib
import hmac
import json
import time
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID

from django.conf import settings

from mobilize.channels.base import PermanentFailure, TemporaryFailure

TIMEOUT_SECONDS = 10
TRY_AGAIN = {408, 425, 429}


class SmsChannel:
    """Posts `{"id", "to", "text"}` to SMS_GATEWAY_URL.

    Headers: `Idempotency-Key` (our id), `X-Timestamp` (Unix seconds) and `X-Signature`, the hex HMAC-SHA256 of
    `timestamp + "." + body` under SMS_GATEWAY_KEY. The gateway answers 2xx with `{"id": ...}`.
    """

    def send(self, *, delivery_id: UUID, phone: str, body: str) -> str:
        payload = json.dumps({"id": str(delivery_id), "to": phone, "text": body}).encode()
        timestamp = str(int(time.time()))
        signature = hmac.new(
            settings.SMS_GATEWAY_KEY.encode(), timestamp.encode() + b"." + payload, hashlib.sha256
        ).hexdigest()
        request = Request(  # noqa: S310 - config/settings.py admits http and https alone
            settings.SMS_GATEWAY_URL,
            data=payload,
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": str(delivery_id),
                "X-Timestamp": timestamp,
                "X-Signature": signature,
            },
        )
        try:
            with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                return str(json.load(answer).get("id", ""))
        except HTTPError as error:
            if error.code >= 500 or error.code in TRY_AGAIN:
                raise TemporaryFailure(f"gateway answered {error.code}") from error
            raise PermanentFailure(f"gateway answered {error.code}") from error
        except (OSError, HTTPException) as error:
            raise TemporaryFailure(type(error).__name__) from error
        except (ValueError, AttributeError):
            # Taken (2xx), but the answer is no JSON object: a second send would double the message.
            return ""
