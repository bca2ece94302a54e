"""Planning what to say, and saying it when it is due."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from mobilize.channels import services as channels
from mobilize.channels.states import Priority
from mobilize.core.actor import Actor
from mobilize.dispatch import queries as dispatch
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import UNDO_WITHIN, OfferStatus, TripStatus
from mobilize.reminders import policies, queries, quiet
from mobilize.reminders.models import Call, Reminder
from mobilize.reminders.states import URGENT, CallOutcome, ReminderKind, ReminderStatus
from mobilize.reminders.texts import Text, compose_many
from mobilize.signups.models import Signup
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.tasks.models import Flight, Task

EVENING = time(19, 0)  # in the city's zone
HOUR = timedelta(hours=1)
BATCH = 400


@transaction.atomic
def plan_for_signup(*, signup_id: UUID, answered: bool, now: datetime) -> int:
    """Plan the messages of a sign-up: the news at once; once it is confirmed the evening before and an hour before.

    Whoever signed up by herself and waits reads so on the page; whom somebody else signed up is told in any case.

    Args:
        signup_id: a new sign-up, or one whose offered place was accepted.
        answered: whether it is the latter.
        now: current time; what would be due before it is left out.
    Returns:
        How many messages.
    """
    signup = Signup.objects.select_related("shift", "worker").get(pk=signup_id)
    starts_at = signup.shift.starts_at
    confirmed = signup.status == SignupStatus.CONFIRMED
    due = {}
    if answered:
        cancel_for(subject_id=signup_id)  # the offer, if it has not left yet
    if _by_somebody_else(signup) and not answered and signup.status in AHEAD:
        due[ReminderKind.ENROLLED] = now
    elif confirmed:
        due[ReminderKind.CONFIRMED] = now
    if confirmed:
        due |= _ahead_of(starts_at)
    planned = [
        Reminder(
            kind=kind,
            user_id=signup.worker.user_id,
            subject_id=signup.pk,
            due_at=due_at,
            useless_after=_useless_after(kind, due_at, starts_at),
            created_at=now,
        )
        for kind, due_at in due.items()
        if now <= due_at < starts_at
    ]
    Reminder.objects.bulk_create(planned, ignore_conflicts=True)
    return len(planned)


def _ahead_of(starts_at: datetime) -> dict[ReminderKind, datetime]:
    """When to remind of a start: the evening before, and an hour before."""
    evening = datetime.combine(timezone.localtime(starts_at).date() - timedelta(days=1), EVENING)
    return {
        ReminderKind.EVENING_BEFORE: timezone.make_aware(evening),
        ReminderKind.HOUR_BEFORE: starts_at - HOUR,
    }


def _by_somebody_else(signup: Signup) -> bool:
    return signup.signed_up_by_id not in {None, signup.worker.user_id}


def _useless_after(kind: ReminderKind, due_at: datetime, starts_at: datetime) -> datetime:
    """An evening's message says "tomorrow": after midnight it would be wrong. The others hold until the start."""
    if kind != ReminderKind.EVENING_BEFORE:
        return starts_at
    return timezone.make_aware(datetime.combine(timezone.localtime(starts_at).date(), time(0, 0)))


@transaction.atomic
def cancel_for(*, subject_id: UUID) -> int:
    """Call off what is still to be said about a subject.

    Returns:
        How many reminders.
    """
    return Reminder.objects.filter(subject_id=subject_id, status=ReminderStatus.PENDING).update(
        status=ReminderStatus.CANCELLED
    )


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
    cancel_for(subject_id=signup_id)
    until = signup.shift.starts_at
    if kind == ReminderKind.PROMOTED and signup.answer_by:
        until = signup.answer_by
    leader_id = signup.group.leader_id if signup.group else None
    if leader_id:
        _plan_now(kind, leader_id, signup.group_id, now=now, until=until)  # type: ignore[arg-type]
    if signup.worker.user_id != leader_id and not (leader_id and kind == ReminderKind.LAST_CALL):
        _plan_now(kind, signup.worker.user_id, signup_id, now=now, until=until)


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
    cancel_for(subject_id=offer_id)
    offer = Offer.objects.select_related("fleet", "task").get(pk=offer_id)
    if offer.fleet:
        _plan_now(ReminderKind.OFFER_CALLED_BACK, offer.fleet.leader_id, offer_id, now=now, until=offer.task.ends_at)


@transaction.atomic
def tell_red(*, task_id: UUID, since: datetime) -> None:
    """Tell the officer who offered a task last that nobody is left to ask, once each time it comes to that.

    Args:
        task_id: which; one that only a partner offered is told to nobody.
        since: when the search came to its end.
    """
    task = Task.objects.get(pk=task_id)
    officer_id = dispatch.last_offered_by(task)
    if officer_id:
        _plan_anew(ReminderKind.RED, officer_id, task_id, now=since, until=task.ends_at)


