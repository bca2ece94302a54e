"""What was loaded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mobilize.reports.queries import COUNTS
from mobilize.seeding.files import read
from mobilize.signups.models import SignupGroup
from mobilize.tasks.models import Shift
from mobilize.tasks.policies import open_shifts
from mobilize.unions.models import Union

ON_THE_SPOT_IN = timedelta(minutes=10)
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


@dataclass(frozen=True)
class Examples:
    """What a visitor of the demonstration is led to; None when it is over or was never loaded."""

    group: SignupGroup | None
    opens_later: Shift | None
    on_the_spot: Shift | None


def examples(*, now: datetime) -> Examples:
    """Return the group of the demonstration that is signed up, the next shift whose sign-up opens later, and the one
    under way whose list the demonstration's team leader keeps.
    """
    groups = SignupGroup.objects.filter(leader__phone=read("demo")["group"]["leader"], shift__starts_at__gt=now)
    later = open_shifts().filter(opens_at__gt=now).select_related("post__site")
    kept = Shift.objects.select_related("post__site").filter(
        post__team__leader__user__phone=read("demo")["team_leader"]["phone"], ends_at__gt=now
    )
    return Examples(
        group=groups.select_related("leader").order_by("shift__starts_at").first(),
        opens_later=later.order_by("opens_at", "pk").first(),
        on_the_spot=kept.select_related("post__site")
        .filter(starts_at__lt=now + ON_THE_SPOT_IN * 2)
        .order_by("starts_at")
        .first(),
    )
