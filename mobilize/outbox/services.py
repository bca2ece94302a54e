"""Write events beside the change they tell of, and hand them to Celery."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from mobilize.core import bulk
from mobilize.core.ids import uuid7
from mobilize.core.nudges import nudge
from mobilize.outbox.listeners import listeners_of
from mobilize.outbox.models import Event

BATCH = 500
MOST_UNDER_WAY = 5000  # events handed to the broker and not done
UNDER_WAY_FOR = timedelta(minutes=10)  # so a listener that fails for good stops the others only so long
SWEEP_AFTER = timedelta(seconds=60)


def record(topic: str, subject_id: UUID, **data: object) -> None:
    """Write an event; must run inside the transaction of the change.

    Args:
        topic: `<thing>.<what happened>`, e.g. `signup.confirmed`.
        subject_id: id of the row it is about.
        data: ids and plain values only, nothing personal.
    """
    record_many([(topic, subject_id, data)])


def record_many(events: list[tuple[str, UUID, dict[str, object]]]) -> None:
    """Write several events (topic, subject id, data) at once."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event must be written in the transaction of its change")
    now = timezone.now()
    rows = [(uuid7(), now, topic, subject, data) for topic, subject, data in events]
    bulk.insert_values(Event, ["id", "created_at", "topic", "subject_id", "data"], rows)
    nudge("outbox.relay")


def relay(*, now: datetime | None = None) -> int:
    """Hand events that were not relayed yet to their listeners.

    Several relays share the work: rows another one holds are skipped. The broker never holds much more than
    MOST_UNDER_WAY events: in a surge the rest waits in the database, where there is room.

    Returns:
        How many events were handed over.
    """
    now = now or timezone.now()
    handed_over = Event.objects.filter(done_at__isnull=True, relayed_at__gt=now - UNDER_WAY_FOR)
    under_way = handed_over[:MOST_UNDER_WAY].count()
    waiting = Event.objects.filter(relayed_at__isnull=True).order_by("created_at")
    return _hand_over(waiting, now, most=min(BATCH, MOST_UNDER_WAY - under_way))


def sweep(*, now: datetime | None = None) -> int:
    """Hand over again what was relayed a minute ago and is not done: the broker or a worker lost it.

    Returns:
        How many events were handed over again.
    """
    now = now or timezone.now()
    lost = Event.objects.filter(done_at__isnull=True, relayed_at__lt=now - SWEEP_AFTER).order_by("relayed_at")
    return _hand_over(lost, now, most=BATCH)


def tidy(*, now: datetime) -> int:
    """Delete events that were done a month ago.

    Returns:
        How many rows went, their notes included.
    """
    return Event.objects.filter(done_at__lt=now - timedelta(days=30)).delete()[0]


def _hand_over(events: models.QuerySet[Event], now: datetime, *, most: int) -> int:
    with transaction.atomic():
        batch = list(events.select_for_update(skip_locked=True)[:most])
        silent = [event.pk for event in batch if not listeners_of(event.topic)]
        for event in batch:
            for job in listeners_of(event.topic).values():
                job.delay(str(event.pk))
        # Stamped after the hand-over: a crash in between repeats a message, and a repeated one changes nothing.
        Event.objects.filter(pk__in=[event.pk for event in batch]).update(relayed_at=now)
        Event.objects.filter(pk__in=silent).update(done_at=now)
    return len(batch)
