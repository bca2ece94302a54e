from celery import shared_task
from django.utils import timezone

from mobilize.outbox.listeners import listens_to
from mobilize.outbox.models import Event
from mobilize.signups import endings, swaps, turns, waiting


@listens_to("task.cancelled")
def call_off(event: Event) -> None:
    """Nobody is bound by a task that was called off."""
    endings.call_off_task(task_id=event.subject_id, now=timezone.now())


@listens_to("task.closed")
def close_books(event: Event) -> None:
    """Nobody waits for a task whose books are closed."""
    endings.close_books(task_id=event.subject_id, now=timezone.now())


@listens_to("user.erased")
def leave_all(event: Event) -> None:
    """Places of a person who is gone go to those waiting."""
    endings.leave_all(user_id=event.subject_id, now=timezone.now())


@listens_to("signup.withdrawn")
def decline_swaps(event: Event) -> None:
    """Nobody waits for an answer about a place that was given back."""
    swaps.decline_all_for(signup_id=event.subject_id)


@shared_task(name="signups.lapse")
def lapse() -> None:
    """Every ten seconds."""
    waiting.lapse(now=timezone.now())


@shared_task(name="signups.serve_turns")
def serve_turns() -> None:
    """Every second."""
    turns.serve(now=timezone.now())
