"""Reading fleets. Row visibility comes from the caller (policies.visible_to)."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet, Sum

from mobilize.core.errors import NotFound
from mobilize.fleets.models import Driver, Fleet, Vehicle
from mobilize.fleets.states import FleetStatus


@dataclass(frozen=True)
class FleetTotals:
    """Enrolled fleets and their active drivers."""

    fleets: int
    drivers: int


def totals() -> FleetTotals:
    """Return the city's totals, at most half a minute old."""
    return cast(FleetTotals, cache.get_or_set("fleets:totals", count_totals, 30))


def count_totals() -> FleetTotals:
    """Count now."""
    enrolled = Fleet.objects.filter(status=FleetStatus.ENROLLED)
    return FleetTotals(fleets=enrolled.count(), drivers=Driver.objects.filter(active=True, fleet__in=enrolled).count())


def listed(fleets: QuerySet[Fleet], *, search: str = "", status: str = "", kind: str = "") -> QuerySet[Fleet]:
    """Fleets with `driver_count`, sorted by name, filtered by name or leader, status and kind."""
    if search:
        fleets = fleets.filter(
            Q(name__icontains=search) | Q(sort_key__icontains=search) | Q(leader__name__icontains=search)
        )
    if status:
        fleets = fleets.filter(status=status)
    if kind:
        fleets = fleets.filter(kind=kind)
    return (
        fleets.select_related("union", "leader")
        .annotate(driver_count=Count("drivers", filter=Q(drivers__active=True)))
        .order_by("sort_key", "name")
    )


def based(fleets: QuerySet[Fleet]) -> QuerySet[Fleet]:
    """Enrolled fleets whose base is known, with `driver_count`."""
    return listed(fleets.filter(latitude__isnull=False), status=FleetStatus.ENROLLED)


def one(fleets: QuerySet[Fleet], fleet_id: UUID) -> Fleet:
    """Return one of the fleets with `driver_count`.

    Raises:
        NotFound
    """
    fleet = listed(fleets).filter(pk=fleet_id).first()
    if fleet is None:
        raise NotFound
    return fleet


def drivers(fleet_id: UUID) -> QuerySet[Driver]:
    """The drivers on a fleet's roster with person and vehicle, in order of joining."""
    return (
        Driver.objects.filter(fleet_id=fleet_id, active=True)
        .select_related("worker__user", "vehicle")
        .order_by("created_at", "pk")
    )


def driving(*, user_id: UUID) -> Driver | None:
    """Return a person's place on a fleet's roster with fleet and vehicle, None when she drives for none."""
    return Driver.objects.select_related("fleet", "vehicle").filter(worker__user_id=user_id, active=True).first()


@dataclass(frozen=True)
class Capacity:
    """What a fleet's vehicles in use can carry together."""

    vehicles: int
    seats: int
    load_kg: int
    refrigerated: int


def capacity(fleet_id: UUID) -> Capacity:
    """Sum up a fleet's vehicles in use."""
    sums = Vehicle.objects.filter(fleet_id=fleet_id, active=True).aggregate(
        vehicles=Count("pk"),
        seats=Sum("seats", default=0),
        load_kg=Sum("load_kg", default=0),
        refrigerated=Count("pk", filter=Q(refrigerated=True)),
    )
    return Capacity(**sums)
