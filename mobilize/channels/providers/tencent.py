"""SMS through Tencent Cloud (腾讯云短信), by its own client, which knows no event loop and so runs in threads."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils import timezone
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models
from tencentcloud.sms.v20210111.sms_client import SmsClient
from urllib3.exceptions import NewConnectionError

from mobilize.channels.base import Doubtful, Fate, Message, PermanentFailure, Receipt, TemporaryFailure
from mobilize.channels.providers.templates import template_of
from mobilize.channels.states import ChannelName

TIMEOUTS = (3, 6)  # seconds: to connect, and without a byte
LONGEST = 10.0  # seconds
MOST = 100  # rows in one answer
# Limits of a short time; limits of a day are refusals, so that somebody else takes the message.
TRY_AGAIN = (
    "RequestLimitExceeded",
    "LimitExceeded.DeliveryFrequencyLimit",
    "LimitExceeded.GlobalSmsSendingRateLimit",
    "LimitExceeded.PhoneNumberOneHourLimit",
    "LimitExceeded.PhoneNumberThirtySecondLimit",
)
FATES = {"SUCCESS": Fate.DELIVERED, "FAIL": Fate.FAILED}


class TencentProvider:
    """Sends SendSms with our id as SessionContext, which the statuses give back where Tencent has opened that.

    It keeps no promise to drop a message whose SessionContext it has seen.
    """

    name = "tencent"
    channel = ChannelName.SMS
    idempotent = False

    def __init__(self) -> None:
        self._of_thread = threading.local()

    async def send(self, message: Message) -> str:
        template, facts = template_of(message, settings.TENCENT_SMS_TEMPLATES)
        request = models.SendSmsRequest()
        request.SmsSdkAppId = settings.TENCENT_SMS_APP
        request.SignName = settings.TENCENT_SMS_SIGN
        request.TemplateId = template
        request.TemplateParamSet = list(facts.values())
        request.PhoneNumberSet = [message.phone]
        request.SessionContext = str(message.id)
        answer = await self._call(lambda client: client.SendSms(request))
        if not answer.SendStatusSet:
            raise Doubtful("an answer without a status")
        sent = answer.SendStatusSet[0]
        if sent.Code != "Ok":
            raise _failure(sent.Code)
        return sent.SerialNo or ""

    async def ask(self, message: Message) -> Receipt:
        request = models.PullSmsSendStatusByPhoneNumberRequest()
        request.SmsSdkAppId = settings.TENCENT_SMS_APP
        request.PhoneNumber = message.phone
        request.BeginTime = int(message.written_at.timestamp())
        request.EndTime = int(timezone.now().timestamp()) + 1
        request.Offset, request.Limit = 0, MOST
        try:
            answer = await self._call(lambda client: client.PullSmsSendStatusByPhoneNumber(request))
        except (Doubtful, PermanentFailure) as error:
            raise TemporaryFailure(str(error)) from error
        for sent in answer.PullSmsSendStatusSet or []:
            if sent.SessionContext == str(message.id):
                fate = FATES.get(sent.ReportStatus, Fate.UNKNOWN)
                return Receipt(fate, sent.SerialNo or "", (sent.Description or "")[:200])
        return Receipt(Fate.UNKNOWN)  # it lists only what carriers have reported

    async def _call(self, call: Callable[[SmsClient], Any]) -> Any:
        try:
            async with asyncio.timeout(LONGEST):
                return await asyncio.to_thread(lambda: call(self._client()))
        except TimeoutError as error:
            raise Doubtful("no answer in time") from error
        except TencentCloudSDKException as error:
            if error.requestId:
                raise _failure(error.code) from error
            if _not_connected(error.__context__):
                raise TemporaryFailure("not connected") from error
            raise Doubtful(str(error.code)) from error

    def _client(self) -> SmsClient:
        """Return the thread's own client: nobody promises that threads may share one."""
        if not hasattr(self._of_thread, "client"):
            address = urlsplit(settings.TENCENT_SMS_URL)
            http = HttpProfile(protocol=address.scheme, endpoint=address.netloc, reqTimeout=TIMEOUTS, keepAlive=True)
            credential = Credential(settings.TENCENT_SMS_SECRET_ID, settings.TENCENT_SMS_SECRET_KEY)
            profile = ClientProfile(httpProfile=http)
            self._of_thread.client = SmsClient(credential, settings.TENCENT_SMS_REGION, profile)
        return self._of_thread.client


def _not_connected(fault: BaseException | None) -> bool:
    if isinstance(fault, requests.ConnectTimeout):
        return True
    reason = getattr(fault.args[0], "reason", None) if fault and fault.args else None
    return isinstance(reason, NewConnectionError)


def _failure(code: str) -> Exception:
    if code.startswith(TRY_AGAIN):
        return TemporaryFailure(code)
    return Doubtful(code) if code.startswith("InternalError") else PermanentFailure(code)
