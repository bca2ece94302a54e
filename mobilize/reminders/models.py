"""Everything a person is to be told, as a row with its time."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel
from mobilize.reminders.states import ReminderKind, ReminderStatus


class Reminder(BaseModel):
    """One thing to tell one person about one subject (a sign-up or an offer)."""

    kind = models.CharField(max_length=20, choices=ReminderKind.choices, verbose_name=_("kind"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", verbose_name=_("person")
    )
    subject_id = models.UUIDField(verbose_name=_("about"))
    due_at = models.DateTimeField(verbose_name=_("due at"))
    useless_after = models.DateTimeField(verbose_name=_("useless after"))
    status = models.CharField(
        max_length=10, choices=ReminderStatus.choices, default=ReminderStatus.PENDING, verbose_name=_("status")
    )

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = pgettext_lazy("back office", "reminders")
        constraints = [
            models.UniqueConstraint(fields=["kind", "user", "subject_id"], name="a_person_is_told_a_thing_once"),
            models.CheckConstraint(condition=Q(useless_after__gt=F("due_at")), name="a_reminder_has_time_to_be_sent"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="reminder_due", condition=Q(status=ReminderStatus.PENDING)),
            models.Index(fields=["subject_id"], name="reminder_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.due_at:%Y-%m-%d %H:%M}"
