"""Messages to the robot of a chat group (WeCom, DingTalk, Feishu, Lark), by apprise."""

import asyncio

import apprise

from mobilize.channels.base import Doubtful, Fate, Message, PermanentFailure, Receipt, Target
from mobilize.channels.providers.robots import ROBOT
from mobilize.channels.providers.several import reach
from mobilize.channels.states import ChannelName

TIMEOUTS = (3.0, 6.0)  # seconds: to connect, and to hear
LONGEST = 10.0  # seconds


class ChatProvider:
    """Posts the text. apprise tells only whether that went well, so everything else is a doubt."""

    name = "apprise"
    channel = ChannelName.CHAT
    idempotent = False

    async def send(self, message: Message) -> str:
        await reach(message, lambda target: self._send_to(target, message))
        return ""

    async def ask(self, message: Message) -> Receipt:
        return Receipt(Fate.UNKNOWN)

    async def _send_to(self, target: Target, message: Message) -> None:
        robot = robot_at(target.address)
        if robot is None:
            raise PermanentFailure("no robot of an allowed service")
        robot.socket_connect_timeout, robot.socket_read_timeout = TIMEOUTS
        try:
            async with asyncio.timeout(LONGEST):
                taken = await asyncio.to_thread(robot.notify, body=message.body)
        except TimeoutError as error:
            raise Doubtful("no answer in time") from error
        if not taken:
            raise Doubtful("not confirmed")


def robot_at(address: str) -> apprise.NotifyBase | None:
    """Return the robot at an address as apprise writes it, None unless it is of an allowed service."""
    return apprise.Apprise.instantiate(address) if ROBOT.fullmatch(address) else None
