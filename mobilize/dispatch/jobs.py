from celery import shared_task
from django.utils import timezone

from mobilize.dispatch import services
from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event


@shared_task(name="dispatch.expire_offers")
def expire_offers() -> None:
    """Every five seconds."""
    services.expire_offers(now=timezone.now())


@listens_to("task.cancelled", "task.closed")
def stand_down(event: Event) -> None:
    """Nobody drives for a task that is over."""
    services.stand_down(
        task_id=event.subject_id,
        now=timezone.now(),
        why=event.topic,
        abort_trips=event.topic == "task.cancelled",
    )
