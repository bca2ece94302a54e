"""Invented people: names from Faker, numbers from a range that belongs to nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from faker import Faker

from mobilize.accounts.models import User
from mobilize.core.ids import uuid7
from mobilize.seeding.bulk import copy

# +86 199 0000 0000 .. +86 199 0009 9999; the first thousand are kept for the people of the demonstration.
FIRST_NUMBER = 8619900000000
VOLUNTEERS_FROM = 1_000
DRIVERS_FROM = 90_000
SEED = 20221117


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person about to be written."""

    id: UUID
    name: str
    phone: str


def invent(count: int, *, first: int) -> Iterator[Person]:
    """Make people up, the same names and numbers on every machine.

    Args:
        count: how many.
        first: offset of the first phone number in the invented range.
    """
    faker = Faker("zh_CN")
    faker.seed_instance(SEED + first)
    for place in range(first, first + count):
        yield Person(uuid7(), faker.name(), f"+{FIRST_NUMBER + place}")


def write(people: list[Person], *, joined: list[datetime]) -> None:
    """Write the accounts of invented people; they have no password and would sign in by code."""
    nobody = make_password(None)
    copy(
        User,
        ["id", "phone", "name", "is_invented", "password", "date_joined"],
        (
            (person.id, person.phone, person.name, True, nobody, moment)
            for person, moment in zip(people, joined, strict=True)
        ),
    )
