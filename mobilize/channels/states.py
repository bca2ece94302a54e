from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    """Life of a message on its way; it only ever goes down this list (`may_become`)."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    UNKNOWN = "unknown", _("unknown")
    ACCEPTED = "accepted", _("accepted by the provider")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("expired")


_RANK = {
    DeliveryStatus.QUEUED: 0,
    DeliveryStatus.SENDING: 1,
    DeliveryStatus.UNKNOWN: 2,  # a receipt that comes late settles it
    DeliveryStatus.ACCEPTED: 3,
    DeliveryStatus.DELIVERED: 4,
    DeliveryStatus.FAILED: 4,
    DeliveryStatus.EXPIRED: 4,
}
UNDER_WAY = [DeliveryStatus.QUEUED, DeliveryStatus.SENDING]
REPLY = "reply"  # the kind of message that answers what somebody just wrote, also to who wants no others
CALLED_OFF = "cancelled"  # why a message expired that nobody was to get any more


def before(status: DeliveryStatus) -> list[DeliveryStatus]:
    """Return the statuses from which a message may still come to `status`: it never goes backwards."""
    return [earlier for earlier, rank in _RANK.items() if rank < _RANK[status]]


class ChannelName(models.TextChoices):
    """How a message leaves."""

    INBOX = "inbox", _("inbox")
    SMS = "sms", _("SMS")
    PUSH = "push", _("push message")
    EMAIL = "email", _("e-mail")
    CHAT = "chat", _("chat group")


# Addresses a person gives; SMS goes to her number, the inbox to herself.
GIVEN = [ChannelName.EMAIL, ChannelName.PUSH, ChannelName.CHAT]


class AddressState(models.TextChoices):
    """Whether messages go to an address a person gave."""

    UNCONFIRMED = "unconfirmed", _("not confirmed yet")
    CONFIRMED = "confirmed", _("on")
    GONE = "gone", _("does not exist any more")
    REMOVED = "removed", _("taken away")


class AboutAddress(models.TextChoices):
    """Kinds of messages that are about the address in `subject_id`: they go there and nowhere else."""

    CONFIRM = "address_confirm", _("confirm an e-mail address")
    TEST = "address_test", _("test message")


class Priority(models.IntegerChoices):
    """Who leaves first. Codes have a queue and a worker of their own."""

    CODE = 0, _("code")
    URGENT = 1, _("urgent")
    NORMAL = 2, _("normal")
    BULK = 3, _("bulk message")


class Outcome(models.TextChoices):
    """What a step on a message's way came to, when it was not simply taken by the provider."""

    TRY_AGAIN = "try_again", _("not taken, tried again later")
    REFUSED = "refused", _("refused")
    NO_ADDRESS = "no_address", _("no address on this channel")
    DOUBTFUL = "doubtful", _("no clear answer")
    NEVER_ARRIVED = "never_arrived", _("the provider never got it, sent again")
    UNRESOLVED = "unresolved", _("nobody knows whether it was sent")
    GAVE_UP = "gave_up", _("given up")
    OVER_BUDGET = "over_budget", _("over the budget")
    UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
    RECEIPT_DELIVERED = "receipt_delivered", _("receipt: delivered")
    RECEIPT_FAILED = "receipt_failed", _("receipt: not delivered")


class PurseScope(models.TextChoices):
    """Whose messages a cap is for."""

    PERSON = "person", _("a person's SMS a day")
    CAMPAIGN = "campaign", _("a campaign's SMS in all")
    DAY = "day", _("all SMS of a day")
