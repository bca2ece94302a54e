"""Loading the city."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from mobilize.seeding.loaders import (
    airport,
    campaign,
    demo,
    desk,
    duty,
    examples,
    figures,
    fleets,
    organisations,
    places,
    supply,
    upcoming,
    volunteers,
)

_LOCK = 8_620_221_117  # two loads at once would both find an empty city


class Step(NamedTuple):
    """A part of the load."""

    name: str
    run: Callable[[], None]


@transaction.atomic
def load(*, now: datetime, progress: Callable[[list[Step]], Iterable[Step]]) -> bool:
    """Load what is not there yet: all of it or, after an error, nothing.

    Outside the demonstration only organisations, the campaign, the supply directory and the figures are
    loaded, never people. In it, a later day's load adds the shifts of the days that have come near.

    Args:
        now: current time.
        progress: hands the steps through one by one and may show how far they have come.
    Returns:
        False when there was nothing to load.
    """
    _execute("SELECT pg_advisory_xact_lock(%s)", _LOCK)
    steps = _missing(now)
    if not steps:
        return False
    # Foreign keys are checked now rather than at the commit; without statistics the first pages would be
    # planned for an empty database.
    steps += [Step("foreign keys", connection.check_constraints), Step("statistics", partial(_execute, "ANALYZE"))]
    for step in progress(steps):
        step.run()
    return True


def _missing(now: datetime) -> list[Step]:
    steps: list[Step] = []
    if not campaign.is_loaded():
        steps += [
            Step("unions", organisations.load),
            Step("campaign", campaign.load),
            Step("supply channels", supply.load),
            Step("figures", figures.load),
        ]
    if not settings.DEMO:
        return steps
    if steps or not volunteers.are_loaded():
        steps += [
            Step("views", campaign.load_views),
            Step("sites, teams, posts", places.load),
            Step("volunteers", volunteers.load),
            Step("duty and services", duty.load),
            Step("airport", airport.load),
            Step("fleets", fleets.load),
            Step("demo people", partial(demo.load, now=now)),
            Step("transport", partial(desk.load, now=now)),
            # what follows looks for people who are free: planned for empty tables, that takes minutes
            Step("statistics of people", partial(_execute, "ANALYZE")),
        ]
    if steps or upcoming.missing_days(now=now):
        steps.append(Step("coming shifts", partial(upcoming.load, now=now)))
    if steps or not examples.are_there(now=now):
        steps.append(Step("examples", partial(examples.load, now=now)))
    return steps


def _execute(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
