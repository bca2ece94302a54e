"""Signing others up: a group that comes together or not at all, and people without a smartphone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid, NotFound
from mobilize.core.texts import MOST_NAME, is_plain
from mobilize.signups import group_limits, places, policies
from mobilize.signups.models import Signup, SignupGroup
from mobilize.signups.services import accept_covenant, refuse_second_place, shift_to_fill, take_or_wait
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift
from mobilize.tasks.policies import open_shifts
from mobilize.workers.enrolment import PersonLine, check_people, correct_names, ensure_workers, workers_of
from mobilize.workers.models import Worker
from mobilize.workers.queries import profile_or_error

MOST_IN_A_GROUP = 50
MOST_AT_THE_DESK = 200


@clash_as_conflict()
@transaction.atomic
def sign_up_group(
    *,
    actor: Actor,
    shift_id: UUID,
    name: str,
    members: Sequence[PersonLine],
    now: datetime,
    with_me: bool = True,
    accepts_covenant: bool = False,
) -> SignupGroup:
    """Sign up a group: all of it gets places, or all of it waits and is promoted whole (see `waiting`).

    Args:
        actor: the leader, a person with a profile; she answers for the group.
        shift_id: as in `services.sign_up`.
        name: of the group, 1 to 60 characters.
        members: without the leader; up to 50 people, 200 for officers. New numbers become people of the system.
        now: current time.
        with_me: whether the leader comes too.
        accepts_covenant: the leader says that everybody keeps it; needed when somebody has not accepted it yet.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: no such shift; `no_profile`.
        Invalid: every wrong field at once: `name`, `members`, `members.<index>.<field>`, `accepts_covenant`; a member
            who has something else at that time is `busy`; `group_too_big` with `places`.
        Conflict: as `services.sign_up`, for the leader herself.
        TooMany: `groups_too_fast`, `people_too_fast`: see `group_limits`.
    """
    leader = profile_or_error(user_id=actor.person)
    group_limits.spend_group(actor)
    wrong: dict[str, list[str]] = {}
    if not name.strip():
        wrong["name"] = ["required"]
    elif not is_plain(name):
        wrong["name"] = ["bad_text"]
    elif len(name.strip()) > MOST_NAME:
        wrong["name"] = ["too_long"]
    shift = _visible(shift_id)
    numbers, bad = _check(actor, members, shift)
    group_limits.spend_people(actor, numbers)
    if str(leader.user.phone) in numbers:
        bad.setdefault(f"members.{numbers[str(leader.user.phone)]}.phone", ["leader_is_in_already"])
    size = len(members) + with_me
    if members and size > shift.places:
        bad["members"] = ["group_too_big"]
    if wrong | bad:
        raise Invalid(wrong | bad, places=shift.places, most=_most(actor))
    names = {phone: members[index].name for phone, index in numbers.items()}
    people = list(ensure_workers(names, union_id=leader.union_id, now=now).values())
    everybody = [leader, *people] if with_me else people
    shift = _held(everybody, shift_id, now)
    if with_me:
        refuse_second_place(leader, shift)
    _refuse_busy(people, shift)
    if len(everybody) > shift.places:
        raise Invalid({"members": ["group_too_big"]}, places=shift.places)
    accept_covenant(everybody, shift.task.campaign, accepts=accepts_covenant, now=now)
    group = SignupGroup.objects.create(shift=shift, name=name.strip(), leader_id=actor.user_id, created_at=now)
    take_or_wait(everybody, shift, by=actor.user_id, now=now, group=group)
    return group


@clash_as_conflict()
@transaction.atomic
def enrol(
    *,
    actor: Actor,
    shift_id: UUID,
    members: Sequence[PersonLine],
    now: datetime,
    accepts_covenant: bool = False,
    corrects_names: bool = False,
) -> list[Signup]:
    """Sign up people who have no smartphone, each on her own; their rows say who did it.

    Args:
        actor: a dispatcher of the task's union, a partner for it, or the leader of the team at the post.
        shift_id: as in `services.sign_up`.
        members: up to 200 people, 50 for a team's leader; new numbers become people of the system, in the task's
            union.
        now: current time.
        accepts_covenant: the actor says that everybody keeps it.
        corrects_names: an officer or a partner says that the names of this list are right, see
            `workers.enrolment.correct_names`; without it such a name is refused as `name_unproven`.
    Returns:
        The sign-ups in the order of the lines: some may have a place and the others wait.
    Raises:
        Unauthenticated
        NotFound: no such shift.
        Forbidden: `leaders_only`, `role_too_weak`.
        Invalid: as in `sign_up_group`.
        Conflict: `not_open_yet`, `shift_has_begun`.
        TooMany: `people_too_fast`: see `group_limits`.
    """
    policies.demand_enrol(actor, shift_id=shift_id)
    shift = _visible(shift_id)
    at_the_desk = group_limits.is_desk(actor)
    numbers, wrong = _check(actor, members, shift, may_correct=at_the_desk)
    group_limits.spend_people(actor, numbers)
    if corrects_names:
        wrong = {name: codes for name, codes in wrong.items() if codes != ["name_unproven"]}
    if wrong:
        raise Invalid(wrong, most=_most(actor))
    names = {phone: members[index].name for phone, index in numbers.items()}
    if corrects_names and at_the_desk:
        correct_names(names, actor=actor, now=now)
    people = list(ensure_workers(names, union_id=shift.task.union_id, now=now).values())
    shift = _held(people, shift_id, now)
    _refuse_busy(people, shift)
    accept_covenant(people, shift.task.campaign, accepts=accepts_covenant, now=now)
    return [take_or_wait([worker], shift, by=actor.user_id, now=now)[0] for worker in people]


def _most(actor: Actor) -> int:
    return MOST_AT_THE_DESK if group_limits.is_desk(actor) else MOST_IN_A_GROUP


def _visible(shift_id: UUID) -> Shift:
    shift = open_shifts().select_related("task").filter(pk=shift_id).first()
    if shift is None:
        raise NotFound
    return shift


def _check(
    actor: Actor, members: Sequence[PersonLine], shift: Shift, *, may_correct: bool = False
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Return the lines by number, and what is wrong with them."""
    if not members:
        return {}, {"members": ["required"]}
    if len(members) > _most(actor):
        return {}, {"members": ["too_many_people"]}
    numbers, wrong = check_people(members, field="members", may_correct=may_correct)
    known = workers_of(numbers)
    busy = {worker.pk for worker in _busy(list(known.values()), shift)}
    for phone, worker in known.items():
        line = f"members.{numbers[phone]}"
        # who does not know the name learns nothing about the number
        if worker.pk in busy and wrong.get(f"{line}.name", ["name_unproven"]) == ["name_unproven"]:
            wrong.setdefault(f"{line}.phone", ["busy"])
    return numbers, wrong


def _held(people: list[Worker], shift_id: UUID, now: datetime) -> Shift:
    places.hold([worker.pk for worker in people])
    return shift_to_fill(shift_id, now=now)


def _busy(people: list[Worker], shift: Shift) -> list[Worker]:
    """Those of the people who have something at the time of the shift."""
    at_that_time = Signup.objects.filter(
        worker__in=people, shift__starts_at__lt=shift.ends_at, shift__ends_at__gt=shift.starts_at
    )
    busy = set(at_that_time.exclude(status=SignupStatus.WITHDRAWN).values_list("worker", flat=True))
    return [worker for worker in people if worker.pk in busy]


def _refuse_busy(people: list[Worker], shift: Shift) -> None:
    """Look once more, now that everybody is held."""
    if _busy(people, shift):
        raise Conflict("changed_meanwhile")
