"""Transport under way, so that an officer's desk shows what it is for."""

from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from mobilize.accounts.models import User
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import STAMP, OfferStatus, TripStatus
from mobilize.fleets.models import Fleet
from mobilize.seeding.files import read
from mobilize.seeding.loaders.campaign import the_campaign
from mobilize.seeding.names import invented
from mobilize.tasks.models import Site, Task
from mobilize.tasks.states import TaskKind, TaskStatus

_STAGES = [TripStatus.ASSIGNED, TripStatus.EN_ROUTE, TripStatus.ARRIVED, TripStatus.LOADED]
_ANSWERED = [OfferStatus.ACCEPTED, OfferStatus.DECLINED]


def load(*, now: datetime) -> None:
    """Write the transport tasks of `desk.yaml` with their offers and trips."""
    officer = User.objects.get(phone=read("demo")["officer"]["phone"])
    for entry in read("desk")["tasks"]:
        task = _write_task(entry, officer, now)
        for line in entry["offers"]:
            _write_trips(_write_offer(task, line, officer, now), now)


def _write_task(entry: dict[str, Any], officer: User, now: datetime) -> Task:
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
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=entry["hours"]),
        vehicles_needed=entry["vehicles"],
        vehicles_accepted=accepted,
        cargo=entry["cargo"],
        created_by=officer,
        created_at=now - timedelta(hours=3),
    )


def _write_offer(task: Task, line: dict[str, Any], officer: User, now: datetime) -> Offer:
    fleet = Fleet.objects.get(name=invented(line["fleet"]))
    answered = line["status"] in _ANSWERED
    return Offer.objects.create(
        task=task,
        fleet=fleet,
        vehicles_offered=line["offered"],
        vehicles_accepted=line.get("accepted", 0),
        status=line["status"],
        expires_at=now + timedelta(minutes=30),
        offered_by=officer,
        answered_by_id=fleet.leader_id if answered else None,
        answered_at=now - timedelta(hours=1) if answered else None,
        created_at=now - timedelta(hours=2),
    )


def _write_trips(offer: Offer, now: datetime) -> None:
    """Write one trip for each accepted vehicle, spread over the stages of a ride."""
    assert offer.fleet is not None
    drivers = offer.fleet.drivers.order_by("pk")[: offer.vehicles_accepted]
    Trip.objects.bulk_create(
        Trip(
            task=offer.task,
            offer=offer,
            driver=driver,
            vehicle_id=driver.vehicle_id,
            status=_STAGES[reached],
            starts_at=offer.task.starts_at,
            ends_at=offer.task.ends_at,
            created_at=offer.answered_at,
            **{
                STAMP[stage]: now - timedelta(minutes=10 * (reached - place))
                for place, stage in enumerate(_STAGES[1 : reached + 1])
            },
        )
        for driver, reached in zip(drivers, cycle(range(len(_STAGES))), strict=False)
    )
