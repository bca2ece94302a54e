"""Times of the story, in the city's zone."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from mobilize.seeding.files import read
from mobilize.seeding.shares import split

# How many join in each hour from the first, in proportion: most in the late morning and after supper.
_FIRST_HOUR = 7
_WAVES = [2, 4, 7, 10, 8, 5, 4, 5, 5, 5, 6, 8, 12, 14, 8, 3]
# The turns of a day, as hours.
WINDOWS = [(7, 11), (11, 15), (15, 19), (19, 22)]
_LAST_HOUR = 16  # of the last day, so that whoever joined can still serve that evening


def at(day: date, hour: int) -> datetime:
    """Return a full hour of a day."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def days() -> list[date]:
    """Return the days of the story."""
    return list(read("campaign")["volunteers"]["by_day"])


def joining(chance: random.Random) -> list[datetime]:
    """Return when each volunteer joined, sorted: the days as shared out, the hours in waves."""
    data = read("campaign")["volunteers"]
    counts = split(data["total"], list(data["by_day"].values()))
    moments = []
    for day, count in zip(days(), counts, strict=True):
        waves = _WAVES[: _LAST_HOUR - _FIRST_HOUR] if day == days()[-1] else _WAVES
        hours = chance.choices(range(_FIRST_HOUR, _FIRST_HOUR + len(waves)), waves, k=count)
        moments += [at(day, hour) + timedelta(seconds=chance.randrange(3600)) for hour in hours]
    return sorted(moments)
