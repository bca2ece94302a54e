"""Who was on the spot, and services rendered: the counts officers report every evening, each with its source."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.attendance.states import Outcome, Source, Step
from mobilize.core.models import BaseModel
from mobilize.tasks.models import Shift, Task
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


class CheckIn(BaseModel):
    """A person was on the spot: when she came, when she left, how we know. No row says nothing about her."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="checkins", db_index=False, verbose_name=_("shift"))
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="checkins", verbose_name=_("worker"))
    # By the clock of the phone that noted it; beside it when the server heard of it.
    arrived_at = models.DateTimeField(_("arrived at"))
    arrived_heard_at = models.DateTimeField(_("heard of the arrival at"))
    arrived_source = models.CharField(_("source of the arrival"), max_length=10, choices=Source.choices)
    arrived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("arrival noted by")
    )
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    left_heard_at = models.DateTimeField(_("heard of the leaving at"), null=True, blank=True)
    left_source = models.CharField(_("source of the leaving"), max_length=10, choices=Source.choices, blank=True)
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("leaving noted by")
    )
    # Advice, never a reason to refuse. Where the phone was is kept nowhere.
    distance_m = models.PositiveIntegerField(_("distance to the site, metres"), null=True, blank=True)

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = pgettext_lazy("back office", "check-ins")
        constraints = [
            models.UniqueConstraint(fields=["shift", "worker"], name="a_person_checks_in_once_on_a_shift"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("arrived_at")), name="nobody_leaves_before_arriving"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None, left_source="") | (Q(left_at__isnull=False) & ~Q(left_source="")),
                name="a_leaving_has_a_source",
            ),
        ]
        indexes = [
            models.Index(fields=["shift"], condition=Q(left_at=None), name="checkin_without_end"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Scan(BaseModel):
    """What a phone sent, once: sent again, it gets the answer that stands here."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="scans", verbose_name=_("shift"))
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="scans", db_index=False, verbose_name=_("sent by")
    )
    key = models.UUIDField(_("the phone's own id of it"))
    step = models.CharField(_("what it says"), max_length=10, choices=Step.choices)
    at = models.DateTimeField(_("time of the phone"))
    worker = models.ForeignKey(
        Worker, models.CASCADE, null=True, blank=True, related_name="scans", verbose_name=_("worker")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.REFUSED)
    code = models.CharField(_("why it was refused"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = pgettext_lazy("back office", "scans")
        constraints = [models.UniqueConstraint(fields=["sender", "key"], name="a_scan_is_heard_once")]

    def __str__(self) -> str:
        return str(self.key)


class Correction(BaseModel):
    """An officer corrected a person's times: from, to, who and why."""

    checkin = models.ForeignKey(CheckIn, models.CASCADE, related_name="corrections", verbose_name=_("check-in"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by whom")
    )
    why = models.CharField(_("why"), max_length=300)
    # Empty when nothing had been recorded.
    arrived_before = models.DateTimeField(_("arrived, before"), null=True)
    left_before = models.DateTimeField(_("left, before"), null=True)
    arrived_after = models.DateTimeField(_("arrived, after"))
    left_after = models.DateTimeField(_("left, after"))

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = pgettext_lazy("back office", "corrections")

    def __str__(self) -> str:
        return str(self.pk)
