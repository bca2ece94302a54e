from celery import shared_task
from django.utils import timezone

from mobilize.campaigns import services


@shared_task(name="campaigns.fold_views")
def fold_views() -> None:
    """Every twenty seconds."""
    services.fold_views(now=timezone.now())
