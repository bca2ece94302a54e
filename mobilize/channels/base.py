"""The small protocol every channel speaks."""

from typing import Protocol
from uuid import UUID


class TemporaryFailure(Exception):
    """Try again later."""


class PermanentFailure(Exception):
    """Trying again cannot help."""


class Channel(Protocol):
    """A way for a message to leave."""

    def send(self, *, delivery_id: UUID, phone: str, body: str) -> str:
        """Hand a message over.

        Args:
            delivery_id: our id, passed on as the provider's idempotency key.
            phone: E.164.
            body: the text.
        Returns:
            The provider's id of the message, may be empty.
        Raises:
            TemporaryFailure, PermanentFailure
        """
        ...
