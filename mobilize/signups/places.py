"""Taking places: one person in one statement, several together under the shift's lock.

A shift carries how many places are taken and how many people wait. Both ways change the counters in the transaction
that writes the rows, with the shift's row held, so nobody is booked over the limit; the check constraint
`never_more_places_taken_than_there_are` stands behind them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from mobilize.campaigns.states import CampaignStatus
from mobilize.core.ids import uuid7
from mobilize.core.models import known_in_part
from mobilize.core.nudges import nudge
from mobilize.core.postgresql.base import DatabaseWrapper
from mobilize.outbox import services as outbox
from mobilize.signups.models import Signup, SignupGroup
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.tasks.models import Shift
from mobilize.tasks.states import LIVE
from mobilize.workers.models import Worker


def _listed(statuses: Sequence[str]) -> str:
    return ", ".join(f"'{status}'" for status in statuses)


# `person` holds the person first (two sign-ups of one person see each other), `seat` then holds the shift and counts.
# `offer` stands between them for the hot shift: when a row that was queued for is free, PostgreSQL tests the update's
# whole condition anew, while all behind wait. Her other shifts are tested there too, though a constraint would refuse
# them: a second tap need not queue.
# `seat` finds no row when somebody waits although a place is free (a group that is too big for it): that is for the
# long way. So after the update `waiting = 0` means that a place was taken, and `waiting` is else the position.
# The statuses are literals and the conditions sub-selects with LIMIT: so it is planned once, for any values, with the
# partial index of `a_worker_is_at_one_place_at_a_time`, and never reads more rows as sign-ups grow.
_SIGN_UP = f"""
WITH person AS MATERIALIZED (
    SELECT id, union_id, pg_advisory_xact_lock(hashtextextended(id::text, 0)) AS held
    FROM workers_worker WHERE user_id = %(user)s
), offer AS MATERIALIZED (
    SELECT shift.id, shift.task_id, shift.post_id, shift.starts_at, shift.ends_at,
           person.id AS worker_id, person.union_id
    FROM tasks_shift shift, person
    WHERE shift.id = %(shift)s AND shift.starts_at > %(now)s AND (shift.opens_at IS NULL OR shift.opens_at <= %(now)s)
      AND (SELECT true FROM tasks_task task
           JOIN campaigns_campaign campaign ON campaign.id = task.campaign_id {{pledged}}
           WHERE task.id = shift.task_id AND task.status IN ({_listed(LIVE)})
             AND campaign.status = '{CampaignStatus.OPEN}' LIMIT 1)
      AND (SELECT true FROM signups_signup other
           WHERE other.worker_id = person.id AND other.status IN ({_listed(AHEAD)})
             AND other.during && tstzrange(shift.starts_at, shift.ends_at) LIMIT 1) IS NULL
), seat AS (
    UPDATE tasks_shift shift
    SET taken = shift.taken + (shift.taken < shift.places)::int,
        waiting = shift.waiting + (shift.taken >= shift.places)::int,
        last_number = shift.last_number + (shift.taken >= shift.places)::int
    FROM offer
    WHERE shift.id = offer.id AND (shift.waiting = 0 OR shift.taken >= shift.places)
    RETURNING offer.*, shift.waiting, shift.last_number,
              CASE WHEN shift.waiting = 0 THEN '{SignupStatus.CONFIRMED}' ELSE '{SignupStatus.WAITLISTED}' END AS status
), signup AS (
    INSERT INTO signups_signup (id, created_at, shift_id, worker_id, signed_up_by_id, status, during, waiting_number)
    SELECT %(signup)s, %(now)s, id, worker_id, %(user)s, status, tstzrange(starts_at, ends_at),
           CASE WHEN waiting > 0 THEN last_number END
    FROM seat
), event AS (
    INSERT INTO outbox_event (id, created_at, topic, subject_id, data)
    SELECT %(event)s, %(now)s, 'signup.' || status, %(signup)s, '{{{{}}}}'::jsonb FROM seat
){{pledge}}
SELECT worker_id, status, waiting, last_number, post_id, starts_at, ends_at FROM seat
"""  # noqa: S608  # nothing but constants of ours goes into it
# Every part costs time, used or not: who accepts the covenant with it gets a statement of her own.
_HAS_PLEDGED = "JOIN campaigns_pledge pledge ON pledge.campaign_id = task.campaign_id AND pledge.worker_id = person.id"
_PLEDGE = """, pledge AS (
    INSERT INTO campaigns_pledge (id, created_at, campaign_id, worker_id, union_id, via_id)
    SELECT %(pledge)s, %(now)s, task.campaign_id, seat.worker_id, seat.union_id,
           (SELECT id FROM unions_union WHERE code = %(via)s)
    FROM seat JOIN tasks_task task ON task.id = seat.task_id
    ON CONFLICT (campaign_id, worker_id) DO NOTHING
    RETURNING id
), pledge_event AS (
    INSERT INTO outbox_event (id, created_at, topic, subject_id, data)
    SELECT %(pledge_event)s, %(now)s, 'pledge.made', pledge.id, '{}'::jsonb FROM pledge
)"""
_WITHOUT_PLEDGE = _SIGN_UP.format(pledged=_HAS_PLEDGED, pledge="")
_WITH_PLEDGE = _SIGN_UP.format(pledged="", pledge=_PLEDGE)


def take_one(*, user_id: UUID, shift_id: UUID, accepts_covenant: bool, via: str, now: datetime) -> Signup | None:
    """Take a place or the end of the waiting list for one person, with her pledge and the events, in one statement.

    Args:
        user_id: who, with a profile.
        shift_id: which.
        accepts_covenant: writes her pledge when there is none yet.
        via: code of the union whose share link brought her, or empty.
        now: current time.
    Returns:
        The sign-up with `position` and `post_id`; its shift is read when somebody asks. None when nothing was changed
        because some condition does not hold.
    Raises:
        IntegrityError: she signed up for something at the same time in the same instant.
        OperationalError: the shift's row could not be had in time, or the database could not be reached.
    """
    signup_id = uuid7()
    values = {
        "user": user_id,
        "shift": shift_id,
        "now": now,
        "signup": signup_id,
        "event": uuid7(),
    }
    if accepts_covenant:
        values |= {"via": via, "pledge": uuid7(), "pledge_event": uuid7()}
    statement = _WITH_PLEDGE if accepts_covenant else _WITHOUT_PLEDGE
    row = cast(DatabaseWrapper, connection).prepared(statement, values)
    if row is None:
        return None
    worker_id, status, waiting, number, post_id, starts_at, ends_at = row
    signup = known_in_part(
        Signup,
        id=signup_id,
        shift_id=shift_id,
        worker_id=worker_id,
        signed_up_by_id=user_id,
        status=SignupStatus(status),
        during=DateTimeTZRange(starts_at, ends_at),
        waiting_number=number if waiting else None,
        created_at=now,
    )
    signup.position = waiting or None  # type: ignore[attr-defined]
    signup.post_id = post_id  # type: ignore[attr-defined]
    nudge("outbox.relay")
    return signup


def hold(people: Sequence[UUID]) -> None:
    """Hold workers until the transaction ends, against other sign-ups of theirs. Comes before the shift's lock.

    Args:
        people: ids of workers, in any order.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(id::text, 0)) FROM unnest(%s::uuid[]) AS id",
            [sorted(people)],
        )


