from celery import shared_task
from django.utils import timezone

from mobilize.campaigns import readers


@shared_task(name="campaigns.fold_views")
def fold_views() -> None:
    """Every twenty seconds."""
    readers.fold(now=timezone.now())
