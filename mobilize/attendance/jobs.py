from celery import shared_task
from django.utils import timezone

from mobilize.attendance import closing


@shared_task(name="attendance.close_ended")
def close_ended() -> None:
    """Every minute."""
    while closing.close_ended(now=timezone.now()) == closing.A_BATCH:
        pass
