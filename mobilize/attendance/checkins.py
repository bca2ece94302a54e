"""Noting who came and who left a post: by herself, by whoever keeps the list, and taking back what was a mistake.

One row for each person and shift: whoever is first writes it, by `a_person_checks_in_once_on_a_shift`, and everybody
after her is told what stands there. A leaving is one UPDATE where nobody has left yet. So of the same scan ten times,
or of leader and worker at once, one counts and nothing is ever written over; an officer corrects (`corrections.py`).
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from mobilize.attendance import codes, policies, queries, services
from mobilize.attendance.models import CheckIn
from mobilize.attendance.states import (
    AHEAD,
    BACKDATED,
    EARLY,
    GRACE,
    Outcome,
    Source,
    Step,
    counted,
    minutes_between,
    weaker,
)
from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict, Invalid, NotFound
from mobilize.core.locks import one_at_a_time
from mobilize.signups import attending, group_limits
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift, Site
from mobilize.workers.enrolment import PersonLine, check_people, ensure_workers
from mobilize.workers.models import Worker
from mobilize.workers.queries import profile_or_error

KM_PER_DEGREE = 111.2
Position = tuple[float, float]


@transaction.atomic
def come_or_go(
    *, actor: Actor, shift_id: UUID, step: Step, now: datetime, proof: str = "", position: Position | None = None
) -> tuple[CheckIn, Outcome]:
    """Note what a person says of herself: she came, or leaves.

    Args:
        actor: the signed-in person, who has a profile; without a sign-up she counts as a walk-in if she scanned.
        shift_id: which.
        step: what she says.
        now: current time.
        proof: of `codes.stood` when she scanned the post's code; without it, it is her own statement.
        position: latitude and longitude of her phone in degrees, if she likes: advice, kept as a distance.
    Returns:
        Her check-in, and whether it was recorded now or already.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: no such shift; `no_profile`; `unknown_code`.
        Conflict: `code_is_old`; `not_signed_up` for a statement of her own without a place; else see `note`.
    """
    worker = profile_or_error(user_id=actor.person)
    at, source = now, Source.SELF
    if proof:
        proven, at = codes.read_stood(proof, now=now)
        if proven != shift_id:
            raise NotFound("unknown_code")
        source = Source.CODE
    shift = queries.served(shift_id)
    if policies.kept_by(actor).filter(pk=shift_id).exists():
        source = Source.SELF  # who keeps the list has its code, too: nobody is her own witness
    hers = Signup.objects.filter(shift=shift, worker=worker, status__in=[SignupStatus.CONFIRMED, SignupStatus.NO_SHOW])
    if source == Source.SELF and step == Step.ARRIVED and not hers.exists():
        raise Conflict("not_signed_up")
    if step == Step.LEFT:
        at = now
    return note(
        shift=shift,
        worker=worker,
        step=step,
        at=at,
        source=source,
        actor=actor,
        now=now,
        distance_m=_distance(shift.post.site, position),
    )


def _distance(site: Site, position: Position | None) -> int | None:
    """Return how far a phone is from the site, in whole hundreds of metres."""
    if position is None:
        return None
    latitude, longitude = float(site.latitude), float(site.longitude)
    north = (position[0] - latitude) * KM_PER_DEGREE
    east = (position[1] - longitude) * KM_PER_DEGREE * math.cos(math.radians(latitude))
    return round(math.hypot(north, east) * 10) * 100


@transaction.atomic
def keep(
    *, actor: Actor, shift_id: UUID, worker_id: UUID, step: Step, now: datetime, at: datetime | None = None
) -> tuple[CheckIn, Outcome]:
    """Note on the list that somebody came or left.

    Args:
        actor: who keeps the list of the shift.
        shift_id: which.
        worker_id: somebody with a sign-up for it, or who is on the list already.
        step: what is noted.
        now: current time.
        at: when it was; None for now.
    Returns:
        The check-in, and whether it was recorded now or already.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `policies.demand_keeping`; NotFound also for others than those.
        Conflict: see `note`.
    """
    shift = policies.demand_keeping(actor, shift_id=shift_id)
    worker = on_the_list(shift, worker_id)
    return note(shift=shift, worker=worker, step=step, at=at or now, source=Source.LEADER, actor=actor, now=now)


def on_the_list(shift: Shift, worker_id: UUID) -> Worker:
    """Return a worker who has signed up for a shift, or was noted on it.

    Raises:
        NotFound
    """
    rows = Worker.objects.filter(Q(signups__shift=shift) | Q(checkins__shift=shift), pk=worker_id)
    found = rows.select_related("user", "union").first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def walk_in(*, actor: Actor, shift_id: UUID, name: str, phone: str, now: datetime) -> tuple[CheckIn, Outcome]:
    """Note that somebody came without having signed up. A new number becomes a person of the task's union.

    Args:
        actor: who keeps the list.
        shift_id: which.
        name, phone: as typed.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `policies.demand_keeping`.
        Invalid: beside `name` and `phone`, see `workers.enrolment.check_people`.
        TooMany: `people_too_fast`.
        Conflict: see `note`.
    """
    shift = policies.demand_keeping(actor, shift_id=shift_id)
    numbers, wrong = check_people([PersonLine(name=name, phone=phone)], field="people")
    group_limits.spend_people(actor, numbers)
    if wrong:
        raise Invalid({field.rpartition(".")[2]: found for field, found in wrong.items()})
    names = dict.fromkeys(numbers, name)
    [worker] = ensure_workers(names, union_id=shift.task.union_id, now=now).values()
    return note(shift=shift, worker=worker, step=Step.ARRIVED, at=now, source=Source.LEADER, actor=actor, now=now)


def note(
    *,
    shift: Shift,
    worker: Worker,
    step: Step,
    at: datetime,
    source: Source,
    actor: Actor,
    now: datetime,
    distance_m: int | None = None,
) -> tuple[CheckIn, Outcome]:
    """Write down that somebody came or left; what stands already stays. Must run inside a transaction.

    Args:
        shift: with its task.
        worker: who.
        step: what.
        at: when, by the clock of whoever noted it.
        source: how we know.
        actor: who notes it.
        now: when we hear of it.
        distance_m: of her phone to the site.
    Raises:
        Conflict: `clock_ahead`, `scan_too_old`; `too_early_at_post` with `from_at`; `shift_is_over` for an arrival
            after the end; `not_arrived`, `left_before_arriving` for a leaving.
    """
    if at > now + AHEAD:
        raise Conflict("clock_ahead")
    if at < now - BACKDATED:
        raise Conflict("scan_too_old")
    if step == Step.LEFT:
        return note_leaving(shift=shift, worker=worker, at=at, source=source, actor=actor, now=now)
    return note_arrival(shift=shift, worker=worker, at=at, source=source, actor=actor, now=now, distance_m=distance_m)


def note_arrival(
    *,
    shift: Shift,
    worker: Worker,
    at: datetime,
    source: Source,
    actor: Actor,
    now: datetime,
    distance_m: int | None = None,
) -> tuple[CheckIn, Outcome]:
    """Write down an arrival of any age; see `note`."""
    source = _witnessed(source, worker, actor)
    if at < shift.starts_at - EARLY:
        raise Conflict("too_early_at_post", from_at=(shift.starts_at - EARLY).isoformat())
    if at > shift.ends_at + GRACE:
        raise Conflict("shift_is_over")
    found, made = CheckIn.objects.get_or_create(
        shift=shift,
        worker=worker,
        defaults={
            "arrived_at": at,
            "arrived_heard_at": now,
            "arrived_source": source,
            "arrived_by_id": actor.user_id,
            "distance_m": distance_m,
            "created_at": now,
        },
    )
    return found, Outcome.RECORDED if made else Outcome.ALREADY


def note_leaving(
    *, shift: Shift, worker: Worker, at: datetime, source: Source, actor: Actor, now: datetime
) -> tuple[CheckIn, Outcome]:
    """Write down a leaving of any age; it replaces a planned end. See `note`."""
    source = _witnessed(source, worker, actor)
    hers = CheckIn.objects.filter(shift=shift, worker=worker)
    open_end = Q(left_at=None)
    if at <= shift.ends_at + GRACE:
        open_end |= Q(left_source=Source.PLANNED)
    says = {"left_at": at, "left_heard_at": now, "left_source": source, "left_by_id": actor.user_id}
    changed = hers.filter(open_end, arrived_at__lte=at).update(**says)
    found = hers.first()
    if found is None:
        raise Conflict("not_arrived")
    if changed:
        settle(found, shift=shift, worker=worker, actor=actor, now=now)
        return found, Outcome.RECORDED
    if found.arrived_at > at:
        raise Conflict("left_before_arriving")
    return found, Outcome.ALREADY


def _witnessed(source: Source, worker: Worker, actor: Actor) -> Source:
    """Return how we know, for a list that may be kept by the person herself: nobody is her own leader."""
    return Source.SELF if source == Source.LEADER and worker.user_id == actor.user_id else source


def settle(checkin: CheckIn, *, shift: Shift, worker: Worker, actor: Actor, now: datetime) -> None:
    """Let the hours of a complete check-in follow from it, and her place be attended; the caller holds its row.

    Who left before the shift began has served nothing: no service follows, and it stays for an officer to judge. A
    minute counts once: what she has served on another shift at the same time is taken away.

    Args:
        checkin: with both times.
        shift, worker: its own.
        actor: who completed it.
        now: for the trace.
    """
    if checkin.left_at is None:
        return
    one_at_a_time(f"hours:{worker.pk}")
    minutes = minutes_between(checkin.arrived_at, checkin.left_at, starts_at=shift.starts_at, ends_at=shift.ends_at)
    minutes -= min(minutes, _served_elsewhere(checkin, shift))
    if not minutes:
        services.forget(source_key=_key(checkin))
        return
    services.record_again(
        union_id=worker.union_id,
        task_id=shift.task_id,
        worker_id=worker.pk,
        day=timezone.localdate(shift.starts_at),
        source=weaker(checkin.arrived_source, checkin.left_source),
        source_key=_key(checkin),
        minutes=minutes,
        by=actor.user_id,
    )
    attending.attended(shift_id=shift.pk, worker_id=worker.pk, actor=actor, now=now)


def _served_elsewhere(checkin: CheckIn, shift: Shift) -> int:
    """Return the minutes of a complete check-in that other complete ones of the same person cover."""
    begin, end = counted(checkin.arrived_at, checkin.left_at, starts_at=shift.starts_at, ends_at=shift.ends_at)  # type: ignore[arg-type]
    others = CheckIn.objects.filter(worker=checkin.worker_id, arrived_at__lt=end, left_at__gt=begin)
    covered = [
        counted(one.arrived_at, one.left_at, starts_at=one.shift.starts_at, ends_at=one.shift.ends_at)  # type: ignore[arg-type]
        for one in others.exclude(pk=checkin.pk).select_related("shift").order_by("arrived_at")
    ]
    total, until = timedelta(0), begin
    for first, last in sorted(covered):
        first, last = max(first, until), min(last, end)
        if last > first:
            total, until = total + last - first, last
    return round(total / timedelta(minutes=1))


def _key(checkin: CheckIn) -> str:
    return f"checkin:{checkin.pk}"


@transaction.atomic
def no_show(*, actor: Actor, shift_id: UUID, worker_id: UUID, now: datetime) -> bool:
    """Note that somebody with a place did not come; a second time changes nothing.

    Args:
        actor: who keeps the list.
        shift_id: one that has begun.
        worker_id: who.
        now: current time.
    Returns:
        Whether that is new.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `policies.demand_keeping`; NotFound also without a place.
        Conflict: `not_begun`; `has_arrived`.
    """
    shift = policies.demand_keeping(actor, shift_id=shift_id)
    if now < shift.starts_at:
        raise Conflict("not_begun")
    if CheckIn.objects.filter(shift=shift, worker=worker_id).exists():
        raise Conflict("has_arrived")
    states: Sequence[str] = [SignupStatus.CONFIRMED, SignupStatus.NO_SHOW]
    signup = Signup.objects.filter(shift=shift, worker=worker_id, status__in=states).first()
    if signup is None:
        raise NotFound
    if signup.status == SignupStatus.NO_SHOW:
        return False
    attending.missed(signup=signup, actor=actor, now=now)
    return True


@transaction.atomic
def undo(*, actor: Actor, shift_id: UUID, worker_id: UUID, now: datetime) -> None:
    """Take back the last thing noted of somebody: that she left, that she came, or that she did not come.

    Args:
        actor: who keeps the list.
        shift_id, worker_id: of whom. Where nothing was noted nothing changes.
        now: for the trace.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `policies.demand_keeping`.
        Conflict: `was_corrected`: an officer's correction is not undone by a tap; `changed_meanwhile`.
    """
    shift = policies.demand_keeping(actor, shift_id=shift_id)
    checkin = CheckIn.objects.select_for_update().filter(shift=shift, worker=worker_id).first()
    if checkin and checkin.corrections.exists():
        raise Conflict("was_corrected")
    attending.reopen(shift_id=shift_id, worker_id=worker_id, actor=actor, now=now)
    if checkin is None:
        return
    services.forget(source_key=_key(checkin))
    if checkin.left_at and checkin.left_source != Source.PLANNED:
        transitions.record([checkin], before=Step.LEFT, to=Step.ARRIVED, actor=actor, now=now)
        checkin.left_at, checkin.left_heard_at, checkin.left_source, checkin.left_by_id = None, None, "", None
        checkin.save(update_fields=["left_at", "left_heard_at", "left_source", "left_by"])
        return
    transitions.record([checkin], before=Step.ARRIVED, to="", actor=actor, now=now)
    checkin.delete()
