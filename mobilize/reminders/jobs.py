from celery import shared_task
from django.db import transaction
from django.utils import timezone

from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event
from mobilize.reminders import services
from mobilize.reminders.states import ReminderKind


@shared_task(name="reminders.send_due")
def send_due() -> None:
    """Every five seconds, and at once after something due now was planned."""
    while services.send_due(now=timezone.now()) == services.BATCH:
        pass


@listens_to("signup.confirmed", "signup.promoted")
def plan_for_signup(event: Event) -> None:
    news = ReminderKind.PROMOTED if event.topic == "signup.promoted" else ReminderKind.CONFIRMED
    services.plan_for_signup(signup_id=event.subject_id, news=news, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("signup.withdrawn", "offer.accepted", "offer.declined", "offer.cancelled", "offer.expired")
def cancel(event: Event) -> None:
    services.cancel_for(subject_id=event.subject_id)


@listens_to("offer.made")
def plan_for_offer(event: Event) -> None:
    services.plan_for_offer(offer_id=event.subject_id, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("signup.called_off")
def tell_called_off(event: Event) -> None:
    services.tell_called_off(signup_id=event.subject_id, now=timezone.now())
    transaction.on_commit(send_due.delay)


@listens_to("trip.assigned", "trip.called_off")
def tell_driver(event: Event) -> None:
    kind = ReminderKind.TRIP if event.topic == "trip.assigned" else ReminderKind.TRIP_CALLED_OFF
    services.tell_driver(trip_id=event.subject_id, kind=kind, now=timezone.now())
    transaction.on_commit(send_due.delay)
