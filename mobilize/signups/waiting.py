"""The waiting list: who moves up, until when she answers, and who is next when she does not.

The rule, in full. People wait in parties: one person, or a group that comes together or not at all. A free place goes
to the first party in order of arrival that fits whole. A group that is bigger than what is free keeps its number and is
passed over, because in an emergency no post stays empty; each passing is logged. The place is held for the party until
its deadline: the campaign's hours from now, at most until two hours before the start; no answer, and it goes to the
next. Once less than half an hour would be left to answer, nobody is promoted any more: whoever answers first gets the
free place, and those at the head of the list are told so. Nor is anybody promoted once the task is over or closed.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import OperationalError, connection, transaction

from mobilize.core import transitions
from mobilize.core.actor import SYSTEM, Actor
from mobilize.core.errors import Conflict
from mobilize.core.locks import locked
from mobilize.outbox import services as outbox
from mobilize.signups import places, policies, queries
from mobilize.signups.models import Signup, SignupGroup
from mobilize.signups.states import Ending, SignupStatus
from mobilize.tasks.models import Shift
from mobilize.tasks.states import LIVE

log = structlog.get_logger()

HELD_UNTIL = timedelta(hours=2)  # before the start, at most
LEAST_TO_ANSWER = timedelta(minutes=30)
# In the last call so many people are told of each free place.
TOLD_OF_A_PLACE = 3
MOST_SHIFTS_AT_A_TIME = 200

Party = list[Signup]


def locked_shift(shift_id: UUID) -> Shift:
    """Return a shift with its campaign, held against everybody who takes or frees its places.

    Raises:
        NotFound
    """
    return locked(Shift.objects.select_related("task__campaign"), pk=shift_id)


def last_call_from(shift: Shift) -> datetime:
    """From when on free places go to whoever answers first, because nobody would have fair time to be asked."""
    return shift.starts_at - HELD_UNTIL - LEAST_TO_ANSWER


def is_last_call(shift: Shift, now: datetime) -> bool:
    """Tell whether free places go to whoever answers first."""
    return now >= last_call_from(shift)


def promote(*, shift: Shift, now: datetime) -> list[Signup]:
    """Offer free places to those who wait. Runs inside the transaction that holds the shift's lock.

    Args:
        shift: with its campaign, locked by the caller.
        now: current time.
    Returns:
        Whose turn it is now, in order.
    """
    if shift.left <= 0 or not shift.waiting or shift.starts_at <= now or shift.task.status not in LIVE:
        return []
    if is_last_call(shift, now):
        _tell_those_at_the_head(shift)
        return []
    hours = timedelta(hours=shift.task.campaign.answer_hours)
    answer_by = min(now + hours, shift.starts_at - HELD_UNTIL)
    promoted: list[Signup] = []
    too_big: list[Party] = []
    for party in _waiting_parties(shift):
        if len(party) > shift.left:
            too_big.append(party)
            continue
        log_passing(too_big, shift=shift, now=now)
        too_big = []
        _offer(party, shift=shift, answer_by=answer_by, now=now)
        promoted += party
        if not shift.left:
            break
    return promoted


def groups_waiting(shift: Shift) -> list[Party]:
    """The groups on a shift's waiting list, in order."""
    return [party for party in _waiting_parties(shift) if party[0].group_id]


def log_passing(groups: list[Party], *, shift: Shift, now: datetime) -> None:
    """Note that somebody who came later got a place before these groups, and why."""
    whole = SignupGroup.objects.in_bulk([party[0].group_id for party in groups])
    for party in groups:
        why = f"passed over: {len(party)} people, {shift.left} places free"
        waiting = SignupStatus.WAITLISTED
        transitions.record([whole[party[0].group_id]], before=waiting, to=waiting, actor=SYSTEM, now=now, why=why)


def _waiting_parties(shift: Shift) -> Iterator[Party]:
    """Yield who waits, in order of arrival: groups, and as many single people as there are places free."""
    waiting = Signup.objects.filter(shift=shift, status=SignupStatus.WAITLISTED).order_by("waiting_number")
    parties: dict[object, Party] = {}
    for signup in [*waiting.filter(group=None)[: shift.left], *waiting.exclude(group=None)]:
        parties.setdefault(signup.group_id or signup.pk, []).append(signup)
    yield from sorted(parties.values(), key=lambda party: party[0].waiting_number or 0)


def _offer(party: Party, *, shift: Shift, answer_by: datetime, now: datetime) -> None:
    _move_all(party, to=SignupStatus.OFFERED, actor=SYSTEM, now=now, why="a place became free", answer_by=answer_by)
    shift.waiting -= len(party)
    shift.taken += len(party)
    places.save_counters(shift)
    outbox.record_many([("signup.promoted", signup.pk, {}) for signup in party])


def _tell_those_at_the_head(shift: Shift) -> None:
    waiting = Signup.objects.filter(shift=shift, status=SignupStatus.WAITLISTED).order_by("waiting_number")
    heads = waiting.values_list("pk", flat=True)[: shift.left * TOLD_OF_A_PLACE]
    outbox.record_many([("signup.last_call", signup_id, {}) for signup_id in heads])


