"""What a phone kept without network is heard once, with its own time beside ours."""

from datetime import timedelta

import pytest

from mobilize.attendance import checkins, codes, scans
from mobilize.attendance.models import CheckIn, ServiceRecord
from mobilize.attendance.states import Outcome, Source, Step
from mobilize.core.errors import Invalid, NotFound
from mobilize.core.ids import uuid7
from tests import acting
from tests.factories import SignupFactory


@pytest.fixture
def hear(shift, leader):
    """Return a function that lets the leader's phone send scans."""

    def _hear(*given, now):
        return scans.hear(actor=acting.worker(leader.user), shift_id=shift.pk, scans=given, now=now)

    return _hear


def scan(signup, at, step=Step.ARRIVED, *, shown=""):
    return scans.Scan(key=uuid7(), step=step, at=at, shown=shown or codes.of_signup(signup.pk))


def test_a_scan_keeps_its_own_time_and_the_time_it_was_heard_of(hear, signup, start):
    came, left, now = start, start + timedelta(hours=5), start + timedelta(hours=20)
    heard = hear(scan(signup, came), scan(signup, left, Step.LEFT), now=now)
    assert [one.outcome for one in heard] == [Outcome.RECORDED] * 2
    checkin = CheckIn.objects.get()
    assert (checkin.arrived_at, checkin.left_at) == (came, left)
    assert (checkin.arrived_heard_at, checkin.left_heard_at) == (now, now)
    assert (ServiceRecord.objects.get().minutes, ServiceRecord.objects.get().source) == (300, Source.CODE)


def test_a_scan_sent_again_changes_nothing_even_when_it_was_undone_in_between(hear, shift, leader, signup, start):
    one = scan(signup, start)
    hear(one, now=start)
    checkins.undo(actor=acting.worker(leader.user), shift_id=shift.pk, worker_id=signup.worker_id, now=start)
    [again] = hear(one, now=start + timedelta(minutes=1))
    assert again.outcome == Outcome.ALREADY
    assert not CheckIn.objects.exists()


def test_a_second_scan_of_her_says_when_she_was_noted(hear, signup, start):
    hear(scan(signup, start), now=start)
    [heard] = hear(scan(signup, start + timedelta(minutes=3)), now=start + timedelta(minutes=3))
    assert (heard.outcome, heard.at, heard.name) == (Outcome.ALREADY, start, signup.worker.user.name)


def test_of_many_scans_the_wrong_ones_are_refused_each_with_its_reason_and_stay_refused(hear, shift, signup, start):
    elsewhere = SignupFactory(shift__starts_at=start + timedelta(days=3))
    now = start + timedelta(hours=1)
    given = [
        scan(signup, now + timedelta(minutes=3)),
        scan(signup, now - timedelta(hours=24, minutes=1)),
        scan(signup, now, Step.LEFT),
        scan(elsewhere, now),
        scan(signup, now, shown="nonsense"),
        scan(signup, now, shown="12345"),
        scan(signup, now + timedelta(minutes=2)),
    ]
    codes_of = ["clock_ahead", "scan_too_old", "not_arrived", "other_shift", "unknown_code", "unknown_code", ""]
    assert [one.code for one in hear(*given, now=now)] == codes_of
    assert [one.code for one in hear(*given, now=now)] == codes_of
    assert CheckIn.objects.count() == 1


def test_six_digits_lead_to_her_and_those_of_two_people_to_nobody(hear, shift, signup, start):
    digits = codes.short_of_signup(signup.pk)
    [heard] = hear(scan(signup, start, shown=f"{digits[:3]} {digits[3:]}"), now=start)
    assert heard.name == signup.worker.user.name
    known = {}
    while (digits := codes.short_of_signup(key := uuid7())) not in known:  # two of some thousand ids share theirs
        known[digits] = key
    twins = [SignupFactory(pk=pk, shift=shift) for pk in (known[digits], key)]
    [heard] = hear(scan(twins[0], start, shown=digits), now=start)
    assert (heard.outcome, heard.code, heard.name) == (Outcome.REFUSED, "code_of_two", "")


def test_more_than_200_at_a_time_are_refused_whole(hear, signup, start):
    with pytest.raises(Invalid) as refused:
        hear(*(scan(signup, start) for _ in range(201)), now=start)
    assert refused.value.fields == {"scans": ["too_many"]}


def test_a_phone_that_keeps_no_list_here_is_not_heard(shift, signup, start):
    with pytest.raises(NotFound):
        scans.hear(actor=acting.worker(signup.worker.user), shift_id=shift.pk, scans=[scan(signup, start)], now=start)
    assert not CheckIn.objects.exists()
