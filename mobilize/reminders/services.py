"""Planning what to say to whom, and when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from mobilize.channels import quiet
from mobilize.channels import services as channels
from mobilize.core.actor import Actor
from mobilize.dispatch import queries as dispatch
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import UNDO_WITHIN, OfferStatus, TripStatus
from mobilize.reminders import policies, queries, rules, standards
from mobilize.reminders.models import Call, Reminder
from mobilize.reminders.standards import Rule
from mobilize.reminders.states import OF_A_DUTY, CallOutcome, ReminderKind, ReminderStatus
from mobilize.signups.models import Signup, SwapProposal
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.signups.swaps import swappable_until
from mobilize.tasks.models import Flight, Shift, Task

HOUR = timedelta(hours=1)


@transaction.atomic
def plan_for_signup(*, signup_id: UUID, answered: bool, now: datetime) -> int:
    """Plan the messages of a sign-up: the news at once; once it is confirmed those before and after the shift.

    Whoever signed up by herself and waits reads so on the page; whom somebody else signed up is told in any case.

    Args:
        signup_id: a new sign-up, or one whose offered place was accepted.
        answered: whether it is the latter.
        now: current time; what would be due before it is left out.
    Returns:
        How many messages.
    """
    signup = Signup.objects.select_related("shift", "worker").get(pk=signup_id)
    confirmed = signup.status == SignupStatus.CONFIRMED
    due = {}
    if answered:
        cancel_for(subject_id=signup_id, now=now)  # the offer, if it has not left yet
    if _by_somebody_else(signup) and not answered and signup.status in AHEAD:
        due[ReminderKind.ENROLLED] = now
    elif confirmed:
        due[ReminderKind.CONFIRMED] = now
    rule_of = rules.current()
    if confirmed:
        due |= _of_a_duty(signup.shift, rule_of)
    person_id = signup.worker.user_id
    each = [
        _reminder(kind, person_id, signup.pk, rule_of[kind], at=at, until=_until(kind, signup.shift), created_at=now)
        for kind, at in due.items()
        if at >= now
    ]
    planned = [reminder for reminder in each if reminder]
    Reminder.objects.bulk_create(planned, ignore_conflicts=True)
    return len(planned)


def _of_a_duty(shift: Shift, rule_of: dict[ReminderKind, Rule]) -> dict[ReminderKind, datetime]:
    """When to say what to somebody who has a place."""
    return {
        kind: standards.due_at(kind, rule_of[kind], starts_at=shift.starts_at, ends_at=shift.ends_at)
        for kind in OF_A_DUTY
    }


def _until(kind: ReminderKind, shift: Shift) -> datetime:
    return standards.useless_after(kind, starts_at=shift.starts_at, ends_at=shift.ends_at)


def _by_somebody_else(signup: Signup) -> bool:
    return signup.signed_up_by_id not in {None, signup.worker.user_id}


@transaction.atomic
def cancel_for(*, subject_id: UUID, now: datetime) -> int:
    """Call off what is still to be said about a subject.

    Returns:
        How many reminders.
    """
    open_ones = Q(status=ReminderStatus.PENDING) | _written_ahead(now)
    cancelled = Reminder.objects.filter(open_ones, subject_id=subject_id).update(status=ReminderStatus.CANCELLED)
    channels.take_back(subject_id=subject_id, now=now)
    return cancelled


def _written_ahead(now: datetime) -> Q:
    """Those that are messages already, which wait for their time."""
    return Q(status=ReminderStatus.SENT, due_at__gt=now)


@transaction.atomic
def tell_of_place(*, signup_id: UUID, kind: ReminderKind, now: datetime) -> None:
    """Tell at once that a place is offered, was lost, or can be taken by whoever is first.

    A group's leader, who answers for all, is told once for the whole group, whether she comes too or not.

    Args:
        signup_id: whose place.
        kind: PROMOTED, LAPSED or LAST_CALL.
        now: current time.
    """
    signup = Signup.objects.select_related("shift", "worker", "group").get(pk=signup_id)
    cancel_for(subject_id=signup_id, now=now)
    until = signup.shift.starts_at
    if kind == ReminderKind.PROMOTED and signup.answer_by:
        until = signup.answer_by
    leader_id = signup.group.leader_id if signup.group else None
    if leader_id:
        _plan_now(kind, leader_id, signup.group_id, now=now, until=until)  # type: ignore[arg-type]
    if signup.worker.user_id != leader_id and not (leader_id and kind == ReminderKind.LAST_CALL):
        _plan_now(kind, signup.worker.user_id, signup_id, now=now, until=until)


@transaction.atomic
def tell_of_swap(*, proposal_id: UUID, now: datetime) -> None:
    """Tell who looks for somebody that a swap is proposed."""
    proposal = SwapProposal.objects.select_related("place__worker", "place__shift").get(pk=proposal_id)
    until = swappable_until(proposal.place.shift)
    _plan_now(ReminderKind.SWAP_PROPOSED, proposal.place.worker.user_id, proposal_id, now=now, until=until)


@transaction.atomic
def tell_swap_declined(*, proposal_id: UUID, now: datetime) -> None:
    """Tell who proposed a swap that her duty stays hers."""
    proposal = SwapProposal.objects.select_related("in_return__worker", "in_return__shift").get(pk=proposal_id)
    until = proposal.in_return.shift.starts_at
    _plan_now(ReminderKind.SWAP_DECLINED, proposal.in_return.worker.user_id, proposal_id, now=now, until=until)


@transaction.atomic
def tell_handed_over(*, signup_id: UUID, now: datetime) -> None:
    """A place was taken over: stop its reminders and tell who had it that she need not come."""
    cancel_for(subject_id=signup_id, now=now)
    _tell_all(ReminderKind.HANDED_OVER, signup_id, now=now)


@transaction.atomic
def plan_for_offer(*, offer_id: UUID, now: datetime) -> None:
    """Tell the fleet's leader, or the driver, of an offer, once it can no longer be undone."""
    offer = Offer.objects.select_related("fleet", "driver__worker").get(pk=offer_id)
    if offer.status != OfferStatus.OFFERED:
        return
    user_id = dispatch.addressee(offer)
    due_at = max(offer.created_at + UNDO_WITHIN, now)
    _plan_now(ReminderKind.OFFER, user_id, offer.pk, now=due_at, until=offer.expires_at)