def _move_all(party: Party, *, to: SignupStatus, actor: Actor, now: datetime, why: str = "", **changes: object) -> None:
    """Change the status of people who have one and the same, in one conditional UPDATE, and record it."""
    before = party[0].status
    rows = Signup.objects.filter(pk__in=[signup.pk for signup in party], status=before)
    if rows.update(status=to, **changes) != len(party):
        raise Conflict("changed_meanwhile")
    for signup in party:
        signup.status = to
    transitions.record(party, before=before, to=to, actor=actor, now=now, why=why)


def _party_of(signup: Signup) -> Party:
    """Those who are asked together with this one."""
    if signup.group_id is None:
        return [signup]
    together = Signup.objects.filter(group_id=signup.group_id, status=signup.status)
    return list(together.order_by("waiting_number", "pk"))


@transaction.atomic
def accept(*, actor: Actor, signup_id: UUID, now: datetime) -> Signup:
    """Take the place that is offered; in the last call also one that is just free. A repeated yes changes nothing.

    Args:
        actor: the person, for a group its leader, or who signed them up, or an officer.
        signup_id: hers, or any of the group.
        now: current time.
    Raises:
        Unauthenticated, NotFound
        Conflict: `shift_has_begun`; `answer_too_late` after the deadline; `no_place_left` when others were faster;
            `signup_closed` when the task is closed or called off; `wrong_status`.
    """
    signup, shift = _to_answer(actor, signup_id)
    if signup.status == SignupStatus.CONFIRMED:
        return queries.one(Signup.objects.all(), signup_id)
    party = _party_of(signup)
    if shift.starts_at <= now:
        raise Conflict("shift_has_begun")
    if shift.task.status not in LIVE:
        raise Conflict("signup_closed")
    if signup.status == SignupStatus.OFFERED:
        if signup.answer_by and signup.answer_by <= now:
            raise Conflict("answer_too_late")
    elif signup.status == SignupStatus.WAITLISTED and is_last_call(shift, now):
        if len(party) > shift.left:
            raise Conflict("no_place_left", left=shift.left)
        shift.waiting -= len(party)
        shift.taken += len(party)
        places.save_counters(shift)
    else:
        raise Conflict("wrong_status", status=signup.status)
    _move_all(party, to=SignupStatus.CONFIRMED, actor=actor, now=now)
    outbox.record_many([("signup.accepted", one.pk, {}) for one in party])
    return queries.one(Signup.objects.all(), signup_id)


@transaction.atomic
def decline(*, actor: Actor, signup_id: UUID, now: datetime) -> Signup:
    """Refuse the place that is offered; a group refuses as a whole. It goes to the next at once.

    A repeated no changes nothing.

    Args:
        actor, signup_id, now: as in `accept`.
    Raises:
        Unauthenticated, NotFound
        Conflict: `wrong_status` when nothing is offered.
    """
    signup, shift = _to_answer(actor, signup_id)
    if signup.status == SignupStatus.WITHDRAWN:
        return queries.one(Signup.objects.all(), signup_id)
    if signup.status != SignupStatus.OFFERED:
        raise Conflict("wrong_status", status=signup.status)
    give_up(_party_of(signup), shift=shift, topic="signup.withdrawn", actor=actor, now=now, why="declined")
    promote(shift=shift, now=now)
    return queries.one(Signup.objects.all(), signup_id)


def _to_answer(actor: Actor, signup_id: UUID) -> tuple[Signup, Shift]:
    signup = queries.one(policies.answerable(actor), signup_id)
    shift = locked_shift(signup.shift_id)
    signup.refresh_from_db(fields=["status", "answer_by", "group"])
    return signup, shift


def give_up(party: Party, *, shift: Shift, topic: str, actor: Actor, now: datetime, why: str = "") -> None:
    """Withdraw people who have one and the same status; the caller holds the shift, and promotes.

    Args:
        party: of this shift, at least one.
        shift: locked.
        topic: of the events.
        actor, now, why: for the trace.
    """
    places.leave(shift, party[0].status, len(party))
    _move_all(party, to=SignupStatus.WITHDRAWN, actor=actor, now=now, why=why, withdrawn_at=now)
    outbox.record_many([(topic, signup.pk, {}) for signup in party])


def lapse(*, now: datetime) -> int:
    """Take back the places whose deadline has passed without an answer, and offer them to the next.

    A shift that somebody holds too long waits for the next run, and holds none of the others up.

    Returns:
        How many people lost a place.
    """
    due = Signup.objects.filter(status=SignupStatus.OFFERED, answer_by__lte=now)
    shift_ids = due.order_by("shift").values_list("shift", flat=True).distinct()[:MOST_SHIFTS_AT_A_TIME]
    lapsed = 0
    for shift_id in list(shift_ids):
        try:
            lapsed += _lapse_on(shift_id, now)
        except OperationalError as error:
            if not connection.is_usable():
                raise
            log.warning("waiting.held", shift=str(shift_id), error=type(error).__name__)
    return lapsed


@transaction.atomic
def _lapse_on(shift_id: UUID, now: datetime) -> int:
    shift = locked_shift(shift_id)
    late = list(Signup.objects.filter(shift=shift, status=SignupStatus.OFFERED, answer_by__lte=now))
    if late:
        give_up(late, shift=shift, topic="signup.lapsed", actor=SYSTEM, now=now, why=Ending.LAPSED)
        promote(shift=shift, now=now)
    return len(late)
