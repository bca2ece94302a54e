"""What a phone scanned at a post, perhaps without network, and sends when it can: each scan is heard once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from mobilize.attendance import checkins, codes, models, policies
from mobilize.attendance.models import CheckIn
from mobilize.attendance.states import Outcome, Source, Step
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict, Invalid, NotFound
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift
from mobilize.workers.models import Worker

MOST_SCANS = 200  # at a time


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What a phone noted.

    Attributes:
        key: the phone's own id of it, the same when it is sent again.
        step: what it says.
        at: by the phone's clock.
        shown: a person's code as it was read, or the six digits under it.
    """

    key: UUID
    step: Step
    at: datetime
    shown: str


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What became of a scan.

    Attributes:
        key: of the scan.
        outcome: recorded now; already, by this scan or somebody else; refused.
        code: why it was refused, else empty.
        name: of the person, empty when the code leads to nobody.
        at: the time that stands for the step now, None when it was refused.
    """

    key: UUID
    outcome: Outcome
    code: str = ""
    name: str = ""
    at: datetime | None = None


def hear(*, actor: Actor, shift_id: UUID, scans: Sequence[Scan], now: datetime) -> list[Heard]:
    """Note what a phone scanned, each on its own; a scan that was heard before changes nothing and says so.

    Args:
        actor: who keeps the list of the shift.
        shift_id: at which the phone scanned.
        scans: up to 200; not older than 24 hours, not more than 2 minutes ahead of our clock.
        now: current time.
    Returns:
        What became of each, in order. Codes of refusal: `unknown_code`, `code_of_two`, `other_shift`, and those of
        `checkins.note`.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `policies.demand_keeping`.
        Invalid: `too_many` with `most`, beside `scans`.
    """
    shift = policies.demand_keeping(actor, shift_id=shift_id)
    if len(scans) > MOST_SCANS:
        raise Invalid({"scans": ["too_many"]}, most=MOST_SCANS)
    return [_hear(actor, shift, scan, now) for scan in scans]


def _hear(actor: Actor, shift: Shift, scan: Scan, now: datetime) -> Heard:
    try:
        with transaction.atomic():
            row = models.Scan.objects.create(
                shift=shift, sender_id=actor.person, key=scan.key, step=scan.step, at=scan.at, created_at=now
            )
            return _judge(actor, shift, scan, row, now)
    except IntegrityError:
        # The phone did not get the first answer, or asks twice at once.
        row = models.Scan.objects.select_related("worker__user").get(sender=actor.person, key=scan.key)
        outcome = Outcome.REFUSED if row.outcome == Outcome.REFUSED else Outcome.ALREADY
        return _answer(row, outcome)


def _judge(actor: Actor, shift: Shift, scan: Scan, row: models.Scan, now: datetime) -> Heard:
    try:
        with transaction.atomic():
            row.worker = _shown(shift, scan.shown)
            is_own = row.worker.user_id == actor.user_id  # nobody is her own witness
            _checkin, outcome = checkins.note(
                shift=shift,
                worker=row.worker,
                step=scan.step,
                at=scan.at,
                source=Source.SELF if is_own else Source.CODE,
                actor=actor,
                now=now,
            )
            row.outcome = outcome
    except (Conflict, NotFound) as error:
        row.code = error.code
    row.save(update_fields=["worker", "outcome", "code"])
    return _answer(row, Outcome(row.outcome))


def _answer(row: models.Scan, outcome: Outcome) -> Heard:
    at: datetime | None = None
    if row.worker and outcome != Outcome.REFUSED:
        checkin = CheckIn.objects.filter(shift=row.shift_id, worker=row.worker).first()
        if checkin:
            at = checkin.arrived_at if row.step == Step.ARRIVED else checkin.left_at
    name = row.worker.user.name if row.worker else ""
    return Heard(key=row.key, outcome=outcome, code=row.code, name=name, at=at)


def _shown(shift: Shift, shown: str) -> Worker:
    """Return whose code was shown.

    Raises:
        NotFound: `unknown_code`.
        Conflict: `other_shift`: her place is elsewhere; `code_of_two`.
    """
    digits = "".join(shown.split())
    people = Signup.objects.select_related("worker__user", "worker__union")
    if codes.is_short(digits):
        rows_here = people.filter(shift=shift).exclude(status=SignupStatus.WITHDRAWN)
        found = [one for one in rows_here if codes.short_of_signup(one.pk) == digits]
        if len(found) > 1:
            raise Conflict("code_of_two")
    else:
        found = list(people.filter(pk=codes.read_signup(shown)))
    if not found:
        raise NotFound("unknown_code")
    if found[0].shift_id != shift.pk:
        raise Conflict("other_shift")
    return found[0].worker
