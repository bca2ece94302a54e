"""Offers of a task to fleets or drivers, and the trips that come of them."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel
from mobilize.dispatch.states import UNDO_WITHIN, OfferStatus, PlanMode, PlanStatus, SearchStep, TripStatus
from mobilize.fleets.models import Driver, Fleet, Vehicle
from mobilize.tasks.models import Task


class TimeRange(Func):
    """tstzrange(start, end, bounds)"""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Plan(BaseModel):
    """A proposal who serves which tasks; it changes nothing until it is committed."""

    mode = models.CharField(_("mode"), max_length=8, choices=PlanMode.choices)
    status = models.CharField(
        max_length=10, choices=PlanStatus.choices, default=PlanStatus.PROPOSED, verbose_name=_("status")
    )
    tasks = models.ManyToManyField(Task, related_name="plans")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )
    made_by_client = models.CharField(max_length=100, blank=True)
    basis = models.JSONField(default=dict)  # what it was made on, to tell what changed since
    summary = models.JSONField(default=dict)  # cost, bound, proven, seconds, notes
    committed_at = models.DateTimeField(_("committed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = pgettext_lazy("back office", "plans")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=PlanStatus.PROPOSED) | Q(committed_at__isnull=False),
                name="a_committed_plan_says_when",
            ),
        ]
        indexes = [models.Index(fields=["made_by", "-created_at"], name="plan_by_officer")]

    def __str__(self) -> str:
        return f"{self.mode} {self.created_at:%Y-%m-%d %H:%M}"


class Assignment(BaseModel):
    """A fleet or a driver proposed for a task, with the reasons as data."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="assignments", verbose_name=_("plan"))
    task = models.ForeignKey(Task, models.CASCADE, related_name="assignments", verbose_name=_("task"))
    fleet = models.ForeignKey(Fleet, models.CASCADE, null=True, related_name="+", verbose_name=_("fleet"))
    driver = models.ForeignKey(Driver, models.CASCADE, null=True, related_name="+", verbose_name=_("driver"))
    vehicles = models.PositiveSmallIntegerField(_("vehicles"))
    reasons = models.JSONField(default=dict)
    pinned = models.BooleanField(_("pinned"), default=False)  # stays in the next proposal
    struck = models.BooleanField(_("struck out"), default=False)  # is not offered, and not proposed again

    class Meta:
        verbose_name = _("proposed assignment")
        verbose_name_plural = pgettext_lazy("back office", "proposed assignments")
        constraints = [
            models.CheckConstraint(
                condition=Q(fleet__isnull=True, driver__isnull=False, vehicles=1)
                | Q(fleet__isnull=False, driver__isnull=True, vehicles__gt=0),
                name="an_assignment_names_a_fleet_or_a_driver",
            ),
            models.UniqueConstraint(
                fields=["plan", "task", "fleet", "driver"],
                nulls_distinct=False,
                name="nobody_is_assigned_a_task_twice",
            ),
            models.CheckConstraint(
                condition=Q(pinned=False) | Q(struck=False), name="what_is_struck_out_is_not_pinned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} <- {self.fleet or self.driver}"


class Unserved(BaseModel):
    """What a plan leaves open of a task, and why as data."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="unserved", verbose_name=_("plan"))
    task = models.ForeignKey(Task, models.CASCADE, related_name="+", verbose_name=_("task"))
    vehicles = models.PositiveSmallIntegerField(_("vehicles"))
    reasons = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("unserved need")
        verbose_name_plural = pgettext_lazy("back office", "unserved needs")
        constraints = [
            models.UniqueConstraint(fields=["plan", "task"], name="a_plan_leaves_a_task_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.vehicles}"


class Search(BaseModel):
    """How far the search for vehicles for a task has come; a row from the first offer on."""

    task = models.OneToOneField(Task, models.CASCADE, related_name="search", verbose_name=_("task"))
    step = models.CharField(
        max_length=10, choices=SearchStep.choices, default=SearchStep.ALTERNATES, verbose_name=_("step")
    )
    step_at = models.DateTimeField(_("since"))
    # the officer's: neither a plan nor the search touches the task
    locked_at = models.DateTimeField(_("locked at"), null=True, blank=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("locked by")
    )

    class Meta:
        verbose_name = _("search for vehicles")
        verbose_name_plural = pgettext_lazy("back office", "searches for vehicles")
        indexes = [models.Index(fields=["step", "step_at"], name="search_by_step")]

    def __str__(self) -> str:
        return f"{self.task}: {self.step}"

    @property
    def locked(self) -> bool:
        """Whether plans and the search leave the task alone."""
        return self.locked_at is not None


class Offer(BaseModel):
    """A task offered to a fleet as a whole unit, or to one driver."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="offers", verbose_name=_("task"))
    fleet = models.ForeignKey(
        Fleet, models.CASCADE, null=True, blank=True, related_name="offers", verbose_name=_("fleet")
    )
    driver = models.ForeignKey(
        Driver, models.CASCADE, null=True, blank=True, related_name="offers", verbose_name=_("driver")
    )
    plan = models.ForeignKey(
        Plan, models.SET_NULL, null=True, blank=True, related_name="offers", verbose_name=_("plan")
    )
    # of the search that made it; empty for one made by hand or from a plan
    step = models.CharField(_("step of the search"), max_length=10, choices=SearchStep.choices, blank=True)
    vehicles_offered = models.PositiveSmallIntegerField(_("vehicles offered"))
    vehicles_accepted = models.PositiveSmallIntegerField(_("vehicles accepted"), default=0)
    status = models.CharField(
        max_length=10, choices=OfferStatus.choices, default=OfferStatus.OFFERED, verbose_name=_("status")
    )
    expires_at = models.DateTimeField(_("answer until"))
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("offered by")
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(null=True, verbose_name=_("answered at"))

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = pgettext_lazy("back office", "offers")
        constraints = [
            models.CheckConstraint(
                condition=Q(fleet__isnull=True, driver__isnull=False) | Q(fleet__isnull=False, driver__isnull=True),
                name="an_offer_goes_to_a_fleet_or_to_a_driver",
            ),
            models.CheckConstraint(
                condition=Q(vehicles_offered__gt=0) & Q(vehicles_accepted__lte=F("vehicles_offered")),
                name="never_more_accepted_than_offered",
            ),
            models.UniqueConstraint(
                fields=["task", "fleet"],
                condition=Q(status=OfferStatus.OFFERED),
                name="a_fleet_has_one_open_offer_per_task",
            ),
            models.UniqueConstraint(
                fields=["driver"],
                condition=Q(status=OfferStatus.OFFERED),
                name="a_driver_has_one_open_offer",
            ),
        ]
        indexes = [
            models.Index(fields=["task", "-created_at"], name="offer_by_task"),
            models.Index(fields=["fleet", "-created_at"], name="offer_by_fleet"),
            models.Index(fields=["driver", "-created_at"], name="offer_by_driver"),
            models.Index(fields=["expires_at"], name="offer_to_expire", condition=Q(status=OfferStatus.OFFERED)),
        ]

    def __str__(self) -> str:
        return f"{self.task} -> {self.fleet or self.driver}"

    @property
    def leaves_at(self) -> datetime:
        """When its message leaves; until then it can be undone."""
        return self.created_at + UNDO_WITHIN


class Trip(BaseModel):
    """One driver with one vehicle for one task."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="trips", verbose_name=_("task"))
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="trips", verbose_name=_("offer"))
    driver = models.ForeignKey(Driver, models.PROTECT, related_name="trips", verbose_name=_("driver"))
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="trips", verbose_name=_("vehicle"))
    status = models.CharField(
        max_length=10, choices=TripStatus.choices, default=TripStatus.ASSIGNED, verbose_name=_("status")
    )
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    # How often its time changed, and when last: calendars go by it. Written with the time, in the same statement.
    moves = models.PositiveIntegerField(_("times moved"), default=0, editable=False)
    moved_at = models.DateTimeField(_("moved at"), null=True, blank=True, editable=False)
    en_route_at = models.DateTimeField(null=True, blank=True, verbose_name=_("on the way at"))
    arrived_at = models.DateTimeField(null=True, blank=True, verbose_name=_("arrived at"))
    loaded_at = models.DateTimeField(null=True, blank=True, verbose_name=_("loaded at"))
    completed_at = models.DateTimeField(null=True, blank=True, verbose_name=_("completed at"))
    aborted_at = models.DateTimeField(null=True, blank=True, verbose_name=_("aborted at"))
    persons = models.PositiveSmallIntegerField(_("persons carried"), default=0)
    parcels = models.PositiveIntegerField(_("parcels handed over"), default=0)
    received_by = models.CharField(_("received by"), max_length=60, blank=True)  # a name or a code
    why_aborted = models.CharField(_("why aborted"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("trip")
        verbose_name_plural = pgettext_lazy("back office", "trips")
        constraints = [
            ExclusionConstraint(
                name="a_driver_has_no_two_trips_at_a_time",
                expressions=[
                    (
                        TimeRange("starts_at", "ends_at", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                    ("driver", RangeOperators.EQUAL),
                ],
                condition=~Q(status=TripStatus.ABORTED) & ~Q(status=TripStatus.COMPLETED),
            ),
            ExclusionConstraint(
                name="a_vehicle_has_no_two_trips_at_a_time",
                expressions=[
                    (
                        TimeRange("starts_at", "ends_at", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                    ("vehicle", RangeOperators.EQUAL),
                ],
                condition=~Q(status=TripStatus.ABORTED) & ~Q(status=TripStatus.COMPLETED),
            ),
            models.CheckConstraint(
                condition=~Q(status=TripStatus.COMPLETED) | Q(completed_at__isnull=False),
                name="a_completed_trip_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["task", "status"], name="trip_by_task"),
            models.Index(fields=["driver", "-starts_at"], name="trip_by_driver"),
            models.Index(fields=["offer", "created_at"], name="trip_by_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle} {self.status}"
