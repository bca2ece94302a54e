"""Who hears of what. Listening apps register in their jobs.py."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from mobilize.outbox.models import Event, Handled

Handler = Callable[[Event], None]
_listeners: dict[str, dict[str, Any]] = defaultdict(dict)


def listens_to(*topics: str) -> Callable[[Handler], Any]:
    """Decorator: run `handler(event)` in a Celery job, once, for each event of these topics.

    The handler and the note that it has run are one transaction, so a repeated message changes nothing.
    """

    def register(handler: Handler) -> Any:
        name = f"{handler.__module__.split('.')[1]}.{handler.__name__}"

        def run(event_id: str) -> None:
            with transaction.atomic():
                note, first_time = Handled.objects.get_or_create(event_id=UUID(event_id), listener=name)
                if first_time:
                    handler(note.event)
                _close_if_all_have_handled(note.event)

        job = shared_task(name=name)(run)
        for topic in topics:
            _listeners[topic][name] = job
        return job

    return register


def _close_if_all_have_handled(event: Event) -> None:
    """Two last listeners at once may both miss it; the sweeper's repetition then closes the event."""
    if Handled.objects.filter(event=event).count() >= len(_listeners[event.topic]):
        Event.objects.filter(pk=event.pk, done_at__isnull=True).update(done_at=timezone.now())


def listeners_of(topic: str) -> dict[str, Any]:
    """Return the topic's listeners: Celery task by name."""
    return _listeners[topic]
