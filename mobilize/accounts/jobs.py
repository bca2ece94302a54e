from celery import shared_task
from django.utils import timezone

from mobilize.accounts import services


@shared_task(name="accounts.tidy")
def tidy() -> None:
    """Every hour."""
    services.tidy(now=timezone.now())
