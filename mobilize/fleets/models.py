"""Fleets with their vehicles and drivers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel
from mobilize.fleets.states import FleetKind, FleetStatus
from mobilize.unions.models import Union
from mobilize.workers.models import Worker


class Fleet(BaseModel):
    """Vehicles and drivers that join as a whole unit, answered for by a leader."""

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=15, choices=FleetKind.choices)
    union = models.ForeignKey(Union, models.PROTECT, related_name="fleets", verbose_name=_("union"))
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="led_fleets", verbose_name=_("leader")
    )
    status = models.CharField(
        max_length=10, choices=FleetStatus.choices, default=FleetStatus.APPLIED, verbose_name=_("status")
    )
    enrolled_at = models.DateTimeField(null=True, blank=True, verbose_name=_("enrolled at"))
    # where its vehicles stand when nothing else is known of them
    base = models.CharField(_("base"), max_length=200, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True, verbose_name=_("latitude"))
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True, verbose_name=_("longitude"))
    # embedded PostgreSQL has no ICU collation: Chinese names sort by their pinyin
    sort_key = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("fleet")
        verbose_name_plural = pgettext_lazy("back office", "fleets")
        constraints = [
            models.UniqueConstraint(fields=["union", "name"], name="a_fleet_has_one_name_in_its_union"),
            models.CheckConstraint(
                condition=~Q(status=FleetStatus.ENROLLED) | Q(enrolled_at__isnull=False),
                name="an_enrolled_fleet_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="a_base_lies_on_the_earth_or_nowhere",
            ),
        ]
        indexes = [models.Index(fields=["union", "status", "sort_key"], name="fleet_by_union")]

    def __str__(self) -> str:
        return self.name


class Vehicle(BaseModel):
    """A vehicle: what it can carry."""

    fleet = models.ForeignKey(Fleet, models.CASCADE, related_name="vehicles", verbose_name=_("fleet"))
    plate = models.CharField(_("plate"), max_length=12)
    seats = models.PositiveSmallIntegerField(_("seats for passengers"))
    load_kg = models.PositiveIntegerField(_("load in kg"), default=0)
    refrigerated = models.BooleanField(_("refrigerated"), default=False)
    wheelchair = models.BooleanField(_("takes a wheelchair"), default=False)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("vehicle")
        verbose_name_plural = pgettext_lazy("back office", "vehicles")
        constraints = [
            models.UniqueConstraint(
                fields=["plate"], condition=Q(active=True), name="a_plate_is_in_use_by_one_fleet_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(seats__gt=0) | Q(load_kg__gt=0), name="a_vehicle_carries_people_or_goods"
            ),
            models.CheckConstraint(condition=Q(seats__lte=80), name="a_vehicle_has_at_most_80_seats"),
        ]
        indexes = [models.Index(fields=["fleet", "plate"], name="vehicle_by_fleet")]

    def __str__(self) -> str:
        return self.plate


class Driver(BaseModel):
    """A worker who drives a vehicle of the fleet."""

    fleet = models.ForeignKey(Fleet, models.CASCADE, related_name="drivers", verbose_name=_("fleet"))
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="drivings", verbose_name=_("worker"))
    vehicle = models.ForeignKey(
        Vehicle, models.SET_NULL, null=True, blank=True, related_name="drivers", verbose_name=_("vehicle")
    )
    airport = models.BooleanField(_("cleared for the airport"), default=False)
    active = models.BooleanField(_("on duty roster"), default=True)

    class Meta:
        verbose_name = _("driver")
        verbose_name_plural = pgettext_lazy("back office", "drivers")
        constraints = [
            models.UniqueConstraint(
                fields=["worker"], condition=Q(active=True), name="a_worker_drives_for_one_fleet_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["vehicle"], condition=Q(active=True), name="a_vehicle_has_one_driver_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["fleet", "active", "created_at"], name="driver_by_fleet")]

    def __str__(self) -> str:
        return str(self.worker)
