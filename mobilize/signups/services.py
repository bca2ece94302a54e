"""Signing up, withdrawing, and how many places a shift has."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from mobilize.campaigns import services as campaigns
from mobilize.campaigns.models import Campaign
from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.locks import locked
from mobilize.signups import places, policies, queries, waiting
from mobilize.signups.models import Signup, SignupGroup
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.tasks import policies as tasks
from mobilize.tasks.models import Shift
from mobilize.tasks.states import LIVE, TaskStatus
from mobilize.unions.queries import by_code_or_none
from mobilize.workers.models import Worker
from mobilize.workers.queries import profile_or_error

MOST_PLACES = 1000


def sign_up(*, actor: Actor, shift_id: UUID, now: datetime, accepts_covenant: bool = False, via: str = "") -> Signup:
    """Take a place on a shift, or the end of its waiting list when it is full.

    One statement does it (`places.take_one`). When that changes nothing, the long way finds the reason, or deals with
    what the statement leaves alone: a place is free although a group waits that is too big for it.

    Args:
        actor: the signed-in person, who has a profile.
        shift_id: a shift of a published task in an open campaign.
        now: current time.
        accepts_covenant: needed once per campaign.
        via: code of the union whose share link brought her; an unknown one is none.
    Returns:
        The sign-up with `position` (from 1 on the waiting list, else None).
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: no such shift; `no_profile`.
        Invalid: `required` beside `accepts_covenant`.
        Conflict: `not_open_yet` with `opens_at`; `shift_has_begun`; `already_signed_up` with `signup_id`; `overlaps`
            with `signup_id`, `starts_at`, `ends_at` and `site` of the other shift.
        OperationalError: the database cannot answer in time; see `turns`.
    """
    person = actor.person
    try:
        signup = places.take_one(user_id=person, shift_id=shift_id, accepts_covenant=accepts_covenant, via=via, now=now)
    except IntegrityError:  # she did something else at the same instant; by now it can be seen
        signup = None
    return signup or _sign_up_step_by_step(person, shift_id, accepts_covenant, via, now)


@clash_as_conflict()
@transaction.atomic
def _sign_up_step_by_step(user_id: UUID, shift_id: UUID, accepts_covenant: bool, via: str, now: datetime) -> Signup:
    worker = profile_or_error(user_id=user_id)
    places.hold([worker.pk])
    shift = shift_to_fill(shift_id, now=now)
    refuse_second_place(worker, shift)
    accept_covenant([worker], shift.task.campaign, accepts=accepts_covenant, via=via, now=now)
    [signup] = take_or_wait([worker], shift, by=user_id, now=now)
    return queries.one(Signup.objects.all(), signup.pk)


def shift_to_fill(shift_id: UUID, *, now: datetime) -> Shift:
    """Return a shift that people can sign up for now, locked, with its campaign.

    Raises:
        NotFound
        Conflict: `shift_has_begun`; `not_open_yet` with `opens_at`.
    """
    shift = locked(tasks.open_shifts().select_related("task__campaign"), pk=shift_id)
    if shift.starts_at <= now:
        raise Conflict("shift_has_begun")
    if shift.opens_at and shift.opens_at > now:
        raise Conflict("not_open_yet", opens_at=shift.opens_at.isoformat())
    return shift


def refuse_second_place(worker: Worker, shift: Shift, *, apart_from: Signup | None = None) -> None:
    """Let pass a worker, held by the caller, who has nothing else at the time of the shift.

    Args:
        worker, shift: who would come to what.
        apart_from: a place of hers that she would give for it.
    Raises:
        Conflict: `already_signed_up`, `overlaps`; see `sign_up`.
    """
    others = Signup.objects.filter(worker=worker).select_related("shift__post__site")
    if apart_from:
        others = others.exclude(pk=apart_from.pk)
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


def accept_covenant(people: list[Worker], campaign: Campaign, *, accepts: bool, now: datetime, via: str = "") -> None:
    """Note that people keep the campaign's covenant.

    Raises:
        Invalid: `required` beside `accepts_covenant` when somebody has not accepted it yet.
    """
    pledged = set(campaign.pledges.filter(worker__in=people).values_list("worker", flat=True))
    missing = [worker for worker in people if worker.pk not in pledged]
    if missing and not accepts:
        raise Invalid({"accepts_covenant": ["required"]})
    union = by_code_or_none(via)
    for worker in missing:
        campaigns.pledge(campaign=campaign, worker=worker, via=union, now=now)


def take_or_wait(
    people: list[Worker], shift: Shift, *, by: UUID | None, now: datetime, group: SignupGroup | None = None
) -> list[Signup]:
    """Take places for all or none of these people; whoever waits and fits goes first.

    Args:
        people: held by the caller, free at that time.
        shift: from `shift_to_fill`.
        by: the user who signs them up.
        now: current time.
        group: whom they belong to.
    """
    waiting.promote(shift=shift, now=now)
    if len(people) <= shift.left and shift.waiting and not waiting.is_last_call(shift, now):
        waiting.log_passing(waiting.groups_waiting(shift), shift=shift, now=now)
    return places.take(workers=people, shift=shift, by=by, now=now, group=group)


def withdraw_until(shift: Shift) -> datetime:
    """Until when a confirmed place can be given back without calling the organisers.

    Args:
        shift: with its campaign.
    """
    return shift.starts_at - timedelta(hours=shift.task.campaign.withdraw_hours)


@transaction.atomic
def withdraw(*, actor: Actor, signup_id: UUID, now: datetime) -> Signup:
    """Give a place back, or leave the waiting list; a place that becomes free is offered on in the same transaction.

    Whoever has no place any more gets the same answer, and nothing changes: a repeated request is no mistake.

    Args:
        actor: the person herself, the leader of her group, or who signed her up.
        signup_id: which.
        now: current time.
    Raises:
        Unauthenticated
        NotFound
        Conflict: `wrong_status` when it is over; `shift_has_begun`; `too_late_to_withdraw` with the
            `hotline` to call.
    """
    signup = queries.one(policies.withdrawable(actor), signup_id)
    return _give_back(signup, actor=actor, now=now, binding=True, why="")


@transaction.atomic
def release(*, actor: Actor, signup_id: UUID, why: str, now: datetime) -> Signup:
    """Take somebody off a shift at the desk: she has called, up to the start.

    Args:
        actor: a dispatcher of the task's union.
        signup_id: whose.
        why: for the trace, up to 300 characters.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `wrong_status`; `shift_has_begun`.
    """
    signup = queries.one(policies.visible_to_officer(actor), signup_id)
    tasks.demand_change(actor, union_id=signup.shift.task.union_id)
    return _give_back(signup, actor=actor, now=now, binding=False, why=why.strip())


def _give_back(signup: Signup, *, actor: Actor, now: datetime, binding: bool, why: str) -> Signup:
    shift = waiting.locked_shift(signup.shift_id)
    signup.refresh_from_db(fields=["status"])
    if binding and signup.status == SignupStatus.WITHDRAWN:
        return signup
    if signup.status not in AHEAD:
        raise Conflict("wrong_status", status=signup.status, wanted=SignupStatus.WITHDRAWN)
    if shift.starts_at <= now:
        raise Conflict("shift_has_begun")
    if binding and signup.status == SignupStatus.CONFIRMED and now > withdraw_until(shift):
        raise Conflict("too_late_to_withdraw", hotline=shift.task.campaign.hotline)
    waiting.give_up([signup], shift=shift, topic="signup.withdrawn", actor=actor, now=now, why=why)
    waiting.promote(shift=shift, now=now)
    signup.withdrawn_at = now
    return signup


@transaction.atomic
def set_places(*, actor: Actor, shift_id: UUID, places: int, now: datetime) -> Shift:
    """Change how many places a shift has; added ones are offered to those who wait in the same transaction.

    Args:
        actor: a dispatcher of the task's union.
        shift_id: which.
        places: 1 to 1,000, not fewer than are taken.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
        Conflict: `wrong_status` when the task is over or the shift called off; `shift_has_begun`.
        Invalid: `bad_places`; `below_taken` with `taken`, beside `places`.
    """
    shift = locked(tasks.shifts_visible_to(actor).select_related("task__campaign"), pk=shift_id)
    tasks.demand_change(actor, union_id=shift.task.union_id)
    if shift.called_off_at or shift.task.status not in [TaskStatus.DRAFT, *LIVE]:
        raise Conflict("wrong_status", status=shift.task.status)
    if shift.starts_at <= now:
        raise Conflict("shift_has_begun")
    if not places or not 1 <= places <= MOST_PLACES:
        raise Invalid({"places": ["bad_places"]})
    if places < shift.taken:
        raise Invalid({"places": ["below_taken"]}, taken=shift.taken)
    shift.places = places
    shift.save(update_fields=["places"])
    waiting.promote(shift=shift, now=now)
    return shift
