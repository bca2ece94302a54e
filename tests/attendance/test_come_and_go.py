"""Somebody says of herself that she came and that she leaves; her hours follow."""

from datetime import timedelta

import pytest

from mobilize.attendance import checkins, codes, queries
from mobilize.attendance.models import CheckIn, ServiceRecord
from mobilize.attendance.states import Mark, Outcome, Source, Standing, Step
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, NotFound, Unauthenticated
from tests import acting
from tests.factories import ShiftFactory, SignupFactory, WorkerFactory


def say(worker, shift, step, now, **more):
    return checkins.come_or_go(actor=acting.worker(worker.user), shift_id=shift.pk, step=step, now=now, **more)


def standing(shift, worker, now):
    found = queries.person_on(shift, worker, now=now)
    return found.standing, found.marks, found.minutes


def test_hours_run_from_the_scanned_code_to_the_leaving_to_the_nearest_minute(shift, signup, start):
    came = start + timedelta(minutes=2, seconds=10)
    proof = codes.stood(shift.pk, at=came)
    _checkin, outcome = say(signup.worker, shift, Step.ARRIVED, came + timedelta(minutes=3), proof=proof)
    assert outcome == Outcome.RECORDED
    assert standing(shift, signup.worker, came) == (Standing.PRESENT, [], None)
    say(signup.worker, shift, Step.LEFT, start + timedelta(hours=6, minutes=1, seconds=50))
    checkin = CheckIn.objects.get()
    assert (checkin.arrived_at, checkin.arrived_source) == (came, Source.CODE)
    assert checkin.arrived_heard_at == came + timedelta(minutes=3)
    record = ServiceRecord.objects.get()
    assert (record.minutes, record.source, record.source_key) == (360, Source.SELF, f"checkin:{checkin.pk}")
    assert (record.union, record.services) == (signup.worker.union, 1)
    signup.refresh_from_db()
    assert signup.status == "attended"


def test_what_counts_lies_within_the_shift_and_a_quarter_of_an_hour_around_it(shift, signup, start):
    say(signup.worker, shift, Step.ARRIVED, start - timedelta(hours=1))
    say(signup.worker, shift, Step.LEFT, start + timedelta(hours=9))
    assert ServiceRecord.objects.get().minutes == 6 * 60 + 30


def test_a_second_arrival_and_a_second_leaving_change_nothing_and_say_so(shift, signup, start):
    for step, at in ((Step.ARRIVED, start), (Step.LEFT, start + timedelta(hours=6))):
        say(signup.worker, shift, step, at)
        _checkin, outcome = say(signup.worker, shift, step, at + timedelta(minutes=5))
        assert outcome == Outcome.ALREADY
    assert ServiceRecord.objects.get().minutes == 360


def test_who_leaves_before_it_begins_has_served_nothing(shift, signup, start):
    say(signup.worker, shift, Step.ARRIVED, start - timedelta(hours=1))
    say(signup.worker, shift, Step.LEFT, start - timedelta(minutes=40))
    assert not ServiceRecord.objects.exists()
    signup.refresh_from_db()
    assert signup.status == "confirmed"


def test_a_minute_on_two_shifts_counts_once(shift, signup, start):
    how = {"worker": signup.worker, "source": Source.CODE, "actor": acting.worker(signup.worker.user)}
    other = ShiftFactory(starts_at=start + timedelta(hours=2))
    for here, minutes in ((shift, (0, 180)), (other, (120, 300))):
        for step, at in zip(Step, minutes, strict=True):
            when = start + timedelta(minutes=at)
            checkins.note(shift=here, step=step, at=when, now=when, **how)
    assert sorted(ServiceRecord.objects.values_list("minutes", flat=True)) == [120, 180]


def test_late_and_left_early_are_said(shift, signup, start):
    say(signup.worker, shift, Step.ARRIVED, start + timedelta(minutes=20))
    say(signup.worker, shift, Step.LEFT, start + timedelta(hours=3))
    assert standing(shift, signup.worker, start) == (Standing.SERVED, [Mark.LATE, Mark.LEFT_EARLY], 160)


def test_whoever_scans_without_a_sign_up_is_a_walk_in_and_counted_apart(shift, signup, start):
    passer_by = WorkerFactory()
    say(passer_by, shift, Step.ARRIVED, start, proof=codes.stood(shift.pk, at=start))
    assert standing(shift, passer_by, start) == (Standing.PRESENT, [Mark.WALK_IN], None)
    counted = queries.tally(shift)
    assert (counted.expected, counted.came, counted.walk_ins) == (1, 0, 1)


def test_without_a_sign_up_ones_own_word_is_not_enough(shift, start):
    with pytest.raises(Conflict, match="not_signed_up"):
        say(WorkerFactory(), shift, Step.ARRIVED, start)


@pytest.mark.parametrize(
    ("offset", "code"), [(-timedelta(hours=3), "too_early_at_post"), (timedelta(hours=7), "shift_is_over")]
)
def test_nobody_arrives_hours_before_or_after(shift, signup, start, offset, code):
    with pytest.raises(Conflict, match=code):
        say(signup.worker, shift, Step.ARRIVED, start + offset)


def test_nobody_leaves_who_never_came(shift, signup, start):
    with pytest.raises(Conflict, match="not_arrived"):
        say(signup.worker, shift, Step.LEFT, start)


def test_a_distance_is_advice_and_the_place_is_kept_nowhere(shift, signup, start):
    say(signup.worker, shift, Step.ARRIVED, start, position=(38.87, 112.55))
    assert CheckIn.objects.get().distance_m == 111_200


def test_a_proof_of_another_post_and_one_that_is_too_old_are_refused(shift, signup, start):
    other = SignupFactory(worker=signup.worker, shift__starts_at=start + timedelta(days=1)).shift
    with pytest.raises(NotFound, match="unknown_code"):
        say(signup.worker, shift, Step.ARRIVED, start, proof=codes.stood(other.pk, at=start))
    with pytest.raises(Conflict, match="code_is_old"):
        say(signup.worker, shift, Step.ARRIVED, start + timedelta(minutes=11), proof=codes.stood(shift.pk, at=start))
    assert not CheckIn.objects.exists()


def test_a_stranger_says_nothing(shift, start):
    with pytest.raises(Unauthenticated):
        checkins.come_or_go(actor=STRANGER, shift_id=shift.pk, step=Step.ARRIVED, now=start)
