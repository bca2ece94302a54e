from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    """Life of a message on its way."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    ACCEPTED = "accepted", _("accepted by the provider")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("unknown")
    EXPIRED = "expired", _("expired")


class ChannelName(models.TextChoices):
    """How a message leaves."""

    INBOX = "inbox", _("inbox")
    SMS = "sms", _("SMS")
