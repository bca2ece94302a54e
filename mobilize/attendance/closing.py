"""A shift is over and somebody forgot to say that she left: she is taken to have stayed until the planned end."""

from datetime import datetime

from django.db import transaction

from mobilize.attendance import checkins, queries
from mobilize.attendance.models import CheckIn
from mobilize.attendance.states import GRACE, Source
from mobilize.core.actor import SYSTEM

A_BATCH = 500


def close_ended(*, now: datetime) -> int:
    """Close check-ins of shifts that are over; a later word about the leaving still replaces the planned end.

    Args:
        now: current time.
    Returns:
        How many, at most 500 at a time.
    """
    return sum(_close(checkin, now) for checkin in queries.to_close(now=now, after=GRACE)[:A_BATCH])


@transaction.atomic
def _close(checkin: CheckIn, now: datetime) -> int:
    end = max(checkin.shift.ends_at, checkin.arrived_at)
    says = {"left_at": end, "left_heard_at": now, "left_source": Source.PLANNED}
    if not CheckIn.objects.filter(pk=checkin.pk, left_at=None).update(**says):
        return 0
    checkin.left_at, checkin.left_source = end, Source.PLANNED
    checkins.settle(checkin, shift=checkin.shift, worker=checkin.worker, actor=SYSTEM, now=now)
    return 1
