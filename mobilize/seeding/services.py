"""Loading the city."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import connection, transaction

from mobilize.seeding.loaders import (
    airport,
    campaign,
    demo,
    desk,
    duty,
    figures,
    fleets,
    organisations,
    places,
    supply,
    upcoming,
    volunteers,
)

Step = tuple[str, Callable[[], None]]
Progress = Callable[[str, int, int], None]
_LOCK = 8_620_221_117  # two loads at once would both find an empty city


@transaction.atomic
def load(*, now: datetime, progress: Progress) -> bool:
    """Load what is not there yet: all of it or, after an error, nothing.

    Outside the demonstration only organisations, the campaign, the supply directory and the figures are loaded,
    never people. In it, a later day's load adds the shifts of the days that have come near.

    Args:
        now: current time.
        progress: called as each step begins, with its name, its number from 0, and how many steps there are;
            and a last time with an empty name when all are done.
    Returns:
        False when there was nothing to load.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    steps = _missing(now)
    for number, (name, run) in enumerate(steps):
        progress(name, number, len(steps))
        run()
    progress("", len(steps), len(steps))
    return bool(steps)


def _missing(now: datetime) -> list[Step]:
    steps: list[Step] = []
    if not campaign.is_loaded():
        steps += [
            ("unions", organisations.load),
            ("campaign", campaign.load),
            ("supply channels", supply.load),
            ("figures", figures.load),
        ]
    if not settings.DEMO:
        return steps
    if steps or not volunteers.are_loaded():
        steps += [
            ("views", campaign.load_views),
            ("sites, teams, posts", places.load),
            ("volunteers", volunteers.load),
            ("duty and services", duty.load),
            ("airport", airport.load),
            ("fleets", fleets.load),
            ("demo people", partial(demo.load, now=now)),
            ("transport", partial(desk.load, now=now)),
        ]
    if steps or upcoming.missing_days(now=now):
        steps.append(("coming shifts", partial(upcoming.load, now=now)))
    return steps
