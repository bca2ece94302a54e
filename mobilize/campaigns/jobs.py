from celery import shared_task

from mobilize.campaigns import readers


@shared_task(name="campaigns.fold_views")
def fold_views() -> None:
    """Every twenty seconds."""
    readers.fold()
