"""How providers report: who may, and what their words mean.

The gateway signs what it posts. Aliyun and Tencent sign nothing, so the addresses they are given carry a key.
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings

from mobilize.channels.base import Fate, Receipt
from mobilize.channels.inbound import Reply
from mobilize.channels.receipts import Report
from mobilize.core.crypto import keyed_hash, same
from mobilize.core.errors import Forbidden, NotFound

NUMBER = re.compile(r"\d{7,}")  # a provider may name the number; nobody may read it who may not see it whole
CLOCKS_DIFFER = 300  # seconds, at most
RECEIPTS, REPLIES = "receipts", "replies"
FATES = {"accepted": Fate.ACCEPTED, "delivered": Fate.DELIVERED, "failed": Fate.FAILED}
TENCENT_FATES = {"SUCCESS": Fate.DELIVERED, "FAIL": Fate.FAILED}
# What each waits to hear before it stops repeating itself.
THANKS: dict[str, dict[str, Any]] = {
    "gateway": {},
    "aliyun": {"code": 0, "msg": "成功"},
    "tencent": {"result": 0, "errmsg": "OK"},
}


class Garbled(ValueError):
    """A report that is not of the provider's form."""


def address(provider: str, what: str) -> str:
    """Return the address a provider is to report to.

    Args:
        provider: its name.
        what: RECEIPTS or REPLIES.
    """
    place = f"{settings.PUBLIC_URL}/api/v1/sms/{provider}/{what}/"
    return place if provider == "gateway" else f"{place}?key={_key(provider)}"


def demand_provider(provider: str, *, key: str, headers: Mapping[str, str], body: bytes) -> None:
    """Let pass a provider that is in use and shows that it is the one.

    Args:
        provider: its name, as the address says.
        key: of the address, empty when it has none.
        headers: of the request; the gateway sends `X-Timestamp` and `X-Signature` as it gets them.
        body: of the request, as it came.
    Raises:
        NotFound: it is not in use.
        Forbidden: `bad_signature`.
    """
    if provider not in settings.SMS_PROVIDERS:
        raise NotFound
    proven = _signed(headers, body) if provider == "gateway" else _same(key, _key(provider))
    if not proven:
        raise Forbidden("bad_signature")


def _key(provider: str) -> str:
    return keyed_hash("sms reports", provider)[:40]


def _signed(headers: Mapping[str, str], body: bytes) -> bool:
    timestamp = headers.get("X-Timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(time.time() - int(timestamp)) > CLOCKS_DIFFER:
        return False
    from mobilize.channels.providers import gateway  # with its HTTP client, which nobody else here needs

    return _same(headers.get("X-Signature", ""), gateway.signature(timestamp, body))


def _same(given: str, right: str) -> bool:
    return given.isascii() and same(given, right)


def reports(provider: str, said: Any) -> list[Report]:
    """Return the receipts of a request's JSON; what says nothing of any message is left out.

    Raises:
        Garbled
    """
    readers: dict[str, Callable[[dict[str, Any]], Report | None]] = {
        "gateway": _gateway_report,
        "aliyun": _aliyun_report,
        "tencent": _tencent_report,
    }
    return [report for entry in _entries(said) if (report := readers[provider](entry))]


def replies(provider: str, said: Any) -> list[Reply]:
    """Return what people wrote, of a request's JSON.

    Raises:
        Garbled
    """
    readers: dict[str, Callable[[dict[str, Any]], Reply]] = {
        "gateway": lambda entry: Reply(_text(entry.get("id"), 100), _text(entry.get("from")), _text(entry.get("text"))),
        "aliyun": _aliyun_reply,
        "tencent": _tencent_reply,
    }
    found = [readers[provider](entry) for entry in _entries(said)]
    return [reply for reply in found if reply.provider_id]


def _entries(said: Any) -> list[dict[str, Any]]:
    """Tencent reports each reply by itself, all others lists."""
    entries = said if isinstance(said, list) else [said]
    if not all(isinstance(entry, dict) for entry in entries):
        raise Garbled
    return entries


def _text(value: Any, most: int = 200) -> str:
    """Return plain text that the database takes: neither NUL nor half a character."""
    plain = "" if value is None else str(value)
    return plain.replace("\0", "").encode("utf-8", "ignore").decode()[:most]


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(_text(value))
    except ValueError:
        return None


def _gateway_report(entry: dict[str, Any]) -> Report | None:
    fate, ours = FATES.get(_text(entry.get("status"))), _uuid(entry.get("id"))
    return Report(Receipt(fate, detail=NUMBER.sub("…", _text(entry.get("detail")))), ours) if fate and ours else None


def _aliyun_report(entry: dict[str, Any]) -> Report | None:
    if not isinstance(entry.get("success"), bool):
        return None
    fate = Fate.DELIVERED if entry["success"] else Fate.FAILED
    receipt = Receipt(fate, _text(entry.get("biz_id"), 100), _text(entry.get("err_code")))
    return Report(receipt, _uuid(entry.get("out_id")))


def _tencent_report(entry: dict[str, Any]) -> Report | None:
    fate = TENCENT_FATES.get(_text(entry.get("report_status")))
    return Report(Receipt(fate, _text(entry.get("sid"), 100), _text(entry.get("errmsg")))) if fate else None


def _aliyun_reply(entry: dict[str, Any]) -> Reply:
    phone, text = _text(entry.get("phone_number")), _text(entry.get("content"))
    return Reply(_text(entry.get("sequence_id"), 100), phone, text)


def _tencent_reply(entry: dict[str, Any]) -> Reply:
    """Tencent gives a reply no id: who wrote what in which second makes one."""
    phone, text = f"+{_text(entry.get('nationcode'))}{_text(entry.get('mobile'))}", _text(entry.get("text"))
    known_by = "\x1f".join([phone, text, _text(entry.get("time"))])
    return Reply(hashlib.sha256(known_by.encode()).hexdigest(), phone, text)
