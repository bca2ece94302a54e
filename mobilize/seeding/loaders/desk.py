"""Transport under way, so that an officer's desk shows what it is for."""

from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from mobilize.accounts.models import User
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import STAMP, OfferStatus, TripStatus
from mobilize.fleets.models import Driver, Fleet
from mobilize.seeding.files import read
from mobilize.seeding.loaders.campaign import the_campaign
from mobilize.seeding.names import invented
from mobilize.tasks.models import Flight, Site, Task
from mobilize.tasks.states import SiteKind, TaskKind, TaskStatus

_STAGES = [TripStatus.ASSIGNED, TripStatus.EN_ROUTE, TripStatus.ARRIVED, TripStatus.LOADED]


def load(*, now: datetime) -> None:
    """Write the transport tasks of `desk.yaml` with their offers and trips."""
    officer = User.objects.get(phone=read("demo")["officer"]["phone"])
    data = read("desk")
    flights = {entry["number"]: _write_flight(entry, officer, now) for entry in data["flights"]}
    for entry in data["tasks"]:
        task = _write_task(entry, officer, flights, now)
        for line in entry["offers"]:
            _write_offer(task, line, officer, now)


def _write_flight(entry: dict[str, Any], officer: User, now: datetime) -> Flight:
    return Flight.objects.create(
        campaign=the_campaign(),
        union=officer.offices.get().union,
        number=entry["number"],
        site=Site.objects.get(kind=SiteKind.AIRPORT),
        arrives_at=now + timedelta(minutes=entry["arrives_in"]),
        passengers=entry["passengers"],
        risk=entry["risk"],
        created_at=now - timedelta(hours=3),
    )


def _write_task(entry: dict[str, Any], officer: User, flights: dict[str, Flight], now: datetime) -> Task:
    starts_at = now + timedelta(minutes=entry.get("starts_in", -60))
    accepted = sum(line.get("accepted", 0) for line in entry["offers"])
    return Task.objects.create(
        campaign=the_campaign(),
        union=officer.offices.get().union,
        kind=TaskKind.TRANSPORT,
        title=entry["title"],
        status=TaskStatus.FULFILLED if accepted == entry["vehicles"] else TaskStatus.PUBLISHED,
        urgency=entry["urgency"],
        site=Site.objects.get(name=entry["from"]),
        destination=Site.objects.get(name=entry["to"]),
        starts_at=starts_at,
        ends_at=max(starts_at, now) + timedelta(hours=entry["hours"]),
        vehicles_needed=entry["vehicles"],
        vehicles_accepted=accepted,
        cargo=entry["cargo"],
        flight=flights.get(entry.get("flight", "")),
        seats_min=entry.get("seats", 0),
        load_kg_min=entry.get("load_kg", 0),
        refrigerated=entry.get("refrigerated", False),
        wheelchair=entry.get("wheelchair", False),
        airport=entry.get("airport", False),
        created_by=officer,
        created_at=now - timedelta(hours=3),
    )


def _write_offer(task: Task, line: dict[str, Any], officer: User, now: datetime) -> None:
    fleet = Fleet.objects.get(name=invented(line["fleet"]))
    accepted = line.get("accepted", 0)
    answered_at = None if line["status"] == OfferStatus.OFFERED else now - timedelta(hours=1)
    offer = Offer.objects.create(
        task=task,
        fleet=fleet,
        vehicles_offered=line["offered"],
        vehicles_accepted=accepted,
        status=line["status"],
        expires_at=now + timedelta(minutes=30),
        offered_by=officer,
        answered_by_id=fleet.leader_id if answered_at else None,
        answered_at=answered_at,
        created_at=now - timedelta(hours=2),
    )
    drivers = fleet.drivers.select_related("vehicle").order_by("vehicle_id")[:accepted]
    Trip.objects.bulk_create(
        _trip(offer, driver, reached, now) for driver, reached in zip(drivers, cycle(range(len(_STAGES))), strict=False)
    )


def _trip(offer: Offer, driver: Driver, reached: int, now: datetime) -> Trip:
    """Return a trip that has reached a stage, ten minutes after each stage before it."""
    stamps = {
        STAMP[stage]: now - timedelta(minutes=10 * (reached - place))
        for place, stage in enumerate(_STAGES[1 : reached + 1], start=1)
    }
    return Trip(
        task=offer.task,
        offer=offer,
        driver=driver,
        vehicle=driver.vehicle,
        status=_STAGES[reached],
        starts_at=offer.task.starts_at,
        ends_at=offer.task.ends_at,
        created_at=now - timedelta(hours=1),
        **stamps,
    )
