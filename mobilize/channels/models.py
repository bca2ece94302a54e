"""One row for each message to one person: what, to whom, how, and how far it has come."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from phonenumber_field.modelfields import PhoneNumberField

from mobilize.channels.states import ChannelName, DeliveryStatus
from mobilize.core.models import BaseModel


class Delivery(BaseModel):
    """A message. `invented` recipients are only ever written to the inbox."""

    kind = models.CharField(max_length=40, verbose_name=_("kind"))
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", verbose_name=_("recipient")
    )
    phone = PhoneNumberField()
    invented = models.BooleanField(verbose_name=_("invented"))
    subject_id = models.UUIDField(verbose_name=_("about"))
    due_at = models.DateTimeField(verbose_name=_("due at"))
    expires_at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=ChannelName.choices, verbose_name=_("channel"))
    status = models.CharField(
        max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.QUEUED, verbose_name=_("status")
    )
    body = models.TextField()
    # a code or a link that opens something: its text is forgotten once it left
    secret = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0, verbose_name=_("attempts"))
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, verbose_name=_("sent at"))
    provider_id = models.CharField(max_length=100, blank=True)
    failure = models.CharField(max_length=200, blank=True, verbose_name=_("failure"))

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
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="delivery_due", condition=Q(status=DeliveryStatus.QUEUED)),
            models.Index(fields=["next_try_at"], name="delivery_in_doubt", condition=Q(status=DeliveryStatus.SENDING)),
            models.Index(fields=["-created_at"], name="delivery_newest"),
            models.Index(fields=["subject_id"], name="delivery_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"