@transaction.atomic
def tell_called_off(*, signup_id: UUID, now: datetime) -> None:
    """A shift was called off: stop its reminders and tell the person at once.

    A group's leader is told once for the whole group, whether she was to come too or not.
    """
    cancel_for(subject_id=signup_id)
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
        cancel_for(subject_id=signup_id)
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
    signup = _tell_all(ReminderKind.MOVED, signup_id, now=moved_at, anew=True)
    if signup.status == SignupStatus.CONFIRMED:
        for kind, due_at in _ahead_of(signup.shift.starts_at).items():
            if now <= due_at < signup.shift.starts_at:
                useless_after = _useless_after(kind, due_at, signup.shift.starts_at)
                _plan_anew(kind, signup.worker.user_id, signup_id, now=due_at, until=useless_after)
            else:
                late = Reminder.objects.filter(kind=kind, subject_id=signup_id, status=ReminderStatus.PENDING)
                late.update(status=ReminderStatus.CANCELLED)


def _tell_all(kind: ReminderKind, signup_id: UUID, *, now: datetime, anew: bool = False) -> Signup:
    """Tell a person, and once for the whole group its leader, whether she was to come too or not."""
    plan = _plan_anew if anew else _plan_now
    signup = Signup.objects.select_related("shift", "worker", "group").get(pk=signup_id)
    group, user_id, until = signup.group, signup.worker.user_id, signup.shift.ends_at
    if group and group.leader_id:
        plan(kind, group.leader_id, group.pk, now=now, until=until)
    if not group or user_id != group.leader_id:
        plan(kind, user_id, signup_id, now=now, until=until)
    return signup


@transaction.atomic
def tell_driver(*, trip_id: UUID, kind: ReminderKind, now: datetime) -> None:
    """Tell the driver of a trip at once.

    Args:
        trip_id: which.
        kind: TRIP or TRIP_CALLED_OFF.
        now: current time.
    """
    trip = Trip.objects.select_related("driver__worker").get(pk=trip_id)
    if kind == ReminderKind.TRIP and trip.status == TripStatus.ABORTED:
        return
    cancel_for(subject_id=trip_id)
    _plan_now(kind, trip.driver.worker.user_id, trip_id, now=now, until=trip.ends_at)


@transaction.atomic
def tell_flight_moved(*, flight_id: UUID, people: Sequence[UUID], moved_at: datetime) -> None:
    """Tell everybody concerned that a flight moved, once each; of two moves before a message left the last is told.

    Args:
        flight_id: which.
        people: ids of the users.
        moved_at: when it was corrected.
    """
    flight = Flight.objects.get(pk=flight_id)
    until = max(flight.arrives_at, moved_at) + HOUR
    for user_id in people:
        _plan_anew(ReminderKind.FLIGHT_MOVED, user_id, flight_id, now=moved_at, until=until)


def _plan_now(kind: ReminderKind, user_id: UUID, subject_id: UUID, *, now: datetime, until: datetime) -> None:
    if until > now:
        Reminder.objects.get_or_create(
            kind=kind,
            user_id=user_id,
            subject_id=subject_id,
            defaults={"due_at": now, "useless_after": until, "created_at": now},
        )


def _plan_anew(kind: ReminderKind, user_id: UUID, subject_id: UUID, *, now: datetime, until: datetime) -> None:
    """Plan a message for a time, also one that was planned or sent for another time."""
    _plan_now(kind, user_id, subject_id, now=now, until=until)
    Reminder.objects.filter(kind=kind, user_id=user_id, subject_id=subject_id).exclude(due_at=now).update(
        due_at=now, useless_after=until, status=ReminderStatus.PENDING
    )


@transaction.atomic
def send_due(*, now: datetime) -> int:
    """Turn due reminders into messages, the oldest first; what came too late is dropped, never sent as if on time.

    Several workers share the work: rows another one holds are skipped. Row and message are one transaction.

    Returns:
        How many reminders were dealt with, at most BATCH.
    """
    due = Reminder.objects.filter(status=ReminderStatus.PENDING, due_at__lte=now).select_related("user")
    taken = list(due.order_by("due_at").select_for_update(skip_locked=True, of=("self",))[:BATCH])
    batch = _without_what_waits(taken, now)
    texts = compose_many([one for one in batch if one.user.is_active and now < one.useless_after])
    going = [reminder for reminder in batch if reminder.pk in texts]
    channels.queue_many([_draft(reminder, texts[reminder.pk]) for reminder in going], now=now)
    gone = {ReminderStatus.SENT: going, ReminderStatus.DROPPED: [one for one in batch if one.pk not in texts]}
    for status, reminders in gone.items():
        if reminders:
            Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(status=status)
    return len(taken)


def _without_what_waits(batch: list[Reminder], now: datetime) -> list[Reminder]:
    """Put off until the morning what is not urgent in quiet hours, unless its time would be over by then."""
    morning = quiet.morning_after(now)
    if morning is None:
        return batch
    waits = {one.pk for one in batch if one.kind not in URGENT and one.useless_after > morning + quiet.TIME_TO_READ}
    Reminder.objects.filter(pk__in=waits).update(due_at=morning)
    return [one for one in batch if one.pk not in waits]


def _draft(reminder: Reminder, text: Text) -> channels.Draft:
    return channels.Draft(
        kind=reminder.kind,
        phone=str(reminder.user.phone),
        body=text.body,
        language=reminder.user.language,
        subject_id=reminder.subject_id,
        recipient_id=reminder.user_id,
        union_id=text.union_id,
        campaign_id=text.campaign_id,
        invented=reminder.user.is_invented,
        priority=Priority.URGENT if reminder.kind in URGENT else Priority.NORMAL,
        due_at=reminder.due_at,
        expires_at=reminder.useless_after,
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
