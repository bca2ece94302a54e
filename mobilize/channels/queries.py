"""Messages, for the pages that show them."""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.channels.models import Delivery
from mobilize.channels.states import ChannelName


def inbox() -> QuerySet[Delivery]:
    """Messages of the embedded channel, newest first (the demonstration's page)."""
    return Delivery.objects.filter(channel=ChannelName.INBOX).order_by("-created_at", "-pk")


def about(subject_id: UUID) -> QuerySet[Delivery]:
    """Messages about one subject, newest first."""
    return Delivery.objects.filter(subject_id=subject_id).order_by("-created_at")
