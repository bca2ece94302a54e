"""Which roads there are: the providers that the settings name, for each channel in the order of preference."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from mobilize.channels.base import Provider
from mobilize.channels.states import GIVEN, ChannelName

if TYPE_CHECKING:
    import aiohttp

WITH_TEMPLATES = {"aliyun", "tencent"}
# Connections are kept, so a message seldom waits for one to be made.
CONNECTIONS = 200


def passable(channels: Sequence[str], *, invented: bool) -> list[str]:
    """Return those of some channels that have a provider, in order; only the inbox when none has one.

    Args:
        channels: as a rule names them.
        invented: whether the person is; she is only ever written to the inbox.
    """
    open_ones = [] if invented else [channel for channel in channels if names(channel)]
    return open_ones or [ChannelName.INBOX]


def sends_registered_texts() -> bool:
    """Tell whether SMS may leave through a provider that sends its registered texts instead of ours."""
    return bool(WITH_TEMPLATES & set(settings.SMS_PROVIDERS))


def names(channel: str) -> list[str]:
    """Return the names of a channel's providers, the preferred one first."""
    match channel:
        case ChannelName.SMS:
            return list(settings.SMS_PROVIDERS)
        case ChannelName.PUSH if settings.VAPID_PRIVATE_KEY:
            return ["webpush"]
        case ChannelName.EMAIL if settings.EMAIL_HOST:
            return ["email"]
        case ChannelName.CHAT if settings.CHAT:
            return ["apprise"]
    return []


def offered() -> list[ChannelName]:
    """Return the channels for which people can give addresses here.

    In the demonstration the inbox stands in for a mail server and for chat groups; push needs its key.
    """
    stands_in = {ChannelName.EMAIL, ChannelName.CHAT} if settings.DEMO else set()
    return [channel for channel in GIVEN if channel in stands_in or names(channel)]


@asynccontextmanager
async def opened() -> AsyncIterator[dict[str, Provider]]:
    """Open every provider that the settings name, by its name, for the time of the context."""
    import aiohttp  # which only senders load

    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=300)
    async with aiohttp.ClientSession(connector=connector) as http:
        yield {name: _make(name, http) for channel in ChannelName.values for name in names(channel)}


def _make(name: str, http: "aiohttp.ClientSession") -> Provider:
    """Make one. Clients are loaded by senders that use them alone: some are big, and everybody loads this module."""
    match name:
        case "gateway":
            from mobilize.channels.providers.gateway import GatewayProvider

            return GatewayProvider(http)
        case "aliyun":
            from mobilize.channels.providers.aliyun import AliyunProvider

            return AliyunProvider()
        case "tencent":
            from mobilize.channels.providers.tencent import TencentProvider

            return TencentProvider()
        case "webpush":
            from mobilize.channels.providers.webpush import WebPushProvider

            return WebPushProvider(http)
        case "email":
            from mobilize.channels.providers.email import EmailProvider

            return EmailProvider()
        case "apprise":
            from mobilize.channels.providers.chat import ChatProvider

            return ChatProvider()
    raise LookupError(name)
