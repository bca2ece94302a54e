"""Sums of services, and who is on the spot. Row visibility comes from the caller."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from mobilize.attendance.models import CheckIn, Correction, ServiceRecord
from mobilize.attendance.states import GRACE, Mark, Source, Standing, marks, minutes_between
from mobilize.core.errors import NotFound
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift
from mobilize.tasks.states import LIVE, TaskStatus
from mobilize.workers.models import Worker

WITH_A_PLACE = [SignupStatus.CONFIRMED, SignupStatus.ATTENDED, SignupStatus.NO_SHOW]
AROUND = timedelta(hours=12)  # a leader finds the lists of shifts so near


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


def hours_by_source(worker_id: UUID) -> list[tuple[Source, float]]:
    """Return a worker's hours for each source that has any, the strongest first."""
    rows = ServiceRecord.objects.filter(worker=worker_id, minutes__gt=0).order_by().values_list("source")
    sums = dict(rows.annotate(minutes=Sum("minutes")))
    return [(source, round(sums[source] / 60, 1)) for source in Source if source in sums]


def services_of(worker_id: UUID) -> QuerySet[ServiceRecord]:
    """A worker's services with their tasks, the latest first."""
    rows = ServiceRecord.objects.filter(worker=worker_id)
    return rows.select_related("task__site").order_by("-day", "-created_at", "pk")


def corrected(worker_id: UUID) -> QuerySet[Correction]:
    """Corrections of a worker's times with shift and officer, the latest first."""
    rows = Correction.objects.filter(checkin__worker=worker_id)
    return rows.select_related("by", "checkin__shift__post__site").order_by("-created_at", "pk")


