"""Things that happened, written in the same transaction as the change itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel


class Event(BaseModel):
    """One thing that happened. Stays open until every listener has handled it."""

    topic = models.CharField(max_length=60, verbose_name=_("topic"))
    subject_id = models.UUIDField(verbose_name=_("about"))
    data = models.JSONField(default=dict)
    relayed_at = models.DateTimeField(null=True, verbose_name=_("relayed at"))
    done_at = models.DateTimeField(null=True, verbose_name=_("done at"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = pgettext_lazy("back office", "events")
        indexes = [
            models.Index(fields=["created_at"], name="event_to_relay", condition=models.Q(relayed_at__isnull=True)),
            models.Index(
                fields=["relayed_at"],
                name="event_to_sweep",
                condition=models.Q(done_at__isnull=True, relayed_at__isnull=False),
            ),
            models.Index(fields=["subject_id"], name="event_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject_id}"


class Handled(models.Model):
    """A listener has handled an event: its second run finds this row and changes nothing."""

    event = models.ForeignKey(Event, models.CASCADE)
    listener = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "listener"], name="each_listener_handles_an_event_once")
        ]

    def __str__(self) -> str:
        return self.listener
