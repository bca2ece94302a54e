"""Certificates of service (志愿服务证书): what was said of whom when, and its signature."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.campaigns.models import Campaign
from mobilize.core.models import BaseModel
from mobilize.workers.models import Worker


class Certificate(BaseModel):
    """One certificate, never changed once issued. What it is worth today says `queries.state`."""

    number = models.CharField(_("number"), max_length=12, unique=True)
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="certificates", verbose_name=_("worker"))
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="certificates", verbose_name=pgettext_lazy("back office", "campaign")
    )
    name = models.CharField(_("name"), max_length=60)
    union_name = models.CharField(_("issuing union"), max_length=100)
    title = models.CharField(_("for"), max_length=100)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    services = models.PositiveIntegerField(_("services"))
    minutes = models.JSONField(_("minutes by source"))  # {"code": 320}
    # the service records that are counted: when one of them is corrected, what is said is true no more
    record_ids = ArrayField(models.UUIDField())
    signed = models.TextField()  # see summary.py
    replaced_at = models.DateTimeField(_("replaced at"), null=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = pgettext_lazy("back office", "certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "campaign"], condition=Q(replaced_at=None), name="one_certificate_holds_at_a_time"
            ),
            models.CheckConstraint(condition=Q(services__gt=0), name="a_certificate_is_for_a_service"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def masked_name(self) -> str:
        """As those see it who have nothing but the number: 张**."""
        return self.name[:1] + "*" * (len(self.name) - 1)

    @property
    def hours(self) -> float:
        """All hours, to a tenth."""
        return round(sum(self.minutes.values()) / 60, 1)
