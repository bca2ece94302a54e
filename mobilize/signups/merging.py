"""Merging two people: first their sign-ups, so that nobody holds two places at a time, then every other link."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict
from mobilize.core.locks import guarded
from mobilize.fleets.models import Driver
from mobilize.outbox import services as outbox
from mobilize.signups import places, waiting
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift
from mobilize.workers import merging
from mobilize.workers.models import Worker

# Of two sign-ups at one time the more certain one stays.
CERTAINTY = [
    SignupStatus.ATTENDED,
    SignupStatus.NO_SHOW,
    SignupStatus.CONFIRMED,
    SignupStatus.OFFERED,
    SignupStatus.WAITLISTED,
]


@transaction.atomic
def merge(*, actor: Actor, keep_id: UUID, drop_id: UUID, now: datetime) -> Worker:
    """Make two workers one. Ids of sign-ups stay, so every link to them stays alive.

    Where both are signed up at overlapping times the more certain sign-up stays, of equal ones the older; the other one
    is withdrawn and its place is offered on.

    Args:
        actor: an administrator of both their unions.
        keep_id: the worker that stays.
        drop_id: the worker that goes; her number leads to the one that stays.
        now: current time.
    Returns:
        The worker that stays.
    Raises:
        Unauthenticated, NotFound, Forbidden, Invalid, Conflict: see `workers.merging.demand_merge`.
        Conflict: `both_drive`: each is on the roster of a fleet, and nobody drives for two.
    """
    places.hold([keep_id, drop_id])
    keep, drop = merging.demand_merge(actor, keep_id=keep_id, drop_id=drop_id)
    if Driver.objects.filter(worker__in=[keep, drop], active=True).count() > 1:
        raise Conflict("both_drive")
    theirs = Signup.objects.filter(worker__in=[keep, drop]).exclude(status=SignupStatus.WITHDRAWN)
    involved = Shift.objects.filter(pk__in=theirs.values("shift")).select_related("task__campaign").order_by("pk")
    shifts = {shift.pk: shift for shift in guarded(involved)}
    freed = _withdraw_doubles(list(theirs.filter(shift__in=shifts)), shifts, actor, now)
    Signup.objects.filter(worker=drop).update(worker=keep)
    merging.move_links(keep=keep, drop=drop)
    for shift in freed:
        waiting.promote(shift=shift, now=now)
    transitions.record([drop], before="", to="merged", actor=actor, now=now, why=f"into {keep.pk}")
    outbox.record("worker.merged", keep.pk, dropped=str(drop.pk))
    return keep


def _withdraw_doubles(rows: list[Signup], shifts: dict[UUID, Shift], actor: Actor, now: datetime) -> list[Shift]:
    """Leave one sign-up at any time; return the shifts where a place became free."""
    rows.sort(key=lambda row: (CERTAINTY.index(SignupStatus(row.status)), row.created_at, row.pk))
    stay: list[Shift] = []
    freed = []
    for row in rows:
        shift = shifts[row.shift_id]
        if any(shift.starts_at < other.ends_at and other.starts_at < shift.ends_at for other in stay):
            waiting.give_up([row], shift=shift, topic="signup.withdrawn", actor=actor, now=now, why="merged")
            freed.append(shift)
        else:
            stay.append(shift)
    return freed
