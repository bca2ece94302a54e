"""Sums of services."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, Sum

from mobilize.attendance.models import ServiceRecord


@dataclass(frozen=True)
class Counts:
    """The counts of the evening report, and hours."""

    person_trips: int
    services: int
    flights: int
    incidents: int
    second_transfers: int
    hours: float


def _sum(condition: Q) -> Counts:
    columns = ["person_trips", "services", "flights", "incidents", "second_transfers", "minutes"]
    sums = ServiceRecord.objects.filter(condition).aggregate(**{name: Sum(name, default=0) for name in columns})
    return Counts(hours=round(sums.pop("minutes") / 60, 1), **sums)


def of_task(task_id: UUID) -> Counts:
    """Sum up a task."""
    return _sum(Q(task_id=task_id))


def of_unions(union_ids: Iterable[UUID], *, day: date | None = None) -> Counts:
    """Sum up unions, on one day or over all time."""
    condition = Q(union_id__in=list(union_ids))
    return _sum(condition & Q(day=day) if day else condition)


def of_worker(worker_id: UUID) -> Counts:
    """Sum up a worker."""
    return _sum(Q(worker_id=worker_id))
