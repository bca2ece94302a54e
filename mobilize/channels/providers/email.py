"""E-mail, by Django's own backend, which knows no event loop and so runs in threads."""

import asyncio
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

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
from mobilize.channels.providers.several import reach
from mobilize.channels.states import ChannelName

LONGEST = 10.0  # seconds; EMAIL_TIMEOUT is for each step of the conversation
NOBODY = b"5.1.1"  # no such mailbox; other refusals may be for the message, so the address stays


class EmailProvider:
    """Sends plain text with our id as Message-ID, by which some mailboxes show a double once; no server promises it."""

    name = "email"
    channel = ChannelName.EMAIL
    idempotent = False

    async def send(self, message: Message) -> str:
        await reach(message, lambda target: self._send_to(target, message))
        return ""

    async def ask(self, message: Message) -> Receipt:
        return Receipt(Fate.UNKNOWN)

    async def _send_to(self, target: Target, message: Message) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await asyncio.to_thread(_send, target.address, message)
        except smtplib.SMTPRecipientsRefused as error:
            status, words = next(iter(error.recipients.values()))
            target.gone = status == 550 and words.startswith(NOBODY)
            raise NoAddress("no such mailbox") if target.gone else _refused(status) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code) from error
        except OSError as error:  # timeouts and lost connections too
            raise Doubtful(type(error).__name__) from error


def _send(address: str, message: Message) -> None:
    connection = get_connection(fail_silently=False)
    try:
        connection.open()
    except smtplib.SMTPResponseException:
        raise
    except OSError as error:
        raise TemporaryFailure("not connected") from error
    sender, _bracket, text = message.body.removeprefix("【").partition("】")
    host = urlsplit(settings.PUBLIC_URL).hostname
    headers = {"Message-ID": f"<{message.id}@{host}>", "Auto-Submitted": "auto-generated"}
    letter = EmailMessage(
        f"{sender}：{text.splitlines()[0][:40]}" if text else sender,
        message.body,
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers=headers,
        connection=connection,
    )
    try:
        letter.send()
    finally:
        connection.close()


def _refused(status: int) -> Exception:
    failure = f"mail server answered {status}"
    return TemporaryFailure(failure) if 400 <= status < 500 else PermanentFailure(failure)
