"""Times of the story, in the city's zone."""

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from mobilize.seeding.files import read
from mobilize.seeding.shares import split

# People join in waves: most of them in the late morning and after supper.
_WAVES = {7: 2, 8: 4, 9: 7, 10: 10, 11: 8, 12: 5, 13: 4, 14: 5, 15: 5, 16: 5, 17: 6, 18: 8, 19: 12, 20: 14, 21: 8, 22: 3}
# The turns of a day, as hours.
WINDOWS = [(7, 11), (11, 15), (15, 19), (19, 22)]
_LAST_DAY_ENDS = 16  # so that whoever joined can still serve on the last evening


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
        waves = {hour: weight for hour, weight in _WAVES.items() if day != days()[-1] or hour < _LAST_DAY_ENDS}
        hours = chance.choices(list(waves), list(waves.values()), k=count)
        moments += [at(day, hour) + timedelta(seconds=chance.randrange(3600)) for hour in hours]
    return sorted(moments)
