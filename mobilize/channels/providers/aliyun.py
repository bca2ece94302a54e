"""SMS through Alibaba Cloud (短信服务), by its own client."""

import asyncio
import json
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest, SendSmsRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ThrottlingException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.exceptions import UnretryableException
from darabonba.runtime import RuntimeOptions
from django.conf import settings
from django.utils import timezone

from mobilize.channels.base import Doubtful, Fate, Message, PermanentFailure, Receipt, TemporaryFailure
from mobilize.channels.providers.templates import template_of
from mobilize.channels.states import ChannelName

T = TypeVar("T")
LONGEST = 10.0  # seconds, for one call
TIMEOUTS = RuntimeOptions(autoretry=False, connect_timeout=3000, read_timeout=8000)  # milliseconds
PAGE = 50
# Its list of error codes says of these to call again; `Throttling` has several endings.
TRY_AGAIN = {"isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "ServiceUnavailable"}
NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
FATES = {1: Fate.ACCEPTED, 2: Fate.FAILED, 3: Fate.DELIVERED}


class AliyunProvider:
    """Sends SendSms with our id as OutId, which QuerySendDetails and receipts give back.

    It keeps no promise to drop a message whose OutId it has seen.
    """

    name = "aliyun"
    channel = ChannelName.SMS
    idempotent = False

    def __init__(self) -> None:
        address = urlsplit(settings.ALIYUN_SMS_URL)
        self.client = Client(
            Config(
                access_key_id=settings.ALIYUN_SMS_KEY_ID,
                access_key_secret=settings.ALIYUN_SMS_KEY_SECRET,
                endpoint=address.netloc,
                protocol=address.scheme,
            )
        )

    async def send(self, message: Message) -> str:
        template, facts = template_of(message, settings.ALIYUN_SMS_TEMPLATES)
        request = SendSmsRequest(
            phone_numbers=_number(message.phone),
            sign_name=settings.ALIYUN_SMS_SIGN,
            template_code=template,
            template_param=json.dumps(facts, ensure_ascii=False),
            out_id=str(message.id),
        )
        answer = (await _call(self.client.send_sms_with_options_async(request, TIMEOUTS))).body
        if answer is None or not answer.code:
            raise Doubtful("an answer without a code")
        if answer.code != "OK":
            raise _failure(answer.code)
        return answer.biz_id or ""

    async def ask(self, message: Message) -> Receipt:
        day, today = (timezone.localtime(moment).date() for moment in (message.written_at, timezone.now()))
        try:
            while day <= today:
                async for sent in self._sent_on(day.strftime("%Y%m%d"), message.phone):
                    if sent.out_id == str(message.id):
                        return Receipt(FATES.get(sent.send_status, Fate.UNKNOWN), detail=str(sent.err_code or ""))
                day += timedelta(days=1)
        except (Doubtful, PermanentFailure) as error:
            raise TemporaryFailure(str(error)) from error
        return Receipt(Fate.UNKNOWN)  # details come with a delay, so what is missing may have been sent

    async def _sent_on(self, day: str, phone: str) -> Any:
        page, count = 1, PAGE
        while count == PAGE:
            request = QuerySendDetailsRequest(
                phone_number=_number(phone), send_date=day, page_size=PAGE, current_page=page
            )
            answer = (await _call(self.client.query_send_details_with_options_async(request, TIMEOUTS))).body
            if answer is None or answer.code != "OK":
                raise TemporaryFailure(answer.code if answer else "no answer")
            found = answer.sms_send_detail_dtos.sms_send_detail_dto if answer.sms_send_detail_dtos else []
            for sent in found:
                yield sent
            page, count = page + 1, len(found)


def _number(phone: str) -> str:
    """Return a number as it wants it: a Chinese one without the country, any other with it, without the plus."""
    return phone.removeprefix("+86").removeprefix("+")


async def _call(call: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(LONGEST):
            return await call
    except ThrottlingException as error:
        raise TemporaryFailure(str(error.code)) from error
    except AlibabaCloudException as error:
        raise _failure(str(error.code), status=error.status_code) from error
    except TimeoutError as error:
        raise Doubtful("no answer in time") from error
    except UnretryableException as error:
        # The client keeps of a network's fault the words alone; the fault itself stands behind.
        cause = error.inner_exception
        if isinstance(cause.__context__, NOT_CONNECTED):
            raise TemporaryFailure("not connected") from error
        raise Doubtful(type(cause).__name__) from error


def _failure(code: str, *, status: int = 200) -> Exception:
    if code in TRY_AGAIN or code.startswith("Throttling"):
        return TemporaryFailure(code)
    return Doubtful(code) if status >= 500 else PermanentFailure(code)
