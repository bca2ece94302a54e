from datetime import datetime
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event
from mobilize.reminders import alerts, broadcasts, editing, replies, sending, services
from mobilize.reminders.states import ReminderKind

ABOUT_SEARCHES = {"search.leaders": ReminderKind.ESCALATED, "search.red": ReminderKind.RED}
ABOUT_PLACES = {
    "signup.promoted": ReminderKind.PROMOTED,
    "signup.lapsed": ReminderKind.LAPSED,
    "signup.last_call": ReminderKind.LAST_CALL,
}


@shared_task(name="reminders.send_due")
def send_due() -> None:
    """Every five seconds, and at once after something due now was planned."""
    while sending.send_due(now=timezone.now()) == sending.BATCH:
        pass


@shared_task(name="reminders.fan_out")
def fan_out() -> None:
    """Every two seconds, and at once after a bulk message was started."""
    while broadcasts.fan_out(now=timezone.now()):
        pass


@shared_task(name="reminders.tell_short")
def tell_short() -> None:
    """Every two minutes."""
    if alerts.tell_short(now=timezone.now()):
        send_due.delay()


@shared_task(name="reminders.plan_digests")
def plan_digests() -> None:
    """Every five minutes; once a week there is something to plan."""
    alerts.plan_digests(now=timezone.now())


@shared_task(name="reminders.move_waiting")
def move_waiting() -> None:
    """Every minute, and at once after an officer changed the time of a kind."""
    while editing.move_waiting(now=timezone.now()):
        pass


@listens_to("signup.confirmed", "signup.waitlisted", "signup.accepted")
def plan_for_signup(event: Event) -> None:
    answered = event.topic == "signup.accepted"
    if services.plan_for_signup(signup_id=event.subject_id, answered=answered, now=timezone.now()):
        transaction.on_commit(send_due.delay)


@listens_to(*ABOUT_PLACES)
def tell_of_place(event: Event) -> None:
    services.tell_of_place(signup_id=event.subject_id, kind=ABOUT_PLACES[event.topic], now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("signup.withdrawn", "offer.accepted", "offer.declined", "offer.cancelled", "offer.expired")
def cancel(event: Event) -> None:
    services.cancel_for(subject_id=event.subject_id, now=timezone.now())


@listens_to("swap.proposed")
def tell_of_swap(event: Event) -> None:
    services.tell_of_swap(proposal_id=event.subject_id, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("swap.declined")
def tell_swap_declined(event: Event) -> None:
    services.tell_swap_declined(proposal_id=event.subject_id, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("signup.handed_over")
def tell_handed_over(event: Event) -> None:
    services.tell_handed_over(signup_id=event.subject_id, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("offer.made")
def plan_for_offer(event: Event) -> None:
    services.plan_for_offer(offer_id=event.subject_id, now=timezone.now())


@listens_to("offer.called_back")
def tell_called_back(event: Event) -> None:
    services.tell_called_back(offer_id=event.subject_id, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to(*ABOUT_SEARCHES)
def tell_of_search(event: Event) -> None:
    since = datetime.fromisoformat(event.data["at"])
    services.tell_of_search(task_id=event.subject_id, kind=ABOUT_SEARCHES[event.topic], since=since)
    transaction.on_commit(send_due.delay)


@listens_to("signup.called_off")
def tell_called_off(event: Event) -> None:
    services.tell_called_off(signup_id=event.subject_id, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("signup.kept", "signup.closed")
def tell_closed(event: Event) -> None:
    services.tell_closed(signup_id=event.subject_id, stays=event.topic == "signup.kept", now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("signup.moved")
def tell_moved(event: Event) -> None:
    moved_at = datetime.fromisoformat(event.data["at"])
    services.tell_moved(signup_id=event.subject_id, moved_at=moved_at, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("flight.moved")
def tell_flight_moved(event: Event) -> None:
    services.tell_flight_moved(
        flight_id=event.subject_id,
        people=[UUID(person) for person in event.data["people"]],
        moved_at=datetime.fromisoformat(event.data["at"]),
    )
    transaction.on_commit(send_due.delay)


@listens_to("trip.assigned", "trip.called_off")
def tell_driver(event: Event) -> None:
    kind = ReminderKind.TRIP if event.topic == "trip.assigned" else ReminderKind.TRIP_CALLED_OFF
    services.tell_driver(trip_id=event.subject_id, kind=kind, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("sms.received")
def answer_reply(event: Event) -> None:
    replies.answer(reply_id=event.subject_id, now=timezone.now())
