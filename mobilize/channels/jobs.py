from uuid import UUID

from celery import shared_task
from django.utils import timezone

from mobilize.channels import services
from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event


@listens_to("delivery.queued")
def hand_to_sender(event: Event) -> None:
    """Send at once what was just queued."""
    send.delay(str(event.subject_id))


@shared_task(name="channels.send")
def send(delivery_id: str) -> None:
    services.send(delivery_id=UUID(delivery_id), now=timezone.now())


@shared_task(name="channels.send_due")
def send_due() -> None:
    """Every five seconds: retries, and what a lost message left behind."""
    now = timezone.now()
    services.settle_doubtful(now=now)
    for delivery_id in services.due(now=now):
        services.send(delivery_id=delivery_id, now=timezone.now())