def minutes_of_signups(signup_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the minutes recorded for sign-ups, by sign-up; those without a complete check-in are left out."""
    if not signup_ids:
        return {}
    rows = CheckIn.objects.filter(
        shift__signups__in=signup_ids, worker=F("shift__signups__worker"), left_at__isnull=False
    )
    times = rows.values_list("shift__signups", "arrived_at", "left_at", "shift__starts_at", "shift__ends_at")
    return {
        signup: minutes_between(arrived, left, starts_at=starts, ends_at=ends)
        for signup, arrived, left, starts, ends in times
        if left
    }


# --- a shift's list --------------------------------------------------------------------------------------------


@dataclass
class Person:
    """Somebody on a shift's list.

    Attributes:
        worker: with her user and union.
        signup: her place, None for a walk-in.
        checkin: what was noted, None when nothing was.
        standing: derived.
        marks: what is said of her beside it.
        minutes: that count, None as long as she has not left.
    """

    worker: Worker
    signup: Signup | None
    checkin: CheckIn | None
    standing: Standing
    marks: list[Mark] = field(default_factory=list)
    minutes: int | None = None


@dataclass(frozen=True)
class Tally:
    """A shift's people counted: `walk_ins` are in none of the others."""

    expected: int
    came: int
    present: int
    no_show: int
    walk_ins: int
    tracked: bool


def tally(shift: Shift) -> Tally:
    """Count a shift's people."""
    places = Signup.objects.filter(shift=shift, status__in=WITH_A_PLACE)
    hers = CheckIn.objects.filter(shift=shift, worker__in=places.values("worker"))
    signed_up = hers.aggregate(came=Count("pk"), present=Count("pk", filter=Q(left_at=None)))
    # no join with check-ins: a person has as many as she ever served
    came = Exists(CheckIn.objects.filter(shift=shift, worker=OuterRef("worker")))
    counted = places.annotate(came=came).aggregate(
        expected=Count("pk"), no_show=Count("pk", filter=Q(status=SignupStatus.NO_SHOW, came=False))
    )
    everybody = CheckIn.objects.filter(shift=shift).count()
    return Tally(
        **signed_up, **counted, walk_ins=everybody - signed_up["came"], tracked=bool(everybody or counted["no_show"])
    )


def expected(shift: Shift) -> QuerySet[Signup]:
    """The sign-ups with a place on a shift, with person, in the order of sign-up."""
    rows = Signup.objects.filter(shift=shift, status__in=WITH_A_PLACE)
    return rows.select_related("worker__user", "worker__union").order_by("created_at", "pk")


def served(shift_id: UUID) -> Shift:
    """Return a shift that people serve on, with post, site, team and task; closed books keep nobody away.

    Raises:
        NotFound
    """
    rows = Shift.objects.filter(called_off_at=None, task__status__in=[*LIVE, TaskStatus.CLOSED])
    found = rows.select_related("post__site", "post__team", "task__campaign", "task__union").filter(pk=shift_id).first()
    if found is None:
        raise NotFound
    return found


def people(shift: Shift, signups: Collection[Signup], *, tracked: bool, now: datetime) -> list[Person]:
    """Return these people of a shift as they stand.

    Args:
        shift: which.
        signups: from `expected`, a page of it.
        tracked: whether anybody noted anything about this shift, see `tally`.
        now: current time.
    """
    rows = _listed(shift).filter(worker__in=[signup.worker_id for signup in signups])
    noted = {one.worker_id: one for one in rows}
    return [_person(shift, one.worker, one, noted.get(one.worker_id), tracked=tracked, now=now) for one in signups]


def _listed(shift: Shift) -> QuerySet[CheckIn]:
    """A shift's check-ins, which carry whether an officer `corrected` them: those no tap undoes."""
    corrected = Exists(Correction.objects.filter(checkin=OuterRef("pk")))
    return CheckIn.objects.filter(shift=shift).annotate(corrected=corrected)


def walk_ins(shift: Shift, *, now: datetime) -> list[Person]:
    """Return the people who came without a place, in the order of arrival."""
    places = Signup.objects.filter(shift=shift, status__in=WITH_A_PLACE).values("worker")
    rows = _listed(shift).exclude(worker__in=places)
    rows = rows.select_related("worker__user", "worker__union").order_by("arrived_at", "pk")
    return [_person(shift, one.worker, None, one, tracked=True, now=now) for one in rows]


def present_without_place(rows: QuerySet[CheckIn], *, now: datetime) -> QuerySet[CheckIn]:
    """Check-ins of people who came without a sign-up and have not left, with the shift.

    Args:
        rows: e.g. a person's own.
        now: current time.
    """
    places = Signup.objects.filter(shift=OuterRef("shift"), worker=OuterRef("worker"), status__in=WITH_A_PLACE)
    here = rows.filter(~Exists(places), left_at=None, shift__ends_at__gt=now - GRACE)
    return here.select_related("shift__post__site").order_by("arrived_at")


def people_of(shift: Shift, worker_ids: Collection[UUID], *, now: datetime) -> list[Person]:
    """Return these people as they stand on a shift, in this order; who never signed up for it nor came is left out.

    Args:
        shift: which.
        worker_ids: who; also those who gave their places back.
        now: current time.
    """
    places = {one.worker_id: one for one in expected(shift).filter(worker__in=worker_ids)}
    noted = {one.worker_id: one for one in CheckIn.objects.filter(shift=shift, worker__in=worker_ids)}
    rows = Worker.objects.filter(Q(signups__shift=shift) | Q(checkins__shift=shift), pk__in=worker_ids)
    workers = {one.pk: one for one in rows.select_related("user", "union")}
    tracked = tally(shift).tracked
    return [
        _person(shift, workers[pk], places.get(pk), noted.get(pk), tracked=tracked, now=now)
        for pk in worker_ids
        if pk in workers
    ]


def person_on(shift: Shift, worker: Worker, *, now: datetime) -> Person:
    """Return one person as she stands on a shift, whether she has a place on it or not.

    Args:
        shift, worker: which.
        now: current time.
    """
    signup = expected(shift).filter(worker=worker).first()
    checkin = CheckIn.objects.filter(shift=shift, worker=worker).first()
    return _person(shift, worker, signup, checkin, tracked=tally(shift).tracked, now=now)


def _person(
    shift: Shift, worker: Worker, signup: Signup | None, checkin: CheckIn | None, *, tracked: bool, now: datetime
) -> Person:
    if checkin is None:
        return Person(worker, signup, None, _without_word(shift, signup, tracked=tracked, now=now))
    times = {"starts_at": shift.starts_at, "ends_at": shift.ends_at}
    left_at = checkin.left_at
    return Person(
        *(worker, signup, checkin),
        Standing.SERVED if left_at else Standing.PRESENT,
        marks(
            arrived_at=checkin.arrived_at,
            left_at=left_at,
            left_source=checkin.left_source,
            walk_in=signup is None,
            **times,
        ),
        minutes_between(checkin.arrived_at, left_at, **times) if left_at else None,
    )


def _without_word(shift: Shift, signup: Signup | None, *, tracked: bool, now: datetime) -> Standing:
    if signup and signup.status == SignupStatus.NO_SHOW:
        return Standing.NO_SHOW
    if now < shift.ends_at:
        return Standing.EXPECTED
    return Standing.NOT_NOTED if tracked else Standing.NEVER_TRACKED


def kept_now(shifts: QuerySet[Shift], *, user_id: UUID, now: datetime) -> QuerySet[Shift]:
    """Shifts of teams a person leads whose list she may need: under way, of today, or not long over.

    Args:
        shifts: those the actor keeps.
        user_id: the leader.
        now: current time.
    """
    near = shifts.filter(post__team__leader__user=user_id, starts_at__lt=now + AROUND, ends_at__gt=now - AROUND)
    return near.select_related("post__site", "task").order_by("starts_at", "pk")


def to_close(*, now: datetime, after: timedelta) -> QuerySet[CheckIn]:
    """Check-ins whose shift is over since `after`, and of whose end nobody said anything."""
    rows = CheckIn.objects.filter(left_at=None, shift__ends_at__lte=now - after)
    return rows.select_related("shift__task", "worker").order_by("shift__ends_at", "pk")
