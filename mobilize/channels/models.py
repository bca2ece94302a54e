"""One row for each message to one person, the steps on its way, people's addresses, and what they write back."""

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from mobilize.channels.base import Target
from mobilize.channels.providers.robots import SERVICES
from mobilize.channels.states import (
    CALLED_OFF,
    UNDER_WAY,
    AddressState,
    ChannelName,
    DeliveryStatus,
    Outcome,
    Priority,
    PurseScope,
)
from mobilize.core.models import BaseModel


class Delivery(BaseModel):
    """A message. `invented` recipients are only ever written to the inbox."""

    kind = models.CharField(max_length=40, verbose_name=_("kind"))
    variant = models.CharField(max_length=20, blank=True)  # which of the kind's texts; the usual one has no name
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,  # delivery_by_recipient
        verbose_name=_("recipient"),
    )
    phone = PhoneNumberField()
    language = models.CharField(max_length=10, default="zh-hans")
    invented = models.BooleanField(verbose_name=_("invented"))
    subject_id = models.UUIDField(verbose_name=_("about"))
    # in whose name it is said, and for which campaign: who may read of it, whose budget it is
    union = models.ForeignKey(
        "unions.Union",
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,  # delivery_by_union
        verbose_name=_("union"),
    )
    campaign = models.ForeignKey(
        "campaigns.Campaign", models.SET_NULL, null=True, related_name="+", verbose_name=_("campaign")
    )
    due_at = models.DateTimeField(verbose_name=_("due at"))
    expires_at = models.DateTimeField()
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    channel = models.CharField(max_length=10, choices=ChannelName.choices, verbose_name=_("channel"))
    route = models.JSONField(default=list)  # channels to try when this one cannot do it
    provider = models.CharField(max_length=20, blank=True, verbose_name=_("provider"))
    status = models.CharField(
        max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.QUEUED, verbose_name=_("status")
    )
    body = models.TextField()
    # what it says instead when it leaves later than that, after a standstill or as a retry
    late_after = models.DateTimeField(null=True)
    late_body = models.TextField(blank=True)
    late_variant = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)
    # a code or a link that opens something: its text is forgotten once it left
    secret = models.BooleanField(default=False)
    cost = models.PositiveIntegerField(default=0, verbose_name=_("cost"))  # thousandths of a yuan
    # whether it leaves in quiet hours; what is urgent always does
    at_night = models.BooleanField(default=False)
    held = models.BooleanField(default=False)  # its bulk message is paused
    attempts = models.PositiveSmallIntegerField(default=0, verbose_name=_("attempts"))
    next_try_at = models.DateTimeField()
    # set while a sender is at it: once it is over and the row still stands so, the sender died
    claimed_until = models.DateTimeField(null=True)
    # a try had no clear end: only the same provider may be asked about it or, if it drops doubles, tried again
    doubtful = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True, verbose_name=_("sent at"))
    delivered_at = models.DateTimeField(null=True, verbose_name=_("delivered at"))
    provider_id = models.CharField(max_length=100, blank=True)
    failure = models.CharField(max_length=200, blank=True, verbose_name=_("failure"))
    targets: Sequence[Target] = ()  # no column: filled by whoever claims it

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = pgettext_lazy("back office", "messages")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "phone", "subject_id", "due_at"],
                name="a_person_hears_of_a_subject_once_per_due_time",
            ),
            models.CheckConstraint(
                condition=Q(invented=False) | Q(channel=ChannelName.INBOX),
                name="invented_people_are_never_messaged_for_real",
            ),
            models.CheckConstraint(
                condition=Q(claimed_until=None) | Q(status=DeliveryStatus.SENDING),
                name="only_a_message_on_its_way_is_claimed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["priority", "next_try_at"],
                name="delivery_to_send",
                condition=Q(status__in=UNDER_WAY, claimed_until=None, held=False),
            ),
            models.Index(
                fields=["claimed_until"], name="delivery_left_behind", condition=Q(claimed_until__isnull=False)
            ),
            models.Index(fields=["-created_at"], name="delivery_newest"),
            models.Index(fields=["subject_id", "status"], name="delivery_by_subject"),
            models.Index(fields=["recipient", "-created_at"], name="delivery_by_recipient"),
            models.Index(fields=["union", "-created_at"], name="delivery_by_union"),
            models.Index(fields=["provider", "provider_id"], name="delivery_by_provider", condition=~Q(provider_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"

    @property
    def said_status(self) -> str:
        """What became of it, in the reader's language."""
        return gettext("called off") if self.failure == CALLED_OFF else self.get_status_display()


class Step(BaseModel):
    """A step on a message's way that was more than being taken by a provider: why it is late, or where it ended."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="steps")
    channel = models.CharField(max_length=10, choices=ChannelName.choices)
    provider = models.CharField(max_length=20, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["delivery", "created_at"], name="step_by_delivery")]

    def __str__(self) -> str:
        return self.outcome


class Address(BaseModel):
    """Where a person is reached besides her phone: a browser that takes push, an e-mail address, a chat robot."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses")
    channel = models.CharField(max_length=10, choices=ChannelName.choices)
    address = models.TextField()  # e-mail address, apprise URL, or the push subscription as JSON
    # of the browser's address, so that a browser belongs to one person; else of person, channel and address
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60, blank=True)
    # since when messages may go there; an e-mail address waits for its link to be opened
    confirmed_at = models.DateTimeField(null=True)
    # set when the provider said that it is gone
    ended_at = models.DateTimeField(null=True)
    # set when she took it away: it can be put back for a while
    removed_at = models.DateTimeField(null=True)
    last_test: Delivery | None = None  # no column: filled for the page that shows it

    class Meta:
        indexes = [
            models.Index(
                fields=["user", "channel"],
                name="address_by_user",
                condition=Q(ended_at=None, removed_at=None, confirmed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.channel

    @property
    def masked(self) -> str:
        """The address as pages and the API show it: an e-mail address in part, of a robot's key its last signs."""
        if self.channel == ChannelName.EMAIL:
            name, _at, host = self.address.rpartition("@")
            return f"{name[0]}***@{host}"
        return f"…{self.address[-4:]}" if self.channel == ChannelName.CHAT else ""

    @property
    def service(self) -> str:
        """Whose robot it is, by the name people know; empty for what is no robot."""
        return str(SERVICES.get(self.address.partition("://")[0], ""))

    @property
    def state(self) -> AddressState:
        """Whether messages go there."""
        if self.removed_at:
            return AddressState.REMOVED
        if self.ended_at:
            return AddressState.GONE
        return AddressState.CONFIRMED if self.confirmed_at else AddressState.UNCONFIRMED


class Unsubscribed(BaseModel):
    """A number whose owner wants no more messages by SMS but the codes she asks for herself."""

    phone = PhoneNumberField(unique=True)
    by_reply = models.BooleanField()

    def __str__(self) -> str:
        return str(self.pk)


class Inbound(BaseModel):
    """What somebody wrote back by SMS."""

    provider = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=100)
    phone = PhoneNumberField()
    text = models.CharField(max_length=200)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="a_reply_is_taken_once"),
        ]
        indexes = [models.Index(fields=["phone", "-created_at"], name="inbound_by_phone")]

    def __str__(self) -> str:
        return str(self.pk)


class Purse(BaseModel):
    """What was spent on SMS, and what may be: messages of a person, else thousandths of a yuan."""

    scope = models.CharField(max_length=10, choices=PurseScope.choices)
    key = models.CharField(max_length=40, blank=True)  # phone number or campaign's id
    day = models.DateField()
    most = models.BigIntegerField(null=True)  # None: no cap
    spent = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key", "day"], name="each_cap_has_one_purse")]

    def __str__(self) -> str:
        return self.scope
