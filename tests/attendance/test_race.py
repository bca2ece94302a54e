"""The same scan ten times at once, and leader and worker at once: one counts. Without the constraint they would not."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from mobilize.attendance import checkins, codes, scans
from mobilize.attendance.models import CheckIn, Scan, ServiceRecord
from mobilize.attendance.states import Outcome, Step
from mobilize.core.ids import uuid7
from tests import acting
from tests.factories import ShiftFactory, SignupFactory, TeamFactory, WorkerFactory

pytestmark = pytest.mark.django_db(transaction=True)
ONCE = "a_person_checks_in_once_on_a_shift"


@pytest.fixture
def signup():
    team = TeamFactory(leader=WorkerFactory())
    begun = timezone.now() - timedelta(minutes=10)
    return SignupFactory(shift=ShiftFactory(starts_at=begun, places=20, post__team=team))


def leader_of(signup):
    return acting.worker(signup.shift.post.team.leader.user)


def send(signup, *, key, step=Step.ARRIVED, at=None):
    now = timezone.now()
    scan = scans.Scan(key=key, step=step, at=at or now, shown=codes.of_signup(signup.pk))
    [heard] = scans.hear(actor=leader_of(signup), shift_id=signup.shift_id, scans=[scan], now=now)
    return heard.outcome


def come(signup, step=Step.ARRIVED):
    actor = acting.worker(signup.worker.user)
    return checkins.come_or_go(actor=actor, shift_id=signup.shift_id, step=step, now=timezone.now())[1]


def test_the_same_scan_ten_times_at_once_counts_once_and_the_nine_hear_so(signup):
    # one `uuid7()` for all ten: the phone's own id of the scan
    outcomes = acting.at_once([partial(send, signup, key=uuid7())] * 10)
    assert sorted(outcomes) == [Outcome.ALREADY] * 9 + [Outcome.RECORDED]
    assert (CheckIn.objects.count(), Scan.objects.count()) == (1, 1)


def test_leader_and_worker_at_once_write_one_arrival_and_one_leaving(signup):
    for step in Step:
        calls = [partial(send, signup, key=uuid7(), step=step), partial(come, signup, step)] * 5
        outcomes = acting.at_once(calls)
        assert sorted(outcomes) == [Outcome.ALREADY] * 9 + [Outcome.RECORDED]
        CheckIn.objects.filter(left_at=None).update(arrived_at=timezone.now() - timedelta(minutes=10))
    assert (CheckIn.objects.count(), ServiceRecord.objects.count()) == (1, 1)
    signup.refresh_from_db()
    assert signup.status == "attended"


def test_without_the_constraint_the_same_person_is_written_down_twice(signup):
    [once] = [one for one in CheckIn._meta.constraints if one.name == ONCE]
    with connection.schema_editor() as schema:
        schema.remove_constraint(CheckIn, once)
    try:
        twice = False
        for _ in range(10):
            other = SignupFactory(shift=signup.shift)
            acting.at_once([partial(send, other, key=uuid7()) for _ in range(10)])
            twice = twice or CheckIn.objects.filter(worker=other.worker).count() > 1
            if twice:
                break
    finally:
        CheckIn.objects.all().delete()
        with connection.schema_editor() as schema:
            schema.add_constraint(CheckIn, once)
    assert twice
