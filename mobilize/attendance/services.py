"""Recording services."""

from datetime import date
from uuid import UUID

from mobilize.attendance.models import ServiceRecord
from mobilize.attendance.states import Source


def record(
    *,
    union_id: UUID,
    task_id: UUID,
    worker_id: UUID,
    day: date,
    source: Source,
    source_key: str,
    person_trips: int = 0,
    minutes: int = 0,
) -> ServiceRecord:
    """Record a worker's service; the same `source_key` a second time changes nothing.

    Args:
        union_id: whose service it counts as.
        task_id: for which task.
        worker_id: who.
        day: in the city's zone.
        source: how we know.
        source_key: identifies the thing recorded, e.g. `trip:<id>`.
        person_trips: persons carried, one way.
        minutes: time served, at most 1,440.
    """
    found, _ = ServiceRecord.objects.get_or_create(
        source_key=source_key,
        defaults={
            "union_id": union_id,
            "task_id": task_id,
            "worker_id": worker_id,
            "day": day,
            "source": source,
            "person_trips": person_trips,
            "services": 1,
            "minutes": min(minutes, 24 * 60),
        },
    )
    return found


def record_again(
    *,
    union_id: UUID,
    task_id: UUID,
    worker_id: UUID,
    day: date,
    source: Source,
    source_key: str,
    minutes: int,
    by: UUID | None,
) -> ServiceRecord:
    """Record a worker's hours, or correct what the same `source_key` says.

    Args:
        union_id, task_id, worker_id, day, source, source_key, minutes: as in `record`.
        by: the user who noted it last.
    """
    says = {"source": source, "minutes": min(minutes, 24 * 60), "recorded_by_id": by}
    found, _ = ServiceRecord.objects.update_or_create(
        source_key=source_key,
        defaults=says,
        create_defaults=says
        | {"union_id": union_id, "task_id": task_id, "worker_id": worker_id, "day": day, "services": 1},
    )
    return found


def forget(*, source_key: str) -> None:
    """Take back what was recorded by mistake."""
    ServiceRecord.objects.filter(source_key=source_key).delete()