@transaction.atomic
def tell_called_back(*, offer_id: UUID, now: datetime) -> None:
    """Tell the leader of a fleet that an offer she accepted was taken back; the drivers hear it of their trips."""
    cancel_for(subject_id=offer_id, now=now)
    offer = Offer.objects.select_related("fleet", "task").get(pk=offer_id)
    if offer.fleet:
        _plan_now(ReminderKind.OFFER_CALLED_BACK, offer.fleet.leader_id, offer_id, now=now, until=offer.task.ends_at)


@transaction.atomic
def tell_of_search(*, task_id: UUID, kind: ReminderKind, since: datetime) -> None:
    """Tell the officer who offered a task last how far the search has come, once each time it comes to that.

    Args:
        task_id: which; one that only a partner offered is told to nobody.
        kind: ESCALATED when the leaders of all fleets are asked, RED when nobody is left.
        since: when the search came to it.
    """
    task = Task.objects.get(pk=task_id)
    officer_id = dispatch.last_offered_by(task)
    if officer_id:
        _plan_anew(kind, officer_id, task_id, now=since, until=task.ends_at, before=task.starts_at)


@transaction.atomic
def tell_called_off(*, signup_id: UUID, now: datetime) -> None:
    """A shift was called off: stop its reminders and tell the person at once.

    A group's leader is told once for the whole group, whether she was to come too or not.
    """
    cancel_for(subject_id=signup_id, now=now)
    _tell_all(ReminderKind.CALLED_OFF, signup_id, now=now)


@transaction.atomic
def tell_closed(*, signup_id: UUID, stays: bool, now: datetime) -> None:
    """The books of a task were closed: tell whoever has a place that she still comes, the others that they need not.

    A group's leader is told once for the whole group, whether she comes too or not.

    Args:
        signup_id: whose.
        stays: whether she has a place.
        now: current time.
    """
    if not stays:
        cancel_for(subject_id=signup_id, now=now)
    _tell_all(ReminderKind.CLOSED, signup_id, now=now)


@transaction.atomic
def tell_moved(*, signup_id: UUID, moved_at: datetime, now: datetime) -> None:
    """A shift was corrected: tell whoever signed up, and remind of the new time; of two corrections the last is told.

    A group's leader is told once for the whole group, whether she comes too or not.

    Args:
        signup_id: whose.
        moved_at: when it was corrected.
        now: current time.
    """
    Reminder.objects.filter(_written_ahead(now), subject_id=signup_id).update(status=ReminderStatus.PENDING)
    channels.take_back(subject_id=signup_id, now=now)
    signup = _tell_all(ReminderKind.MOVED, signup_id, now=moved_at, anew=True)
    if signup.status == SignupStatus.CONFIRMED:
        for kind, due_at in _of_a_duty(signup.shift, rules.current()).items():
            if due_at >= now:
                _plan_anew(kind, signup.worker.user_id, signup_id, now=due_at, until=_until(kind, signup.shift))
            else:
                late = Reminder.objects.filter(kind=kind, subject_id=signup_id, status=ReminderStatus.PENDING)
                late.update(status=ReminderStatus.CANCELLED)


def _tell_all(kind: ReminderKind, signup_id: UUID, *, now: datetime, anew: bool = False) -> Signup:
    """Tell a person, and once for the whole group its leader, whether she was to come too or not."""
    plan = _plan_anew if anew else _plan_now
    signup = Signup.objects.select_related("shift", "worker", "group").get(pk=signup_id)
    group, user_id, shift = signup.group, signup.worker.user_id, signup.shift
    if group and group.leader_id:
        plan(kind, group.leader_id, group.pk, now=now, until=shift.ends_at, before=shift.starts_at)
    if not group or user_id != group.leader_id:
        plan(kind, user_id, signup_id, now=now, until=shift.ends_at, before=shift.starts_at)
    return signup