def take(
    *, workers: Sequence[Worker], shift: Shift, by: UUID | None, now: datetime, group: SignupGroup | None = None
) -> list[Signup]:
    """Take places for all of these people, or the end of the waiting list for all of them.

    Args:
        workers: at least one; each held (see `hold`) and free at that time.
        shift: locked by the caller; whoever waits and fits has been promoted before.
        by: the user who signs them up.
        now: current time.
        group: whom they belong to.
    Returns:
        The sign-ups in the order of the workers.
    """
    confirmed = len(workers) <= shift.left
    numbers = range(shift.last_number + 1, shift.last_number + len(workers) + 1)
    signups = Signup.objects.bulk_create(
        Signup(
            shift=shift,
            worker=worker,
            group=group,
            status=SignupStatus.CONFIRMED if confirmed else SignupStatus.WAITLISTED,
            during=DateTimeTZRange(shift.starts_at, shift.ends_at),
            waiting_number=None if confirmed else number,
            signed_up_by_id=by,
            created_at=now,
        )
        for worker, number in zip(workers, numbers, strict=True)
    )
    if confirmed:
        shift.taken += len(workers)
    else:
        shift.waiting += len(workers)
        shift.last_number += len(workers)
    save_counters(shift)
    outbox.record_many([(f"signup.{signup.status}", signup.pk, {}) for signup in signups])
    return signups


def leave(shift: Shift, status: str, people: int = 1) -> None:
    """Count people of one status out.

    Args:
        shift: locked by the caller.
        status: the one they had: WAITLISTED, or one that holds a place.
        people: how many.
    """
    if status == SignupStatus.WAITLISTED:
        shift.waiting -= people
    else:
        shift.taken -= people
    save_counters(shift)


def save_counters(shift: Shift) -> None:
    """Write the counters of a shift that the caller holds."""
    shift.save(update_fields=["taken", "waiting", "last_number"])
