"""Quiet hours, between 22:00 and 06:30 of the city unless the settings say otherwise: only what is urgent leaves."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

# what begins sooner after their end could not be read in time
TIME_TO_READ = timedelta(hours=1)


def morning_after(now: datetime) -> datetime | None:
    """Return when the quiet hours end in which a moment lies, None outside them."""
    if settings.QUIET_HOURS is None:
        return None
    begin, end = settings.QUIET_HOURS
    local = timezone.localtime(now)
    clock, over_midnight = local.time(), end < begin
    if not (clock >= begin or clock < end if over_midnight else begin <= clock < end):
        return None
    day = local.date() + timedelta(days=over_midnight and clock >= begin)
    return timezone.make_aware(datetime.combine(day, end))


def leaves_at(at: datetime, *, urgent: bool, before: datetime) -> datetime:
    """Return when something due at a moment leaves: then, or in the morning after the quiet hours in which it lies.

    Args:
        at: when it is due.
        urgent: it leaves at any time.
        before: what begins within an hour after the quiet hours, or in them, cannot wait for the morning.
    """
    morning = None if urgent else morning_after(at)
    return morning if morning and before > morning + TIME_TO_READ else at


def cannot_wait(at: datetime, *, before: datetime) -> bool:
    """Tell whether what begins at `before` begins so soon after the next quiet hours that they must not keep a message
    about it, however often it has to be tried.

    Args:
        at: when it is due.
        before: when what it is about begins.
    """
    if settings.QUIET_HOURS is None:
        return True
    local, end = timezone.localtime(at), settings.QUIET_HOURS[1]
    day = local.date() + timedelta(days=local.time() >= end)
    return before <= timezone.make_aware(datetime.combine(day, end)) + TIME_TO_READ
