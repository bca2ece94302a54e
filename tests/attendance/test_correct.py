"""An officer corrects a person's times; her hours follow, and what was changed, by whom and why stays written down."""

from datetime import timedelta

import pytest

from mobilize.attendance import checkins, corrections, queries
from mobilize.attendance.models import Correction, ServiceRecord
from mobilize.attendance.states import Source, Standing, Step
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.unions.states import Role
from tests import acting
from tests.factories import OfficerFactory, WorkerFactory


@pytest.fixture
def correct(shift, officer, signup, start):
    """Return a function by which the officer says that she came at the start and stayed for four hours."""

    def _correct(**more):
        asked = {
            "actor": acting.officer(officer),
            "shift_id": shift.pk,
            "worker_id": signup.worker_id,
            "arrived_at": start,
            "left_at": start + timedelta(hours=4),
            "why": "纸质名单为准",
            "now": start + timedelta(hours=8),
        }
        return corrections.correct(**asked | more)

    return _correct


def test_hours_follow_and_the_trace_holds_from_to_who_and_why(shift, leader, signup, correct, officer, start):
    came, left = start + timedelta(minutes=30), start + timedelta(hours=1)
    for step, at in ((Step.ARRIVED, came), (Step.LEFT, left)):
        checkins.keep(
            actor=acting.worker(leader.user), shift_id=shift.pk, worker_id=signup.worker_id, step=step, now=at
        )
    correct()
    record = ServiceRecord.objects.get()
    assert (record.minutes, record.source, record.recorded_by) == (240, Source.OFFICER, officer.user)
    trace = Correction.objects.get()
    assert (trace.arrived_before, trace.left_before) == (came, left)
    assert (trace.arrived_after, trace.left_after) == (start, start + timedelta(hours=4))
    assert (trace.by, trace.why) == (officer.user, "纸质名单为准")
    assert queries.hours_by_source(signup.worker_id) == [(Source.OFFICER, 4.0)]


def test_where_nothing_was_noted_an_officer_notes_it_also_after_a_no_show(shift, leader, signup, correct, start):
    checkins.no_show(actor=acting.worker(leader.user), shift_id=shift.pk, worker_id=signup.worker_id, now=start)
    assert correct().arrived_before is None
    assert queries.person_on(shift, signup.worker, now=start).standing == Standing.SERVED
    signup.refresh_from_db()
    assert signup.status == "attended"


def test_a_leader_does_not_undo_it_by_a_tap(shift, leader, signup, correct, start):
    correct()
    with pytest.raises(Conflict, match="was_corrected"):
        checkins.undo(actor=acting.worker(leader.user), shift_id=shift.pk, worker_id=signup.worker_id, now=start)


def test_every_wrong_field_is_named_at_once(correct, start):
    for wrong, fields in [
        ({"why": " ", "left_at": None}, {"why": ["required"], "left_at": ["required"]}),
        ({"left_at": start - timedelta(hours=1)}, {"left_at": ["left_before_arriving"]}),
        ({"arrived_at": start - timedelta(hours=5)}, {"arrived_at": ["outside_shift"]}),
        ({"left_at": start + timedelta(hours=9)}, {"left_at": ["lies_ahead"]}),
        ({"why": "长" * 301}, {"why": ["too_long"]}),
    ]:
        with pytest.raises(Invalid) as refused:
            correct(**wrong)
        assert refused.value.fields == fields
    assert not Correction.objects.exists()


def test_a_dispatcher_of_the_branch_may_and_nobody_else(correct, leader, signup, officer):
    viewer = OfficerFactory(union=officer.union, role=Role.VIEWER)
    for actor, error in [
        (STRANGER, Unauthenticated),
        (acting.worker(signup.worker.user), NotFound),
        (acting.worker(leader.user), NotFound),
        (acting.officer(OfficerFactory()), NotFound),
        (acting.officer(viewer), Forbidden),
    ]:
        with pytest.raises(error):
            correct(actor=actor)
    with pytest.raises(NotFound):
        correct(worker_id=WorkerFactory().pk)
    assert not Correction.objects.exists()
