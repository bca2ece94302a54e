"""Somebody takes a place over, for nothing or for a place of hers.

The rule, in full. Who has a place and cannot come may look for somebody until two hours before the start, also after
the deadline for giving it back: the post does not stay empty. Whoever could sign up for the shift herself may take it
over: she has a profile and nothing else at that time, and keeps the covenant. While people wait for the shift its
places are not handed over past them; they are still exchanged, because by that nobody who waits loses anything.
Exchanged are places of one campaign. Who belongs to a group comes with it, and swaps nothing.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet

from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, NotFound
from mobilize.core.locks import guarded
from mobilize.outbox import services as outbox
from mobilize.signups import places, policies
from mobilize.signups.models import Signup, SwapProposal
from mobilize.signups.services import accept_covenant, refuse_second_place
from mobilize.signups.states import Ending, ProposalStatus, SignupStatus
from mobilize.tasks.models import Shift
from mobilize.tasks.states import LIVE
from mobilize.workers.models import Worker
from mobilize.workers.queries import profile_or_error

UNTIL = timedelta(hours=2)  # before the start: so the last reminder reaches who comes
MOST_PROPOSALS = 20  # for one place at a time


def swappable_until(shift: Shift) -> datetime:
    """Until when places of a shift change hands."""
    return shift.starts_at - UNTIL


@transaction.atomic
def look_for_somebody(*, actor: Actor, signup_id: UUID, now: datetime) -> Signup:
    """Put one's place up for whoever takes it over. A second time changes nothing.

    Args:
        actor: who has the place.
        signup_id: which.
        now: current time.
    Raises:
        Unauthenticated, NotFound
        Conflict: `wrong_status` when it is not a confirmed place; `in_a_group`; `too_late_to_swap`; `signup_closed`.
    """
    signup = _own(actor, signup_id)
    _demand_movable(signup, now=now)
    mine = Signup.objects.filter(pk=signup.pk, status=SignupStatus.CONFIRMED, up_for_swap_since=None)
    mine.update(up_for_swap_since=now)
    signup.refresh_from_db(fields=["status", "up_for_swap_since"])
    return signup


@transaction.atomic
def keep(*, actor: Actor, signup_id: UUID) -> Signup:
    """Come after all: the place is not up any more, and what was proposed for it is declined.

    Args:
        actor: who has the place.
        signup_id: which.
    Raises:
        Unauthenticated, NotFound
    """
    signup = _own(actor, signup_id)
    Signup.objects.filter(pk=signup.pk).update(up_for_swap_since=None)
    _decline(signup.proposals.all())
    return signup


@clash_as_conflict()
@transaction.atomic
def take_over(*, actor: Actor, signup_id: UUID, now: datetime, accepts_covenant: bool = False) -> Signup:
    """Take somebody's place over and give nothing for it.

    Args:
        actor: a person with a profile.
        signup_id: whose place, which is up for it.
        now: current time.
        accepts_covenant: needed once per campaign.
    Returns:
        The taker's new sign-up.
    Raises:
        Unauthenticated, Forbidden
        NotFound: no such place, or it is not up any more; `no_profile`.
        Invalid: `required` beside `accepts_covenant`.
        Conflict: `somebody_waits` with `waiting`; `too_late_to_swap`; `signup_closed`; and as `services.sign_up`.
    """
    taker = profile_or_error(user_id=actor.person)
    [place], [shift] = _held(policies.on_offer(actor), [signup_id], besides=[taker])
    _demand_movable(place, now=now)
    if shift.waiting:
        raise Conflict("somebody_waits", waiting=shift.waiting)
    refuse_second_place(taker, shift)
    accept_covenant([taker], shift.task.campaign, accepts=accepts_covenant, now=now)
    _free(place, actor=actor, now=now)
    return _seat(place, taker, now=now)


@clash_as_conflict()
@transaction.atomic
def propose(*, actor: Actor, signup_id: UUID, in_return_id: UUID, now: datetime) -> SwapProposal:
    """Propose to take somebody's place over for one of one's own; she is told. A second time changes nothing.

    Args:
        actor: a person with a profile.
        signup_id: whose place, which is up for it.
        in_return_id: the proposer's own confirmed place in the same campaign.
        now: current time.
    Raises:
        Unauthenticated, Forbidden
        NotFound: no such place, or it is not up any more.
        Conflict: `not_exchangeable`; `too_late_to_swap`; `signup_closed`; `in_a_group`; `owner_busy` when its owner has
            something else at the other time; `too_many_proposals`; and as `services.sign_up`.
    """
    [place], [shift] = _held(policies.on_offer(actor), [signup_id])
    mine = _own(actor, in_return_id)
    _demand_exchange(place, mine, now=now)
    refuse_second_place(mine.worker, shift, apart_from=mine)
    _demand_free(place.worker, mine.shift, apart_from=place, code="owner_busy")
    if place.proposals.filter(status=ProposalStatus.OPEN).exclude(in_return=mine).count() >= MOST_PROPOSALS:
        raise Conflict("too_many_proposals", most=MOST_PROPOSALS)
    same = SwapProposal.objects.filter(place=place, in_return=mine, status=ProposalStatus.OPEN).first()
    if same:
        return same
    proposal = SwapProposal.objects.create(place=place, in_return=mine, created_at=now)
    outbox.record("swap.proposed", proposal.pk)
    return proposal


@clash_as_conflict()
@transaction.atomic
def accept(*, actor: Actor, proposal_id: UUID, now: datetime) -> Signup:
    """Exchange two places, both or none.

    Args:
        actor: whose place is up.
        proposal_id: what somebody proposed for it.
        now: current time.
    Returns:
        The actor's new sign-up.
    Raises:
        Unauthenticated
        NotFound: no such proposal, or it is not open any more.
        Conflict: `not_exchangeable`, `too_late_to_swap`, `signup_closed`, `in_a_group`; `overlaps` for the actor;
            `proposer_busy` when the other has something else at that time by now.
    """
    proposal = _answerable(policies.proposals_of(actor).filter(place__worker__user_id=actor.person), proposal_id)
    rows = Signup.objects.filter(up_for_swap_since__isnull=False) | Signup.objects.filter(pk=proposal.in_return_id)
    (place, mine), shifts = _held(rows, [proposal.place_id, proposal.in_return_id])
    _demand_exchange(place, mine, now=now)
    refuse_second_place(place.worker, shifts[1], apart_from=place)
    _demand_free(mine.worker, shifts[0], apart_from=mine, code="proposer_busy")
    still_open = SwapProposal.objects.filter(pk=proposal.pk, status=ProposalStatus.OPEN)
    if not still_open.update(status=ProposalStatus.ACCEPTED):
        raise NotFound
    owner, proposer = place.worker, mine.worker
    for signup in (place, mine):  # both first: they may be at the same time
        _free(signup, actor=actor, now=now)
    _seat(place, proposer, now=now)
    return _seat(mine, owner, now=now)


@transaction.atomic
def decline(*, actor: Actor, proposal_id: UUID) -> SwapProposal:
    """Refuse a proposal, or take one's own back.

    Args:
        actor: whose place is up, or who proposed.
        proposal_id: which.
    Raises:
        Unauthenticated
        NotFound: no such proposal, or it is not open any more.
    """
    proposal = _answerable(policies.proposals_of(actor), proposal_id)
    _decline(SwapProposal.objects.filter(pk=proposal.pk), told=proposal.place.worker.user_id == actor.person)
    return proposal


@transaction.atomic
def decline_all_for(*, signup_id: UUID) -> None:
    """A place was given back: what was proposed for it, or with it, is declined.

    Args:
        signup_id: whose place it was.
    """
    _decline(SwapProposal.objects.filter(place=signup_id))
    _decline(SwapProposal.objects.filter(in_return=signup_id), told=False)


def _answerable(rows: QuerySet[SwapProposal], proposal_id: UUID) -> SwapProposal:
    proposal = rows.filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    return proposal


def _own(actor: Actor, signup_id: UUID) -> Signup:
    signup = _related(policies.own(actor)).filter(pk=signup_id).first()
    if signup is None:
        raise NotFound
    return signup


def _related(rows: QuerySet[Signup]) -> QuerySet[Signup]:
    return rows.select_related("worker__user", "shift__task__campaign", "shift__post__site")


def _held(
    rows: QuerySet[Signup], signup_ids: list[UUID], *, besides: Iterable[Worker] = ()
) -> tuple[list[Signup], list[Shift]]:
    """Hold places with their people and shifts; return them in the order of the ids, as they are now.

    Raises:
        NotFound: one is not among the rows any more.
    """
    owners = Signup.objects.filter(pk__in=signup_ids).values_list("worker", flat=True)
    places.hold([*owners, *(worker.pk for worker in besides)])
    shifts = Shift.objects.filter(signups__in=signup_ids).select_related("task__campaign").order_by("pk")
    by_shift = {shift.pk: shift for shift in guarded(shifts)}
    by_id = {signup.pk: signup for signup in _related(rows).filter(pk__in=signup_ids)}
    if len(by_id) != len(signup_ids):
        raise NotFound
    held = [by_id[signup_id] for signup_id in signup_ids]
    return held, [by_shift[signup.shift_id] for signup in held]


def _demand_movable(signup: Signup, *, now: datetime) -> None:
    if signup.status != SignupStatus.CONFIRMED:
        raise Conflict("wrong_status", status=signup.status)
    if signup.group_id:
        raise Conflict("in_a_group")
    if signup.shift.task.status not in LIVE or signup.shift.called_off_at:
        raise Conflict("signup_closed")
    if swappable_until(signup.shift) <= now:
        raise Conflict("too_late_to_swap")


def _demand_exchange(place: Signup, mine: Signup, *, now: datetime) -> None:
    for signup in (place, mine):
        _demand_movable(signup, now=now)
    same_campaign = place.shift.task.campaign_id == mine.shift.task.campaign_id
    if not same_campaign or place.shift_id == mine.shift_id or place.worker_id == mine.worker_id:
        raise Conflict("not_exchangeable")


def _demand_free(worker: Worker, shift: Shift, *, apart_from: Signup, code: str) -> None:
    """Like `refuse_second_place`, of somebody who is not the reader: what she does then is not told."""
    try:
        refuse_second_place(worker, shift, apart_from=apart_from)
    except Conflict:
        raise Conflict(code) from None


def _free(place: Signup, *, actor: Actor, now: datetime) -> None:
    """Let somebody go whose place is filled again in the same transaction: the shift's counters stay."""
    transitions.move(
        place,
        to=SignupStatus.WITHDRAWN,
        allowed_from=[SignupStatus.CONFIRMED],
        actor=actor,
        now=now,
        why=Ending.TAKEN_OVER,
        withdrawn_at=now,
        up_for_swap_since=None,
    )
    decline_all_for(signup_id=place.pk)


def _seat(place: Signup, worker: Worker, *, now: datetime) -> Signup:
    signup = Signup.objects.create(
        shift=place.shift,
        worker=worker,
        status=SignupStatus.CONFIRMED,
        during=DateTimeTZRange(place.shift.starts_at, place.shift.ends_at),
        signed_up_by_id=worker.user_id,
        created_at=now,
    )
    Signup.objects.filter(pk=place.pk).update(passed_to=signup)
    outbox.record_many([("signup.handed_over", place.pk, {}), ("signup.confirmed", signup.pk, {})])
    return signup


def _decline(rows: QuerySet[SwapProposal], *, told: bool = True) -> None:
    """Decline those that are open; `told`: their makers get a message each, so it was not they who ended it."""
    declined = list(rows.filter(status=ProposalStatus.OPEN).select_for_update().values_list("pk", flat=True))
    SwapProposal.objects.filter(pk__in=declined).update(status=ProposalStatus.DECLINED)
    if told:
        outbox.record_many([("swap.declined", pk, {}) for pk in declined])