@transaction.atomic
def tell_driver(*, trip_id: UUID, kind: ReminderKind, now: datetime) -> None:
    """Tell the driver of a trip, once its offer can no longer be undone; or that it is called off.

    A driver whose leader accepted for her, and who was not told of the trip, does not hear that there is none.

    Args:
        trip_id: which.
        kind: TRIP or TRIP_CALLED_OFF.
        now: current time.
    """
    trip = Trip.objects.select_related("driver__worker", "offer").get(pk=trip_id)
    if kind == ReminderKind.TRIP and trip.status == TripStatus.ABORTED:
        return
    known = [ReminderStatus.SENT, ReminderStatus.DROPPED]
    told = Reminder.objects.filter(kind=ReminderKind.TRIP, subject_id=trip_id, status__in=known)
    if kind == ReminderKind.TRIP_CALLED_OFF and trip.offer.fleet_id and not told.exists():
        cancel_for(subject_id=trip_id, now=now)
        return
    cancel_for(subject_id=trip_id, now=now)
    due_at = now if kind == ReminderKind.TRIP_CALLED_OFF else max(trip.offer.created_at + UNDO_WITHIN, now)
    _plan_now(kind, trip.driver.worker.user_id, trip_id, now=due_at, until=trip.ends_at)


@transaction.atomic
def tell_flight_moved(*, flight_id: UUID, people: Sequence[UUID], moved_at: datetime) -> None:
    """Tell everybody concerned that a flight moved, once each, after the ten seconds in which a slip is corrected.

    Of several moves before a message left the last is told.

    Args:
        flight_id: which.
        people: ids of the users.
        moved_at: when it was corrected.
    """
    flight = Flight.objects.get(pk=flight_id)
    until = max(flight.arrives_at, moved_at) + HOUR
    for user_id in people:
        _plan_anew(ReminderKind.FLIGHT_MOVED, user_id, flight_id, now=moved_at + UNDO_WITHIN, until=until)


def _plan_now(
    kind: ReminderKind,
    user_id: UUID,
    subject_id: UUID,
    *,
    now: datetime,
    until: datetime,
    before: datetime | None = None,
) -> Reminder | None:
    """Plan a message that was not planned yet.

    Args:
        kind, user_id, subject_id: what to whom about what; that is told once.
        now: from when on it may leave; quiet hours may keep it.
        until: from when on it is of no use any more.
        before: when what it is about begins, so how long quiet hours may keep it; None: `until`.
    Returns:
        The reminder as it would be written now, None when it is of no use.
    """
    made = _reminder(kind, user_id, subject_id, rules.of(kind), at=now, until=until, before=before, created_at=now)
    if made:
        Reminder.objects.bulk_create([made], ignore_conflicts=True)
    return made


def _plan_anew(
    kind: ReminderKind,
    user_id: UUID,
    subject_id: UUID,
    *,
    now: datetime,
    until: datetime,
    before: datetime | None = None,
) -> None:
    """Plan a message, also one that was planned or sent for another time; see `_plan_now`."""
    made = _plan_now(kind, user_id, subject_id, now=now, until=until, before=before)
    if made:
        same = Reminder.objects.filter(kind=kind, user_id=user_id, subject_id=subject_id)
        same.exclude(due_at=made.due_at).update(
            due_at=made.due_at,
            useless_after=made.useless_after,
            matters_at=made.matters_at,
            status=ReminderStatus.PENDING,
            reason="",
        )


def _reminder(
    kind: ReminderKind,
    user_id: UUID,
    subject_id: UUID,
    rule: Rule,
    *,
    at: datetime,
    until: datetime,
    created_at: datetime,
    before: datetime | None = None,
) -> Reminder | None:
    due_at = quiet.leaves_at(at, urgent=rule.urgent, before=before or until)
    if due_at >= until:
        return None
    return Reminder(
        kind=kind,
        user_id=user_id,
        subject_id=subject_id,
        due_at=due_at,
        useless_after=until,
        matters_at=before,
        created_at=created_at,
    )


def note_call(*, actor: Actor, message_id: UUID, outcome: CallOutcome, now: datetime) -> Call:
    """Note that somebody whom a message did not reach was called.

    Args:
        actor: a dispatcher of the union in whose name it was said.
        message_id: which message.
        outcome: what came of it; once reached, she stands on the call list no more.
        now: current time.
    Raises:
        NotFound, Forbidden: see `policies.demand_calling`.
    """
    message = queries.message(policies.messages_visible_to(actor), message_id)
    policies.demand_calling(actor, message.union_id)
    return Call.objects.create(delivery=message, by_id=actor.user_id, outcome=outcome, created_at=now)
