from celery import shared_task
from django.utils import timezone

from mobilize.outbox import services


@shared_task(name="outbox.relay")
def relay() -> None:
    """Every second, and at once after a commit."""
    while services.relay() == services.BATCH:
        pass


@shared_task(name="outbox.sweep")
def sweep() -> None:
    """Every half minute."""
    services.sweep()


@shared_task(name="outbox.tidy")
def tidy() -> None:
    """Every hour."""
    services.tidy(now=timezone.now())
