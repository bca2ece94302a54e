"""Signing up, withdrawing, and the waiting list.

The shift's row is locked while places are counted and taken, so parallel requests queue at it and nobody is
booked over the limit.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from mobilize.campaigns import services as campaigns
from mobilize.core import transitions
from mobilize.core.actor import SYSTEM, Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.locks import guarded, locked
from mobilize.outbox import services as outbox
from mobilize.signups import policies, queries
from mobilize.signups.models import Signup
from mobilize.signups.states import AHEAD, TAKING_A_PLACE, SignupStatus
from mobilize.tasks.models import Shift
from mobilize.tasks.policies import open_shifts
from mobilize.workers import services as workers
from mobilize.workers.models import Worker
from mobilize.workers.queries import profile_or_error


@clash_as_conflict()
@transaction.atomic
def sign_up(*, actor: Actor, shift_id: UUID, now: datetime, accepts_covenant: bool = False) -> Signup:
    """Take a place on a shift, or the end of its waiting list when it is full.

    Args:
        actor: the signed-in person, who has a profile.
        shift_id: a shift of a published task in an open campaign.
        now: current time.
        accepts_covenant: needed once per campaign.
    Returns:
        The sign-up with `position` (from 1 on the waiting list, else None).
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: no such shift; `no_profile`.
        Invalid: `required` beside `accepts_covenant`.
        Conflict: `shift_has_begun`; `already_signed_up` with `signup_id`; `overlaps` with `signup_id`, `starts_at`,
            `ends_at` and `site` of the other shift.
    """
    worker = profile_or_error(user_id=actor.person)
    shift = locked(open_shifts().select_related("task__campaign"), pk=shift_id)
    if shift.starts_at <= now:
        raise Conflict("shift_has_begun")
    _refuse_a_second_place(worker, shift)
    campaign = shift.task.campaign
    if not accepts_covenant and not campaign.pledges.filter(worker=worker).exists():
        raise Invalid({"accepts_covenant": ["required"]})
    campaigns.pledge(campaign=campaign, worker=worker, now=now)
    free = _free_places(shift) > 0
    signup = Signup.objects.create(
        shift=shift,
        worker=worker,
        status=SignupStatus.CONFIRMED if free else SignupStatus.WAITLISTED,
        waiting_number=None if free else _next_number(shift),
        signed_up_by_id=actor.user_id,
        created_at=now,
    )
    outbox.record(f"signup.{signup.status}", signup.pk)
    return queries.one(Signup.objects.all(), signup.pk)


def join(
    *,
    actor: Actor,
    shift_id: UUID,
    name: str,
    union_id: UUID | None,
    consent: bool,
    now: datetime,
    accepts_covenant: bool = False,
) -> Signup:
    """Introduce oneself and sign up in one step. The profile stays when there is no place to take any more.

    Args:
        actor: the signed-in person.
        shift_id: as in `sign_up`.
        name, union_id, consent: as in `workers.services.save_profile`.
        now: current time.
        accepts_covenant: as in `sign_up`.
    Raises:
        Unauthenticated, Invalid, NotFound, Conflict: see `workers.services.save_profile` and `sign_up`.
    """
    workers.save_profile(actor=actor, name=name, union_id=union_id, consent=consent, now=now)
    return sign_up(actor=actor, shift_id=shift_id, accepts_covenant=accepts_covenant, now=now)


def _refuse_a_second_place(worker: Worker, shift: Shift) -> None:
    # The worker's row is held so that two sign-ups of one person for two shifts see each other.
    locked(Worker.objects.all(), pk=worker.pk)
    others = Signup.objects.filter(worker=worker).select_related("shift__post__site")
    same = others.filter(shift=shift).exclude(status=SignupStatus.WITHDRAWN).first()
    if same:
        raise Conflict("already_signed_up", signup_id=str(same.pk))
    other = others.filter(
        status__in=AHEAD, shift__starts_at__lt=shift.ends_at, shift__ends_at__gt=shift.starts_at
    ).first()
    if other:
        raise Conflict(
            "overlaps",
            signup_id=str(other.pk),
            site=other.shift.post.site.name,
            starts_at=other.shift.starts_at.isoformat(),
            ends_at=other.shift.ends_at.isoformat(),
        )


def _free_places(shift: Shift) -> int:
    return shift.places - Signup.objects.filter(shift=shift, status__in=TAKING_A_PLACE).count()


def _next_number(shift: Shift) -> int:
    return (Signup.objects.filter(shift=shift).aggregate(last=Max("waiting_number"))["last"] or 0) + 1


@transaction.atomic
def withdraw(*, actor: Actor, signup_id: UUID, now: datetime) -> Signup:
    """Give a place back; the head of the waiting list gets it in the same transaction.

    Args:
        actor: the person who signed up.
        signup_id: which.
        now: current time.
    Raises:
        Unauthenticated
        NotFound
        Conflict: `wrong_status` when it is withdrawn or over; `shift_has_begun`.
    """
    signup = queries.one(policies.own(actor), signup_id)
    shift = locked(Shift.objects.all(), pk=signup.shift_id)
    signup.refresh_from_db(fields=["status"])
    if shift.starts_at <= now:
        raise Conflict("shift_has_begun")
    transitions.move(signup, to=SignupStatus.WITHDRAWN, allowed_from=AHEAD, actor=actor, now=now, withdrawn_at=now)
    outbox.record("signup.withdrawn", signup.pk)
    promote(shift=shift, now=now)
    return signup


def promote(*, shift: Shift, now: datetime) -> list[Signup]:
    """Give free places to the head of the waiting list. Runs inside the transaction that holds the shift's lock.

    Args:
        shift: locked by the caller.
        now: current time.
    Returns:
        Who moved up, in order.
    """
    free = _free_places(shift)
    if free <= 0 or shift.starts_at <= now:
        return []
    waiting = Signup.objects.filter(shift=shift, status=SignupStatus.WAITLISTED).order_by("waiting_number")
    promoted = list(guarded(waiting)[:free])
    for signup in promoted:
        transitions.move(
            signup,
            to=SignupStatus.CONFIRMED,
            allowed_from=[SignupStatus.WAITLISTED],
            actor=SYSTEM,
            now=now,
            why="a place became free",
        )
        outbox.record("signup.promoted", signup.pk)
    return promoted


@transaction.atomic
def call_off(*, task_id: UUID, now: datetime) -> int:
    """A task was cancelled: free everybody who was to come to its coming shifts; nobody moves up.

    Args:
        task_id: which.
        now: current time.
    Returns:
        How many sign-ups.
    """
    shifts = guarded(Shift.objects.filter(task_id=task_id, starts_at__gt=now).order_by("pk"))
    ahead = list(guarded(Signup.objects.filter(shift__in=list(shifts), status__in=AHEAD).order_by("pk")))
    for signup in ahead:
        _free(signup, now=now, why="the task was called off")
        outbox.record("signup.called_off", signup.pk)
    return len(ahead)


@transaction.atomic
def leave_all(*, user_id: UUID, now: datetime) -> int:
    """A person is gone for good: her places go to those waiting.

    Args:
        user_id: who.
        now: current time.
    Returns:
        How many sign-ups.
    """
    ahead = Signup.objects.filter(worker__user_id=user_id, status__in=AHEAD, shift__starts_at__gt=now)
    left = 0
    for shift in guarded(Shift.objects.filter(pk__in=ahead.values("shift")).order_by("pk")):
        for signup in guarded(ahead.filter(shift=shift)):
            _free(signup, now=now, why="the account was closed")
            outbox.record("signup.withdrawn", signup.pk)
            left += 1
        promote(shift=shift, now=now)
    return left


def _free(signup: Signup, *, now: datetime, why: str) -> None:
    transitions.move(
        signup, to=SignupStatus.WITHDRAWN, allowed_from=AHEAD, actor=SYSTEM, now=now, why=why, withdrawn_at=now
    )
