"""Fleets with their vehicles and drivers, each joined as a whole unit."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import Any
from uuid import UUID

from mobilize.core.ids import uuid7
from mobilize.core.pinyin import sort_key
from mobilize.fleets.models import Driver, Fleet, Vehicle
from mobilize.fleets.states import FleetStatus
from mobilize.seeding import people
from mobilize.seeding.bulk import copy
from mobilize.seeding.files import read
from mobilize.seeding.loaders.organisations import union_ids
from mobilize.seeding.moments import at
from mobilize.seeding.names import invented
from mobilize.seeding.shares import split_within
from mobilize.workers.models import Worker
from mobilize.workers.states import Skill

_YARD = 0.01  # degrees, about a kilometre, by which fleets of one base stand apart
_EVERY = read("fleets")["every"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A fleet about to be written; the first of its people leads it."""

    id: UUID
    name: str
    sort_key: str
    shape: dict[str, Any]
    enrolled_at: datetime
    base: dict[str, Any]
    people: list[people.Person]


@dataclass(frozen=True, slots=True)
class Seat:
    """A driver and the vehicle driven, about to be written."""

    plan: Plan
    person: people.Person
    worker_id: UUID
    vehicle_id: UUID


def load() -> None:
    """Write all fleets with one vehicle per driver."""
    plans = list(_plans(random.Random(people.SEED)))
    seats = [Seat(plan, person, uuid7(), uuid7()) for plan in plans for person in plan.people]
    union = union_ids()[read("fleets")["union"]]
    people.write([seat.person for seat in seats], joined=[seat.plan.enrolled_at for seat in seats])
    _write_fleets(plans, union)
    _write_vehicles(seats)
    copy(
        Worker,
        ["id", "created_at", "user_id", "union_id", "skills", "consented_at"],
        (
            (
                seat.worker_id,
                seat.plan.enrolled_at,
                seat.person.id,
                union,
                [Skill.DRIVING.value],
                seat.plan.enrolled_at,
            )
            for seat in seats
        ),
    )
    copy(
        Driver,
        ["created_at", "fleet_id", "worker_id", "vehicle_id", "airport"],
        (
            (seat.plan.enrolled_at, seat.plan.id, seat.worker_id, seat.vehicle_id, number % _EVERY["airport"] == 0)
            for number, seat in enumerate(seats)
        ),
    )


def _plans(chance: random.Random) -> Iterator[Plan]:
    data = read("fleets")
    shapes = list(_shapes(data))
    sizes = split_within(
        data["totals"]["drivers"],
        [shape["sizes"] for shape in shapes],
        [chance.uniform(0.2, 1.8) for _ in shapes],
    )
    known = _demo_people()
    crew = people.invent(sum(sizes), first=people.DRIVERS_FROM)
    bases = cycle(data["bases"])
    for shape, size, day in zip(shapes, sizes, cycle(data["enrolled_on"]), strict=False):
        name = invented(shape["word"] + shape["zh"])
        yield Plan(
            id=uuid7(),
            name=name,
            sort_key=sort_key(shape["word"] + shape["zh"]),
            shape=shape,
            enrolled_at=at(day, 9) + timedelta(minutes=chance.randrange(600)),
            base=next(bases),
            people=[*(first := known.get(name, [])), *islice(crew, size - len(first))],
        )


def _demo_people() -> dict[str, list[people.Person]]:
    """Return the people of the demonstration who drive, by fleet: the leader, then the drivers."""
    demo = read("demo")
    found: dict[str, list[people.Person]] = {}
    for entry in [*demo["leaders"], demo["driver"]]:
        found.setdefault(entry["fleet"], []).append(people.Person(uuid7(), entry["name"], entry["phone"]))
    return found


def _shapes(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each fleet's kind, word and bounds of size; the demonstration's fleets have a fixed size."""
    words = iter(data["words"])
    samples = {sample["kind"]: sample for sample in data["demo"]}
    for kind in data["kinds"]:
        sample = samples.pop(kind["kind"], None)
        if sample:
            size = sample["drivers"]
            yield kind | {"word": sample["word"], "sizes": (size, size)}
        for word in islice(words, kind["fleets"] - bool(sample)):
            yield kind | {"word": word}


def _write_fleets(plans: list[Plan], union: UUID) -> None:
    chance = random.Random(people.SEED)
    Fleet.objects.bulk_create(
        Fleet(
            id=plan.id,
            name=plan.name,
            sort_key=plan.sort_key,
            kind=plan.shape["kind"],
            union_id=union,
            leader_id=plan.people[0].id,
            status=FleetStatus.ENROLLED,
            enrolled_at=plan.enrolled_at,
            created_at=plan.enrolled_at - timedelta(hours=3),
            base=invented(plan.base["zh"]),
            latitude=round(plan.base["at"][0] + chance.uniform(-_YARD, _YARD), 5),
            longitude=round(plan.base["at"][1] + chance.uniform(-_YARD, _YARD), 5),
        )
        for plan in plans
    )


def _write_vehicles(seats: list[Seat]) -> None:
    copy(
        Vehicle,
        ["id", "created_at", "fleet_id", "plate", "seats", "load_kg", "refrigerated", "wheelchair"],
        (
            (
                seat.vehicle_id,
                seat.plan.enrolled_at,
                seat.plan.id,
                f"示A{seat.plan.shape['letter']}{number:04}",
                seat.plan.shape["seats"],
                seat.plan.shape["load_kg"],
                seat.plan.shape.get("refrigerated", False),
                number % _EVERY["wheelchair"] == 0 and seat.plan.shape["seats"] > 1,
            )
            for number, seat in enumerate(seats, start=1)
        ),
    )
