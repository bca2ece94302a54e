from celery import shared_task
from django.utils import timezone

from mobilize.dispatch import plans, search, services, trips
from mobilize.dispatch.models import Offer, Trip
from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event


@shared_task(name="dispatch.expire_offers")
def expire_offers() -> None:
    """Every five seconds."""
    services.expire_offers(now=timezone.now())


@shared_task(name="dispatch.search")
def search_on() -> None:
    """Every five seconds: what the events below left out."""
    search.advance_all(now=timezone.now())


@listens_to("offer.accepted", "offer.declined", "offer.expired", "trip.aborted")
def replace(event: Event) -> None:
    """Whoever does not come is replaced at once."""
    rows = Trip.objects if event.topic.startswith("trip") else Offer.objects
    task_id = rows.values_list("task_id", flat=True).get(pk=event.subject_id)
    search.advance(task_id=task_id, now=timezone.now())


@listens_to("task.cancelled", "task.closed", "task.fulfilled")
def stand_down(event: Event) -> None:
    """Nobody answers for a task that needs nobody, or drives for one that was called off."""
    services.stand_down(
        task_id=event.subject_id,
        now=timezone.now(),
        why=event.topic,
        abort_trips=event.topic == "task.cancelled",
    )


@listens_to("driver.released")
def abort_of_driver(event: Event) -> None:
    """Who left the roster drives no more."""
    trips.abort_of_driver(driver_id=event.subject_id, now=timezone.now(), why=event.topic)


@listens_to("offer.accepted")
def follow_up(event: Event) -> None:
    """What else a plan gives the driver is offered to her."""
    plans.follow_up(offer_id=event.subject_id, now=timezone.now())
