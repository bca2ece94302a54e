from celery import shared_task
from django.utils import timezone

from mobilize.dispatch import services, trips
from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event


@shared_task(name="dispatch.expire_offers")
def expire_offers() -> None:
    """Every five seconds."""
    services.expire_offers(now=timezone.now())


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
