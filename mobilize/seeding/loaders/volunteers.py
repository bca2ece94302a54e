"""The volunteers: invented accounts, their profiles, pledges and honours."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mobilize.campaigns.models import Pledge
from mobilize.core.ids import uuid7
from mobilize.seeding import people
from mobilize.seeding.bulk import copy
from mobilize.seeding.files import read
from mobilize.seeding.loaders.campaign import the_campaign
from mobilize.seeding.loaders.organisations import union_ids
from mobilize.seeding.moments import joining
from mobilize.seeding.shares import split
from mobilize.workers.models import Honour, Worker
from mobilize.workers.states import HonourKind, HonourLevel, HonourStatus, Skill

_AWARDING_BODIES = {
    HonourLevel.NATIONAL: "中华全国总工会",
    HonourLevel.PROVINCIAL: "山西省总工会",
    HonourLevel.CITY: "太原市总工会",
}


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A volunteer about to be written."""

    person: people.Person
    worker_id: UUID
    union_code: str
    community: str
    joined: datetime


def load() -> None:
    """Write the accounts, profiles, pledges and honours of all volunteers."""
    chance = random.Random(people.SEED)
    volunteers = list(_volunteers(chance))
    people.write([one.person for one in volunteers], joined=[one.joined for one in volunteers])
    _write_workers(volunteers, chance)
    _write_pledges(volunteers)
    _write_honours(volunteers, chance)


def are_loaded() -> bool:
    """Tell whether invented volunteers are there; everything with people is written together with them."""
    return Pledge.objects.filter(campaign=the_campaign(), worker__user__is_invented=True).exists()


def _volunteers(chance: random.Random) -> Iterator[Volunteer]:
    total = read("campaign")["volunteers"]["total"]
    moments = joining(chance)
    unions = _unions(total, chance)
    communities = _communities(chance, unions)
    for person, union, community, moment in zip(
        people.invent(total, first=people.VOLUNTEERS_FROM), unions, communities, moments, strict=True
    ):
        yield Volunteer(person, uuid7(), union, community, moment)


def _unions(total: int, chance: random.Random) -> list[str]:
    """Return one union code per volunteer: exact numbers where reported (first to join), the rest by share."""
    entries = read("unions")["unions"]
    counts = {entry["code"]: entry["members"] for entry in entries if "members" in entry}
    shared = [entry for entry in entries if "share" in entry]
    parts = split(total - sum(counts.values()), [entry["share"] for entry in shared])
    others = [entry["code"] for entry, part in zip(shared, parts, strict=True) for _ in range(part)]
    chance.shuffle(others)
    return [code for code, count in counts.items() for _ in range(count)] + others


def _communities(chance: random.Random, unions: list[str]) -> list[str]:
    """Return one home community per volunteer: exact numbers where reported, else the street of a site."""
    streets = sorted({site["address"] for site in read("sites")["sites"] if site.get("invented")})
    communities = chance.choices(streets, k=len(unions))
    for entry in read("unions")["unions"]:
        for place in chance.sample(range(len(unions)), entry.get("residents", 0)):
            communities[place] = entry["zh"]
    return communities


def _write_workers(volunteers: list[Volunteer], chance: random.Random) -> None:
    unions = union_ids()
    skills = [*Skill.values, *[""] * 8]
    copy(
        Worker,
        ["id", "created_at", "user_id", "union_id", "home_community", "skills", "consented_at"],
        (
            (
                one.worker_id,
                one.joined,
                one.person.id,
                unions[one.union_code],
                one.community,
                sorted({skill for skill in chance.sample(skills, 2) if skill}),
                one.joined,
            )
            for one in volunteers
        ),
    )


def _write_pledges(volunteers: list[Volunteer]) -> None:
    campaign, unions = the_campaign(), union_ids()
    copy(
        Pledge,
        ["created_at", "campaign_id", "worker_id", "union_id"],
        ((one.joined, campaign.pk, one.worker_id, unions[one.union_code]) for one in volunteers),
    )


def _write_honours(volunteers: list[Volunteer], chance: random.Random) -> None:
    """Give one volunteer in 300 an honour; three of four are verified, the others wait for an officer."""
    bearers = chance.sample(volunteers, len(volunteers) // 300)
    levels = chance.choices(list(_AWARDING_BODIES), [1, 3, 6], k=len(bearers))
    waiting = chance.choices([True, False], [1, 3], k=len(bearers))
    Honour.objects.bulk_create(
        Honour(
            worker_id=one.worker_id,
            kind=chance.choice(HonourKind.values),
            level=level,
            awarding_body=_AWARDING_BODIES[level],
            year=chance.randrange(2005, 2022),
            status=HonourStatus.CLAIMED if waits else HonourStatus.VERIFIED,
            verified_at=None if waits else one.joined + timedelta(hours=2),
            created_at=one.joined,
        )
        for one, level, waits in zip(bearers, levels, waiting, strict=True)
    )
