"""The small protocol every provider speaks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from mobilize.channels.states import ChannelName


class TemporaryFailure(Exception):
    """The provider did not take the message; trying again later may help."""


class PermanentFailure(Exception):
    """The provider did not take the message, and trying again cannot help."""


class NoAddress(PermanentFailure):
    """The person cannot be reached over this channel at all."""


class Doubtful(Exception):
    """Nobody knows whether the provider took the message: it broke off after the request had left."""


@dataclass(slots=True)
class Target:
    """Where a person is reached on channels other than SMS.

    Attributes:
        id: of the row.
        address: as the row keeps it.
        gone: set by the provider that learns that there is nobody any more; nothing is sent there again.
    """

    id: UUID
    address: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What a provider is given.

    Attributes:
        id: ours, passed on as the provider's idempotency key.
        kind: what is said, e.g. `hour_before`; providers with registered templates choose theirs by it.
        variant: which of the kind's texts it is; empty for the usual one.
        language: `zh-hans` or `en`.
        phone: E.164.
        targets: her addresses on the channel; none for SMS, which has the phone.
        body: the text, sender included.
        facts: the text's values by name, for providers with registered templates.
        written_at: when it was written down, so no try is older.
        expires_at: after this it is of no use.
    """

    id: UUID
    kind: str
    language: str
    phone: str
    body: str
    written_at: datetime
    expires_at: datetime
    facts: dict[str, str] = field(default_factory=dict)
    targets: Sequence[Target] = ()
    variant: str = ""


class Fate(StrEnum):
    """What a provider says became of a message."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    NEVER_ARRIVED = "never_arrived"  # said only by a provider that knows it for sure
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer about one message.

    Attributes:
        fate: what became of it.
        provider_id: the provider's id of the message, may be empty.
        detail: the provider's own words or code, at most 200 characters; nothing personal.
    """

    fate: Fate
    provider_id: str = ""
    detail: str = ""


class Provider(Protocol):
    """A road by which messages of one channel leave.

    Attributes:
        name: as in the settings and the rows, at most 20 characters.
        channel: whose messages it takes.
        idempotent: whether it drops a message whose id it has seen, so that a doubtful one may simply be sent again.
    """

    name: str
    channel: ChannelName
    idempotent: bool

    async def send(self, message: Message) -> str:
        """Hand a message over.

        Returns:
            The provider's id of the message, may be empty.
        Raises:
            TemporaryFailure, PermanentFailure, NoAddress, Doubtful
        """
        ...

    async def ask(self, message: Message) -> Receipt:
        """Ask what became of a message whose sending had no clear end; sends nothing.

        Raises:
            TemporaryFailure: it does not answer now.
        """
        ...
