from celery import shared_task
from django.utils import timezone

from mobilize.channels import budget, claims, sending

PATIENCE = 0.25  # seconds: nudges come at most every fifth of one, so the last one may have been left out


@shared_task(name="channels.send_codes")
def send_codes() -> None:
    """Every second, and at once after one was written down; in a queue of its own."""
    sending.pump(codes=True, patience=PATIENCE)


@shared_task(name="channels.send_messages")
def send_messages() -> None:
    """Every two seconds, and at once after one was written down."""
    sending.pump(codes=False, patience=PATIENCE)


@shared_task(name="channels.recover")
def recover() -> None:
    """Every five seconds: what senders that died left behind."""
    claims.recover(now=timezone.now())


@shared_task(name="channels.tidy")
def tidy() -> None:
    """Every hour."""
    budget.tidy(now=timezone.now())
