"""Services rendered: the counts officers report every evening, each with its source."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.attendance.states import Source
from mobilize.core.models import BaseModel
from mobilize.tasks.models import Task
from mobilize.unions.models import Union
from mobilize.workers.models import Worker


class ServiceRecord(BaseModel):
    """What was done on one day: by a worker, or by a union as a whole."""

    union = models.ForeignKey(Union, models.PROTECT, related_name="service_records", verbose_name=_("union"))
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="service_records", verbose_name=_("task")
    )
    worker = models.ForeignKey(
        Worker, models.PROTECT, null=True, blank=True, related_name="service_records", verbose_name=_("worker")
    )
    day = models.DateField(_("day"))
    person_trips = models.PositiveIntegerField(_("person-trips"), default=0)
    services = models.PositiveIntegerField(_("services"), default=0)
    flights = models.PositiveIntegerField(_("flights met"), default=0)
    incidents = models.PositiveIntegerField(_("incidents handled"), default=0)
    second_transfers = models.PositiveIntegerField(_("persons of second transfer"), default=0)
    minutes = models.PositiveIntegerField(_("minutes served"), default=0)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    # e.g. `trip:<id>`: recording the same thing twice changes nothing
    source_key = models.CharField(max_length=100, unique=True, null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )

    class Meta:
        verbose_name = _("service record")
        verbose_name_plural = pgettext_lazy("back office", "service records")
        constraints = [
            models.CheckConstraint(condition=Q(minutes__lte=24 * 60), name="a_day_has_24_hours"),
        ]
        indexes = [
            models.Index(fields=["union", "day"], name="service_by_union_and_day"),
            models.Index(fields=["task", "day"], name="service_by_task"),
            models.Index(fields=["worker", "day"], name="service_by_worker"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.union}"
