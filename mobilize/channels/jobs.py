from celery import shared_task
from celery.worker import state
from django.utils import timezone

from mobilize.channels import addresses, budget, claims, sending

PATIENCE = 0.25  # seconds: nudges come at most every fifth of one, so the last one may have been left out


def _worker_ends() -> bool:
    """Whether this process was asked to end. Its own signal handler notes it, so senders run with `--pool solo`."""
    return state.should_stop is not None or state.should_terminate is not None


@shared_task(name="channels.send_codes")
def send_codes() -> None:
    """Every second, and at once after one was written down; in a queue of its own."""
    sending.pump(codes=True, patience=PATIENCE, stop=_worker_ends)


@shared_task(name="channels.send_messages")
def send_messages() -> None:
    """Every two seconds, and at once after one was written down."""
    sending.pump(codes=False, patience=PATIENCE, stop=_worker_ends)


@shared_task(name="channels.recover")
def recover() -> None:
    """Every five seconds: what senders that died left behind."""
    claims.recover(now=timezone.now())


@shared_task(name="channels.tidy")
def tidy() -> None:
    """Every hour."""
    budget.tidy(now=timezone.now())
    addresses.tidy(now=timezone.now())
