"""Quiet hours: between 22:00 and 06:30 of the city only what is urgent leaves."""

from datetime import datetime, time, timedelta

from django.utils import timezone

EVENING, MORNING = time(22, 0), time(6, 30)
# what is over before it could be read in the morning cannot wait until then
TIME_TO_READ = timedelta(hours=1)


def morning_after(now: datetime) -> datetime | None:
    """Return when the quiet hours end in which a moment lies, None outside them."""
    local = timezone.localtime(now)
    if MORNING <= local.time() < EVENING:
        return None
    day = local.date() + timedelta(days=local.time() >= EVENING)
    return timezone.make_aware(datetime.combine(day, MORNING))
