from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from mobilize.core.models import IdempotentRequest


@shared_task(name="core.tidy")
def tidy() -> None:
    """Every hour: an answer is repeated for 24 hours, then forgotten."""
    IdempotentRequest.objects.filter(created_at__lt=timezone.now() - timedelta(hours=24)).delete()
