"""A shift is over: who forgot to say that she left is taken to have stayed until the planned end."""

from datetime import timedelta

from mobilize.attendance import checkins, closing, queries
from mobilize.attendance.models import CheckIn, ServiceRecord
from mobilize.attendance.states import Mark, Outcome, Source, Standing, Step
from tests import acting


def keep(shift, leader, worker, step, at):
    return checkins.keep(actor=acting.worker(leader.user), shift_id=shift.pk, worker_id=worker.pk, step=step, now=at)


def test_a_quarter_of_an_hour_after_the_end_the_planned_end_stands_and_says_what_it_is(shift, leader, signup, start):
    keep(shift, leader, signup.worker, Step.ARRIVED, start)
    assert closing.close_ended(now=shift.ends_at + timedelta(minutes=14)) == 0
    assert closing.close_ended(now=shift.ends_at + timedelta(minutes=15)) == 1
    assert closing.close_ended(now=shift.ends_at + timedelta(minutes=16)) == 0
    found = queries.person_on(shift, signup.worker, now=shift.ends_at)
    assert (found.standing, found.marks) == (Standing.SERVED, [Mark.END_NOT_RECORDED])
    record = ServiceRecord.objects.get()
    assert (record.minutes, record.source) == (360, Source.PLANNED)
    signup.refresh_from_db()
    assert signup.status == "attended"


def test_a_later_word_about_the_leaving_replaces_the_guess(shift, leader, signup, start):
    keep(shift, leader, signup.worker, Step.ARRIVED, start)
    closing.close_ended(now=shift.ends_at + timedelta(hours=1))
    checkin, outcome = checkins.keep(
        actor=acting.worker(leader.user), shift_id=shift.pk, worker_id=signup.worker_id, step=Step.LEFT,
        now=shift.ends_at + timedelta(hours=2), at=start + timedelta(hours=4),
    )  # fmt: skip
    assert (outcome, checkin.left_source) == (Outcome.RECORDED, Source.LEADER)
    assert (ServiceRecord.objects.get().minutes, ServiceRecord.objects.count()) == (240, 1)


def test_hours_after_the_end_nobody_adds_time_by_saying_that_she_leaves(shift, leader, signup, start):
    keep(shift, leader, signup.worker, Step.ARRIVED, start)
    closing.close_ended(now=shift.ends_at + timedelta(hours=1))
    late = shift.ends_at + timedelta(hours=3)
    actor = acting.worker(signup.worker.user)
    _checkin, outcome = checkins.come_or_go(actor=actor, shift_id=shift.pk, step=Step.LEFT, now=late)
    assert outcome == Outcome.ALREADY
    assert CheckIn.objects.get().left_source == Source.PLANNED


def test_nobody_who_did_not_come_is_touched(shift, signup):
    assert closing.close_ended(now=shift.ends_at + timedelta(days=1)) == 0
    signup.refresh_from_db()
    assert signup.status == "confirmed"
