"""Everything a person is to be told, as a row with its time."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.campaigns.models import Campaign
from mobilize.channels.models import Delivery
from mobilize.core.models import BaseModel
from mobilize.reminders.states import (
    Audience,
    BroadcastStatus,
    CallOutcome,
    DropReason,
    ReminderKind,
    ReminderStatus,
)
from mobilize.unions.models import Union


class Reminder(BaseModel):
    """One thing to tell one person about one subject (a sign-up or an offer)."""

    kind = models.CharField(max_length=20, choices=ReminderKind.choices, verbose_name=_("kind"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", verbose_name=_("person")
    )
    subject_id = models.UUIDField(verbose_name=_("about"))
    due_at = models.DateTimeField(verbose_name=_("due at"))
    useless_after = models.DateTimeField(verbose_name=_("useless after"))
    # when what it is about begins: quiet hours never keep it longer; None: `useless_after`
    matters_at = models.DateTimeField(null=True)
    status = models.CharField(
        max_length=10, choices=ReminderStatus.choices, default=ReminderStatus.PENDING, verbose_name=_("status")
    )
    reason = models.CharField(
        max_length=10, choices=DropReason.choices, blank=True, verbose_name=_("why it was not sent")
    )

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = pgettext_lazy("back office", "reminders")
        constraints = [
            models.UniqueConstraint(fields=["kind", "user", "subject_id"], name="a_person_is_told_a_thing_once"),
            models.CheckConstraint(condition=Q(useless_after__gt=F("due_at")), name="a_reminder_has_time_to_be_sent"),
            models.CheckConstraint(
                condition=Q(status=ReminderStatus.DROPPED) | Q(reason=""), name="only_what_was_dropped_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="reminder_due", condition=Q(status=ReminderStatus.PENDING)),
            models.Index(fields=["subject_id"], name="reminder_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%Y-%m-%d %H:%M}"


class RuleChange(BaseModel):
    """What officers changed of the standard by which a kind of message leaves; None: as the standard says."""

    kind = models.CharField(max_length=20, choices=ReminderKind.choices, unique=True, verbose_name=_("kind"))
    enabled = models.BooleanField(null=True)
    urgent = models.BooleanField(null=True)
    channels = models.JSONField(null=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    days_before = models.PositiveSmallIntegerField(null=True)
    clock = models.TimeField(null=True)
    on_time = models.PositiveSmallIntegerField(null=True)
    drop_late = models.BooleanField(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by whom")
    )
    changed_at = models.DateTimeField(verbose_name=_("changed at"))
    # its time was changed: reminders that wait are being moved, in the order of their ids, up to which one
    moving = models.BooleanField(default=False)
    last_reminder_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("rule of messages")
        verbose_name_plural = pgettext_lazy("back office", "rules of messages")

    def __str__(self) -> str:
        return self.kind


class WordingChange(BaseModel):
    """A text that officers changed; the places of the facts are written {so}."""

    kind = models.CharField(max_length=20, choices=ReminderKind.choices, verbose_name=_("kind"))
    variant = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    text = models.CharField(max_length=500, verbose_name=_("text"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "variant", "language"], name="a_text_is_changed_once"),
            models.CheckConstraint(condition=~Q(text=""), name="a_changed_text_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.variant} {self.language}"


class Broadcast(BaseModel):
    """A bulk message (群发). Its messages are deliveries about it, written down bit by bit while it is being sent."""

    union = models.ForeignKey(Union, models.PROTECT, related_name="broadcasts", verbose_name=_("union"))
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, related_name="broadcasts", verbose_name=_("campaign")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by whom")
    )
    audience = models.CharField(max_length=10, choices=Audience.choices, verbose_name=_("to whom"))
    text = models.CharField(max_length=300, verbose_name=_("text"))
    text_en = models.CharField(max_length=500, blank=True, verbose_name=_("English text"))
    urgent = models.BooleanField(default=False, verbose_name=_("urgent"))
    status = models.CharField(
        max_length=10, choices=BroadcastStatus.choices, default=BroadcastStatus.DRAFT, verbose_name=_("status")
    )
    people = models.PositiveIntegerField(default=0)  # counted at the start
    written = models.PositiveIntegerField(default=0)  # messages written down so far
    last_user_id = models.UUIDField(null=True)  # up to whom; people are gone through in the order of their ids
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bulk message")
        verbose_name_plural = pgettext_lazy("back office", "bulk messages")
        indexes = [
            models.Index(fields=["union", "-created_at"], name="broadcast_by_union"),
            models.Index(fields=["created_at"], name="broadcast_to_send", condition=Q(status=BroadcastStatus.SENDING)),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Call(BaseModel):
    """An officer called somebody whom a message did not reach."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="calls")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=CallOutcome.choices)

    class Meta:
        indexes = [models.Index(fields=["delivery", "-created_at"], name="call_by_delivery")]

    def __str__(self) -> str:
        return self.outcome
