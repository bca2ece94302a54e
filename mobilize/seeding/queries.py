"""What was loaded."""

from typing import Any

from mobilize.reports.queries import COUNTS
from mobilize.seeding.files import read
from mobilize.unions.models import Union

_REPORTED = [
    "views",
    "volunteers",
    "fleets",
    "drivers",
    "teams",
    "person_trips",
    "flights",
    "supply_channels",
]


def report() -> dict[str, int]:
    """Return the main figures, counted from the database."""
    return {"unions": Union.objects.count()} | {key: COUNTS[key]() for key in _REPORTED}


def demo_people() -> dict[str, Any]:
    """Return the people of the demonstration as `seeds/demo.yaml` describes them, secrets included."""
    return read("demo")
