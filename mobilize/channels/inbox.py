"""The embedded channel: the delivery row itself is the message; the demonstration shows it at a page."""

from uuid import UUID


class InboxChannel:
    def send(self, *, delivery_id: UUID, phone: str, body: str) -> str:
        return str(delivery_id)
