"""Enrolling fleets as whole units."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from mobilize.core import transitions
from mobilize.core.actor import SYSTEM, Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid, Unauthenticated
from mobilize.core.locks import guarded, locked
from mobilize.core.phones import normalised
from mobilize.core.pinyin import sort_key
from mobilize.core.texts import fault_of_name
from mobilize.fleets import policies
from mobilize.fleets.models import Driver, Fleet, Vehicle
from mobilize.fleets.states import FleetKind, FleetStatus
from mobilize.outbox import services as outbox
from mobilize.workers.enrolment import (
    check_people,
    ensure_workers,
    known_under_another_name,
    read_phone,
    workers_of,
)

MOST_DRIVERS = 1000
# One character of the province, one letter of the city, five or six of the vehicle (GA 36-2018).
PLATE = re.compile(r"^[\u4e00-\u9fff][A-Z][A-Z0-9]{5,6}$")


@dataclass(frozen=True, kw_only=True)
class DriverLine:
    """One driver with one vehicle, as typed.

    Attributes:
        name: of the driver.
        phone: in any spelling.
        plate: e.g. 晋A12345.
        seats: for passengers.
        load_kg: kilograms of goods.
        refrigerated: True for a cold box.
        wheelchair: True for a vehicle that takes a wheelchair.
        airport: True for a driver cleared for the airport.
    """

    name: str
    phone: str
    plate: str
    seats: int = 4
    load_kg: int = 0
    refrigerated: bool = False
    wheelchair: bool = False
    airport: bool = False


@clash_as_conflict()
@transaction.atomic
def create_fleet(
    *,
    actor: Actor,
    union_id: UUID | None,
    name: str,
    kind: str,
    leader_phone: str,
    leader_name: str,
    now: datetime,
    drivers: Sequence[DriverLine] = (),
    enrol_now: bool = False,
    base: str = "",
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
) -> Fleet:
    """Register a fleet with its drivers and vehicles, all of it or nothing.

    Args:
        actor: a dispatcher of the union, or a partner with `fleets:write` for it.
        union_id: the union the fleet belongs to.
        name: unique within the union.
        kind: a value of `states.FleetKind`.
        leader_phone: who answers offers; becomes a person of the system.
        leader_name: for a new person.
        now: current time.
        drivers: at most 1,000.
        enrol_now: True enrols it in the same step (成建制).
        base: where its vehicles stand, in words.
        latitude, longitude: of the base in degrees, both or neither; from there distances are reckoned.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `unions.policies.demand`.
        Invalid: every wrong field at once; a driver's line is named `drivers.<index>.<field>`.
    """
    wrong: dict[str, list[str]] = {}
    if union_id:
        policies.demand_change(actor, union_id=union_id)
    else:
        wrong["union_id"] = ["required"]
    if not name.strip():
        wrong["name"] = ["required"]
    elif union_id and Fleet.objects.filter(union_id=union_id, name=name.strip()).exists():
        wrong["name"] = ["fleet_exists"]
    if kind not in FleetKind.values:
        wrong["kind"] = ["unknown_choice"]
    if fault := fault_of_name(leader_name):
        wrong["leader_name"] = [fault]
    leader = read_phone(leader_phone, "leader_phone", wrong)
    if leader and known_under_another_name({leader: leader_name}):
        wrong.setdefault("leader_name", ["name_differs"])
    wrong |= check_lines(drivers) | _wrong_base(base, latitude, longitude)
    if wrong or union_id is None:
        raise Invalid(wrong)
    leading = ensure_workers({leader: leader_name}, union_id=union_id, now=now)[leader]
    fleet = Fleet.objects.create(
        union_id=union_id,
        name=name.strip(),
        kind=kind,
        leader_id=leading.user_id,
        created_at=now,
        sort_key=sort_key(name.strip()),
        base=base.strip(),
        latitude=latitude,
        longitude=longitude,
    )
    _add_lines(fleet, drivers, now)
    outbox.record("fleet.applied", fleet.pk)
    if enrol_now:
        enrol(actor=actor, fleet_id=fleet.pk, now=now)
        fleet.refresh_from_db()
    return fleet


@transaction.atomic
def enrol(*, actor: Actor, fleet_id: UUID, now: datetime) -> Fleet:
    """Take a fleet in as a whole unit; from now on it gets offers.

    Raises:
        NotFound, Forbidden, Unauthenticated
        Conflict: `wrong_status`; `fleet_without_drivers`.
    """
    fleet = locked(policies.visible_to(actor), pk=fleet_id)
    policies.demand_change(actor, union_id=fleet.union_id)
    if not fleet.drivers.filter(active=True, vehicle__isnull=False).exists():
        raise Conflict("fleet_without_drivers")
    transitions.move(
        fleet,
        to=FleetStatus.ENROLLED,
        allowed_from=[FleetStatus.APPLIED, FleetStatus.SUSPENDED, FleetStatus.LEFT],
        actor=actor,
        now=now,
        enrolled_at=now,
    )
    outbox.record("fleet.enrolled", fleet.pk)
    return fleet


@transaction.atomic
def suspend(*, actor: Actor, fleet_id: UUID, now: datetime, why: str = "") -> Fleet:
    """Stop offers to a fleet until it is enrolled again.

    Raises:
        NotFound, Forbidden, Unauthenticated
        Conflict: `wrong_status`.
    """
    fleet = locked(policies.visible_to(actor), pk=fleet_id)
    policies.demand_change(actor, union_id=fleet.union_id)
    transitions.move(
        fleet, to=FleetStatus.SUSPENDED, allowed_from=[FleetStatus.ENROLLED], actor=actor, now=now, why=why
    )
    outbox.record("fleet.suspended", fleet.pk)
    return fleet


@transaction.atomic
def set_base(
    *, actor: Actor, fleet_id: UUID, base: str, latitude: Decimal | None, longitude: Decimal | None, now: datetime
) -> Fleet:
    """Say where a fleet's vehicles stand when nothing else is known of them.

    Args:
        actor: a dispatcher of the fleet's union.
        fleet_id: which.
        base: in words, at most 200 characters.
        latitude, longitude: in degrees, both or neither.
        now: current time.
    Raises:
        NotFound, Forbidden, Unauthenticated
        Invalid: `too_long`, `bad_position`.
    """
    fleet = locked(policies.visible_to(actor), pk=fleet_id)
    policies.demand_change(actor, union_id=fleet.union_id)
    if wrong := _wrong_base(base, latitude, longitude):
        raise Invalid(wrong)
    fleet.base, fleet.latitude, fleet.longitude = base.strip(), latitude, longitude
    fleet.save(update_fields=["base", "latitude", "longitude"])
    outbox.record("fleet.base_set", fleet.pk)
    return fleet


def _wrong_base(base: str, latitude: Decimal | None, longitude: Decimal | None) -> dict[str, list[str]]:
    wrong = {}
    if len(base.strip()) > 200:
        wrong["base"] = ["too_long"]
    if (latitude is None) != (longitude is None):
        wrong["latitude" if latitude is None else "longitude"] = ["bad_position"]
    if latitude is not None and not -90 <= latitude <= 90:
        wrong["latitude"] = ["bad_position"]
    if longitude is not None and not -180 <= longitude <= 180:
        wrong["longitude"] = ["bad_position"]
    return wrong


@clash_as_conflict()
@transaction.atomic
def add_drivers(*, actor: Actor, fleet_id: UUID, lines: Sequence[DriverLine], now: datetime) -> list[Driver]:
    """Add drivers with their vehicles to a fleet, all or none.

    Raises:
        NotFound, Forbidden, Unauthenticated
        Invalid: fields named `drivers.<index>.<field>`.
    """
    fleet = locked(policies.visible_to(actor), pk=fleet_id)
    policies.demand_change(actor, union_id=fleet.union_id)
    wrong = check_lines(lines)
    if not lines:
        wrong["drivers"] = ["required"]
    if wrong:
        raise Invalid(wrong)
    added = _add_lines(fleet, lines, now)
    outbox.record("fleet.drivers_added", fleet.pk, count=len(added))
    return added


@transaction.atomic
def release_driver(*, actor: Actor, driver_id: UUID, now: datetime) -> Driver:
    """Take a driver with her vehicle off a fleet's roster; trips she still had are given back.

    Args:
        actor: a dispatcher of the fleet's union, or the driver herself.
        driver_id: who.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `wrong_status` when she left already.
    """
    if actor.is_stranger:
        raise Unauthenticated
    driver = locked(Driver.objects.select_related("fleet", "worker"), pk=driver_id)
    if driver.worker.user_id != actor.user_id:
        policies.demand_change(actor, union_id=driver.fleet.union_id)
    if not driver.active:
        raise Conflict("wrong_status", status=FleetStatus.LEFT)
    _release(driver)
    return driver


@transaction.atomic
def release_all(*, user_id: UUID, now: datetime) -> None:
    """A person is gone for good: she leaves the roster, and a fleet she led gets no offers until it has a leader.

    Args:
        user_id: who.
        now: current time.
    """
    for driver in guarded(Driver.objects.filter(worker__user_id=user_id, active=True)):
        _release(driver)
    for fleet in guarded(Fleet.objects.filter(leader_id=user_id, status=FleetStatus.ENROLLED)):
        why = "the leader's account was closed"
        transitions.move(
            fleet, to=FleetStatus.SUSPENDED, allowed_from=[FleetStatus.ENROLLED], actor=SYSTEM, now=now, why=why
        )
        outbox.record("fleet.suspended", fleet.pk)


def _release(driver: Driver) -> None:
    Driver.objects.filter(pk=driver.pk).update(active=False)
    if driver.vehicle_id:
        Vehicle.objects.filter(pk=driver.vehicle_id).update(active=False)
    driver.active = False
    outbox.record("driver.released", driver.pk)


def check_lines(lines: Sequence[DriverLine]) -> dict[str, list[str]]:
    """Return what is wrong with the lines: codes by `drivers.<index>.<field>`, empty when all are good."""
    if len(lines) > MOST_DRIVERS:
        return {"drivers": ["too_many_drivers"]}
    phones, wrong = check_people(lines, field="drivers")
    plates: dict[str, str] = {}
    for index, line in enumerate(lines):
        at = f"drivers.{index}"
        plate = tidy_plate(line.plate)
        if not PLATE.match(plate):
            wrong[f"{at}.plate"] = ["bad_plate"]
        elif plate in plates:
            wrong[f"{at}.plate"] = ["twice_in_the_list"]
        plates.setdefault(plate, at)
        if not 0 <= line.seats <= 80 or (line.seats == 0 and line.load_kg == 0):
            wrong[f"{at}.seats"] = ["bad_seats"]
        if not 0 <= line.load_kg <= 50_000:
            wrong[f"{at}.load_kg"] = ["bad_load"]
    for plate in Vehicle.objects.filter(plate__in=plates, active=True).values_list("plate", flat=True):
        wrong.setdefault(f"{plates[plate]}.plate", ["plate_taken"])
    known = workers_of(phones)
    driving = set(Driver.objects.filter(worker__in=known.values(), active=True).values_list("worker", flat=True))
    for phone, worker in known.items():
        if worker.pk in driving:
            wrong.setdefault(f"drivers.{phones[phone]}.phone", ["drives_elsewhere"])
    return wrong


def tidy_plate(typed: str) -> str:
    """Return a plate in capitals, without blanks and dots, full-width characters narrowed."""
    return re.sub(r"[\s·.•-]", "", unicodedata.normalize("NFKC", typed)).upper()


def _add_lines(fleet: Fleet, lines: Sequence[DriverLine], now: datetime) -> list[Driver]:
    """Write checked lines in five statements, however many there are."""
    by_phone = {normalised(line.phone): line for line in lines}
    found = ensure_workers({phone: line.name for phone, line in by_phone.items()}, union_id=fleet.union_id, now=now)
    vehicles = {
        phone: Vehicle(
            fleet=fleet,
            plate=tidy_plate(line.plate),
            seats=line.seats,
            load_kg=line.load_kg,
            refrigerated=line.refrigerated,
            wheelchair=line.wheelchair,
            created_at=now,
        )
        for phone, line in by_phone.items()
    }
    Vehicle.objects.bulk_create(vehicles.values())
    return Driver.objects.bulk_create(
        Driver(fleet=fleet, worker=found[phone], vehicle=vehicles[phone], airport=line.airport, created_at=now)
        for phone, line in by_phone.items()
    )
