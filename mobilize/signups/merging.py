"""Merging two people: first their sign-ups, so that nobody holds two places at a time, then every other link."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

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
from mobilize.workers import merging as people
from mobilize.workers.models import Worker

# Of two sign-ups at one time the more certain one stays.
CERTAINTY = [
    SignupStatus.ATTENDED,
    SignupStatus.NO_SHOW,
    SignupStatus.CONFIRMED,
    SignupStatus.OFFERED,
    SignupStatus.WAITLISTED,
]


@dataclass(frozen=True)
class Side:
    """One of two people, and how much hangs on her row.

    Attributes:
        worker: with user and union.
        signups: those not withdrawn.
        pledges: campaigns whose covenant she accepted.
        honours: of any status.
    """

    worker: Worker
    signups: int
    pledges: int
    honours: int


@dataclass(frozen=True)
class Preview:
    """What merging two people would do.

    Attributes:
        keep, drop: who stays, and who goes.
        given_back: sign-ups that would be withdrawn, because both are somewhere at that time.
        obstacle: why it is impossible now, else None.
    """

    keep: Side
    drop: Side
    given_back: list[Signup]
    obstacle: Conflict | None


def preview(*, actor: Actor, keep_id: UUID, drop_id: UUID) -> Preview:
    """Show two people side by side before they become one; changes nothing.

    Args:
        actor, keep_id, drop_id: as in `merge`.
    Raises:
        Unauthenticated, NotFound, Forbidden, Invalid: see `workers.merging.demand_pair`.
    """
    keep, drop = people.demand_pair(actor, keep_id=keep_id, drop_id=drop_id)
    obstacle = None
    try:
        _demand_fit(keep, drop)
    except Conflict as error:
        obstacle = error
    theirs = list(_live(keep, drop).select_related("shift__post__site"))
    return Preview(keep=_side(keep), drop=_side(drop), given_back=_doubles(theirs), obstacle=obstacle)


def _side(worker: Worker) -> Side:
    return Side(
        worker=worker,
        signups=_live(worker).count(),
        pledges=worker.pledges.count(),
        honours=worker.honours.count(),
    )


def merge_numbers(*, actor: Actor, keep: str, drop: str, now: datetime) -> Worker:
    """Make the people behind two numbers one.

    Args:
        actor: as in `merge`.
        keep, drop: numbers as typed; see `workers.merging.find_pair`.
        now: current time.
    Returns:
        The worker that stays.
    Raises:
        Unauthenticated, Forbidden, Invalid: see `workers.merging.find_pair`.
        Conflict, NotFound: see `merge`.
    """
    keep_id, drop_id = people.find_pair(actor=actor, keep=keep, drop=drop)
    return merge(actor=actor, keep_id=keep_id, drop_id=drop_id, now=now)


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
        Unauthenticated, NotFound, Forbidden, Invalid: see `workers.merging.demand_pair`.
        Conflict: see `workers.merging.demand_fit`; `both_drive`: each is on the roster of a fleet, and nobody drives
            for two.
    """
    places.hold([keep_id, drop_id])
    keep, drop = people.demand_pair(actor, keep_id=keep_id, drop_id=drop_id)
    _demand_fit(keep, drop)
    theirs = _live(keep, drop)
    involved = Shift.objects.filter(pk__in=theirs.values("shift")).select_related("task__campaign").order_by("pk")
    shifts = {shift.pk: shift for shift in guarded(involved)}
    rows = list(theirs.filter(shift__in=shifts))
    for row in rows:
        row.shift = shifts[row.shift_id]
    given_back = _doubles(rows)
    for row in given_back:
        waiting.give_up([row], shift=row.shift, topic="signup.withdrawn", actor=actor, now=now, why="merged")
    Signup.objects.filter(worker=drop).update(worker=keep)
    people.move_links(keep=keep, drop=drop)
    for row in given_back:
        waiting.promote(shift=row.shift, now=now)
    transitions.record([drop], before="", to="merged", actor=actor, now=now, why=f"into {keep.pk}")
    outbox.record("worker.merged", keep.pk, dropped=str(drop.pk))
    return keep


def _live(*workers: Worker) -> QuerySet[Signup]:
    return Signup.objects.filter(worker__in=workers).exclude(status=SignupStatus.WITHDRAWN)


def _demand_fit(keep: Worker, drop: Worker) -> None:
    people.demand_fit(keep=keep, drop=drop)
    if Driver.objects.filter(worker__in=[keep, drop], active=True).count() > 1:
        raise Conflict("both_drive")


def _doubles(rows: list[Signup]) -> list[Signup]:
    """Return the sign-ups, each with its shift, that must go so that one is left at any time."""
    rows = sorted(rows, key=lambda row: (CERTAINTY.index(SignupStatus(row.status)), row.created_at, row.pk))
    stay: list[Shift] = []
    go = []
    for row in rows:
        if any(row.shift.starts_at < other.ends_at and other.starts_at < row.shift.ends_at for other in stay):
            go.append(row)
        else:
            stay.append(row.shift)
    return go
