"""Row locks. Services take them in this order to stay free of deadlocks:
plan, task, people (see `signups.places.hold`), shift, offer, fleet, driver, trip.
"""

from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from mobilize.core.errors import NotFound

M = TypeVar("M", bound=Model)


def locked(rows: QuerySet[M], **lookup: object) -> M:
    """Return the one row, held against other writers until the transaction ends.

    Args:
        rows: the rows the actor may see.
        lookup: what identifies the one.
    Raises:
        NotFound: no such row.
    """
    row = guarded(rows).filter(**lookup).first()
    if row is None:
        raise NotFound
    return row


def guarded(rows: QuerySet[M]) -> QuerySet[M]:
    """Add FOR UPDATE on the rows themselves (joined rows stay free)."""
    return rows.select_for_update(of=("self",))


def one_at_a_time(name: str) -> None:
    """Hold others who do something of this name, until the transaction ends; for what has no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
