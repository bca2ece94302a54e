"""An officer corrects a person's times; what stood there before, who and why stays written down."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from mobilize.attendance import checkins, policies
from mobilize.attendance.models import CheckIn, Correction
from mobilize.attendance.states import EARLY, GRACE, Source
from mobilize.core.actor import Actor
from mobilize.core.errors import Invalid
from mobilize.tasks.models import Shift

MOST_WHY = 300


@transaction.atomic
def correct(
    *,
    actor: Actor,
    shift_id: UUID,
    worker_id: UUID,
    arrived_at: datetime | None,
    left_at: datetime | None,
    why: str,
    now: datetime,
) -> Correction:
    """Set when somebody came and left, whatever was noted, and let her hours follow.

    Args:
        actor: a dispatcher of the task's branch.
        shift_id, worker_id: of whom: she signed up for the shift or is on its list.
        arrived_at: from two hours before the start to a quarter of an hour after the end.
        left_at: after it.
        why: for her and the trace, up to 300 characters.
        now: current time.
    Returns:
        The trace; the last one when an officer has set the same times already.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `policies.demand_correcting`.
        Invalid: every wrong field at once: `required`, `too_long`, `lies_ahead`, `outside_shift`;
            `left_before_arriving` beside `left_at`.
    """
    shift = policies.demand_correcting(actor, shift_id=shift_id)
    worker = checkins.on_the_list(shift, worker_id)
    wrong = wrong_times(shift, arrived_at, left_at, now=now)
    if not why.strip():
        wrong["why"] = ["required"]
    elif len(why.strip()) > MOST_WHY:
        wrong["why"] = ["too_long"]
    if arrived_at is None or left_at is None or wrong:
        raise Invalid(wrong)
    says = {
        "arrived_at": arrived_at,
        "arrived_heard_at": now,
        "arrived_source": Source.OFFICER,
        "arrived_by_id": actor.user_id,
        "left_at": left_at,
        "left_heard_at": now,
        "left_source": Source.OFFICER,
        "left_by_id": actor.user_id,
    }
    found, made = CheckIn.objects.select_for_update().get_or_create(shift=shift, worker=worker, defaults=says)
    sources = {found.arrived_source, found.left_source}
    if not made and (found.arrived_at, found.left_at) == (arrived_at, left_at) and sources == {Source.OFFICER}:
        return found.corrections.latest("created_at")  # sent twice
    trace = Correction.objects.create(
        checkin=found,
        by_id=actor.user_id,
        why=why.strip(),
        arrived_before=None if made else found.arrived_at,
        left_before=None if made else found.left_at,
        arrived_after=arrived_at,
        left_after=left_at,
        created_at=now,
    )
    for name, value in says.items():
        setattr(found, name, value)
    found.save()
    checkins.settle(found, shift=shift, worker=worker, actor=actor, now=now)
    return trace


def wrong_times(
    shift: Shift, arrived_at: datetime | None, left_at: datetime | None, *, now: datetime
) -> dict[str, list[str]]:
    """Return what is wrong with an arrival and a leaving that somebody typed, by field; see `correct`."""
    wrong: dict[str, list[str]] = {}
    for name, at in {"arrived_at": arrived_at, "left_at": left_at}.items():
        if at is None:
            wrong[name] = ["required"]
        elif at > now:
            wrong[name] = ["lies_ahead"]
    if arrived_at and not shift.starts_at - EARLY <= arrived_at <= shift.ends_at + GRACE:
        wrong.setdefault("arrived_at", ["outside_shift"])
    if arrived_at and left_at and left_at < arrived_at:
        wrong.setdefault("left_at", ["left_before_arriving"])
    return wrong
