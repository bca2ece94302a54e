"""The list on paper comes back: everything that stands on it is noted at once, or nothing is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from mobilize.attendance import checkins, policies
from mobilize.attendance.models import CheckIn
from mobilize.attendance.states import EARLY, GRACE, ON_PAPER, Outcome, Source
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict, Invalid
from mobilize.signups import group_limits
from mobilize.tasks.models import Shift
from mobilize.workers.enrolment import PersonLine, check_people, ensure_workers
from mobilize.workers.models import Worker

MOST_LINES = 200


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person of the list.

    Attributes:
        worker_id: of somebody with a sign-up, or already noted; None for somebody who came without.
        name, phone: of whoever came without, as typed.
        arrived_at, left_at: None where nothing stands.
        absent: it says that she did not come.
    """

    worker_id: UUID | None
    name: str = ""
    phone: str = ""
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    absent: bool = False


@transaction.atomic
def type_back(*, actor: Actor, shift_id: UUID, lines: Sequence[Line], now: datetime) -> int:
    """Note what stands on the paper list; what was noted before stays.

    Args:
        actor: who keeps the list of the shift.
        shift_id: until seven days after its end.
        lines: up to 200; empty ones are passed over.
        now: current time.
    Returns:
        How many people something new was noted of.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `policies.demand_keeping`; NotFound also for others than its people.
        Conflict: `too_late_for_paper`; `has_arrived`: she was noted in the meantime.
        Invalid: every wrong field of every line at once, as `lines.<index>.<field>`: `lies_ahead`, `outside_shift`,
            `left_before_arriving`; `not_arrived` beside `arrived_at`; `absent_with_times`, `not_begun` beside `absent`;
            `too_many` beside `lines`; see also `workers.enrolment.check_people`.
        TooMany: `people_too_fast`.
    """
    shift = policies.demand_keeping(actor, shift_id=shift_id)
    if now > shift.ends_at + ON_PAPER:
        raise Conflict("too_late_for_paper")
    if len(lines) > MOST_LINES:
        raise Invalid({"lines": ["too_many"]}, most=MOST_LINES)
    said = {n: line for n, line in enumerate(lines) if line.arrived_at or line.left_at or line.absent or line.phone}
    noted = dict(CheckIn.objects.filter(shift=shift).values_list("worker", "arrived_at"))
    wrong = {
        f"lines.{n}.{field}": codes
        for n, line in said.items()
        for field, codes in _wrong(shift, line, noted.get(line.worker_id) if line.worker_id else None, now).items()
    }
    newcomers = {n: line for n, line in said.items() if line.worker_id is None}
    numbers, bad = check_people([PersonLine(name=one.name, phone=one.phone) for one in newcomers.values()], field="")
    group_limits.spend_people(actor, numbers)
    at = list(newcomers)
    for field, found in bad.items():
        _list, index, name = field.split(".")
        wrong[f"lines.{at[int(index)]}.{name}"] = found
    if wrong:
        raise Invalid(wrong)
    names = {phone: newcomers[at[index]].name for phone, index in numbers.items()}
    made = ensure_workers(names, union_id=shift.task.union_id, now=now)
    people = {at[index]: made[phone] for phone, index in numbers.items()}
    workers = {
        n: people[n] if line.worker_id is None else checkins.on_the_list(shift, line.worker_id)
        for n, line in said.items()
    }
    return sum(_note(actor, shift, workers[n], line, now) for n, line in said.items())


def _wrong(shift: Shift, line: Line, arrived_at: datetime | None, now: datetime) -> dict[str, list[str]]:
    came = line.arrived_at or arrived_at
    wrong = {
        name: ["lies_ahead"]
        for name, at in {"arrived_at": line.arrived_at, "left_at": line.left_at}.items()
        if at and at > now
    }
    if line.absent and now < shift.starts_at:
        wrong["absent"] = ["not_begun"]
    elif line.absent and (line.arrived_at or line.left_at):
        wrong["absent"] = ["absent_with_times"]
    elif came is None and (line.left_at or line.worker_id is None):
        wrong["arrived_at"] = ["not_arrived"]
    elif line.arrived_at and not shift.starts_at - EARLY <= line.arrived_at <= shift.ends_at + GRACE:
        wrong.setdefault("arrived_at", ["outside_shift"])
    if came and line.left_at and line.left_at < came:
        wrong.setdefault("left_at", ["left_before_arriving"])
    return wrong


def _note(actor: Actor, shift: Shift, worker: Worker, line: Line, now: datetime) -> bool:
    """Note a line; returns whether anything of it is new."""
    if line.absent:
        return checkins.no_show(actor=actor, shift_id=shift.pk, worker_id=worker.pk, now=now)
    outcomes = [
        note(shift=shift, worker=worker, at=at, source=Source.LEADER, actor=actor, now=now)[1]
        for at, note in ((line.arrived_at, checkins.note_arrival), (line.left_at, checkins.note_leaving))
        if at
    ]
    return Outcome.RECORDED in outcomes
