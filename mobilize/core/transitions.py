"""Status changes: update where the status is old, expect one row, leave a trace."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import models

from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict
from mobilize.core.models import Transition


def move(
    row: models.Model,
    *,
    to: str,
    allowed_from: Collection[str],
    actor: Actor,
    now: datetime,
    why: str = "",
    **changes: Any,
) -> None:
    """Change `row.status` in one conditional UPDATE and record it. Must run inside a transaction.

    Args:
        row: the row to change; its attributes are refreshed with what was written.
        to: the new status.
        allowed_from: statuses from which the change is possible now.
        actor: who does it.
        now: time of the change.
        why: the reason, for the trace.
        changes: further columns written with it.
    Raises:
        Conflict: `wrong_status` with `status`, when the row is in none of `allowed_from` any more.
    """
    manager = type(row)._default_manager
    before = row.status  # type: ignore[attr-defined]
    if before not in allowed_from:
        raise Conflict("wrong_status", status=before, wanted=to)
    if not manager.filter(pk=row.pk, status=before).update(status=to, **changes):
        raise Conflict("wrong_status", status=manager.values_list("status", flat=True).get(pk=row.pk), wanted=to)
    for name, value in {"status": to, **changes}.items():
        setattr(row, name, value)
    record([row], before=before, to=to, actor=actor, now=now, why=why)


def record(rows: Iterable[models.Model], *, before: str, to: str, actor: Actor, now: datetime, why: str = "") -> None:
    """Leave the trace of a change that was written by other means (a bulk update, an insert)."""
    Transition.objects.bulk_create(
        Transition(
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
            from_status=before,
            to_status=to,
            by_user_id=actor.user_id,
            by_client=actor.client_id or "",
            why=why[:300],
            created_at=now,
        )
        for row in rows
    )
