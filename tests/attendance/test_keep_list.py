"""Whoever keeps the list notes who came, who left, who did not come, and takes back a mistake."""

from datetime import timedelta

import pytest

from mobilize.attendance import checkins, queries
from mobilize.attendance.models import CheckIn, ServiceRecord
from mobilize.attendance.states import Mark, Outcome, Source, Standing, Step
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.core.models import Transition
from mobilize.unions.states import Role
from tests import acting
from tests.factories import OfficerFactory, PartnerFactory, ShiftFactory, SignupFactory, UserFactory, WorkerFactory


@pytest.fixture
def keep(shift, leader):
    """Return a function that lets the team's leader do one thing with somebody."""

    def _keep(service, worker, now, **more):
        return service(actor=acting.worker(leader.user), shift_id=shift.pk, worker_id=worker.pk, now=now, **more)

    return _keep


def stands(shift, worker, now):
    return queries.person_on(shift, worker, now=now).standing


def test_the_leader_notes_arrival_and_leaving_and_the_hours_are_hers(shift, signup, keep, start, leader):
    keep(checkins.keep, signup.worker, start, step=Step.ARRIVED)
    _checkin, outcome = keep(checkins.keep, signup.worker, start + timedelta(hours=2), step=Step.LEFT)
    assert outcome == Outcome.RECORDED
    record = ServiceRecord.objects.get()
    assert (record.minutes, record.source, record.recorded_by) == (120, Source.LEADER, leader.user)


def test_each_thing_noted_is_undone_one_by_one_and_leaves_a_trace(shift, signup, keep, start):
    keep(checkins.keep, signup.worker, start, step=Step.ARRIVED)
    keep(checkins.keep, signup.worker, start + timedelta(hours=2), step=Step.LEFT)
    keep(checkins.undo, signup.worker, start)
    signup.refresh_from_db()
    assert (stands(shift, signup.worker, start), signup.status) == (Standing.PRESENT, "confirmed")
    assert not ServiceRecord.objects.exists()
    keep(checkins.undo, signup.worker, start)
    assert stands(shift, signup.worker, start) == Standing.EXPECTED
    keep(checkins.undo, signup.worker, start)
    assert list(
        Transition.objects.filter(subject_type="attendance.checkin")
        .order_by("pk")
        .values_list("from_status", flat=True)
    ) == [
        "left",
        "arrived",
    ]


def test_no_show_is_said_after_the_start_and_one_who_comes_after_all_has_come(shift, signup, keep, start):
    with pytest.raises(Conflict, match="not_begun"):
        keep(checkins.no_show, signup.worker, start - timedelta(minutes=1))
    for _ in range(2):
        keep(checkins.no_show, signup.worker, start)
    signup.refresh_from_db()
    assert (signup.status, stands(shift, signup.worker, start)) == ("no_show", Standing.NO_SHOW)
    keep(checkins.keep, signup.worker, start + timedelta(hours=1), step=Step.ARRIVED)
    keep(checkins.keep, signup.worker, start + timedelta(hours=2), step=Step.LEFT)
    signup.refresh_from_db()
    assert (signup.status, stands(shift, signup.worker, start)) == ("attended", Standing.SERVED)
    with pytest.raises(Conflict, match="has_arrived"):
        keep(checkins.no_show, signup.worker, start)


def test_a_no_show_is_undone(shift, signup, keep, start):
    keep(checkins.no_show, signup.worker, start)
    keep(checkins.undo, signup.worker, start)
    signup.refresh_from_db()
    assert signup.status == "confirmed"


def test_a_shift_nobody_kept_a_list_of_says_nothing_about_anybody(shift, signup, keep, start):
    after = shift.ends_at + timedelta(minutes=1)
    assert stands(shift, signup.worker, after) == Standing.NEVER_TRACKED
    keep(checkins.keep, SignupFactory(shift=shift).worker, start, step=Step.ARRIVED)
    assert stands(shift, signup.worker, after) == Standing.NOT_NOTED
    signup.refresh_from_db()
    assert signup.status == "confirmed"


def test_somebody_who_came_without_sign_up_is_added_and_counted_apart(shift, leader, start):
    asked = {"actor": acting.worker(leader.user), "shift_id": shift.pk, "now": start}
    checkin, outcome = checkins.walk_in(name="李英", phone="138 0000 0001", **asked)
    assert (outcome, str(checkin.worker.user.phone)) == (Outcome.RECORDED, "+8613800000001")
    assert checkin.worker.union == shift.task.union
    [one] = queries.walk_ins(shift, now=start)
    assert (one.standing, one.marks) == (Standing.PRESENT, [Mark.WALK_IN])
    assert checkins.walk_in(name="李英", phone="13800000001", **asked)[1] == Outcome.ALREADY
    with pytest.raises(Invalid) as refused:
        checkins.walk_in(name="", phone="12", **asked)
    assert refused.value.fields == {"name": ["required"], "phone": ["bad_phone"]}


def test_a_dispatcher_of_the_branch_may_and_nobody_else(shift, signup, officer, start):
    asked = {"shift_id": shift.pk, "worker_id": signup.worker_id, "now": start}
    outside = OfficerFactory()
    viewer = OfficerFactory(union=officer.union, role=Role.VIEWER)
    partner = PartnerFactory(union=officer.union)
    people = [
        (STRANGER, Unauthenticated),
        (acting.worker(signup.worker.user), NotFound),
        (acting.worker(UserFactory()), NotFound),
        (acting.officer(outside), NotFound),
        (acting.worker(officer.user), NotFound),  # without the second factor she is a worker
        (acting.officer(viewer), Forbidden),
        (acting.machine(partner), Forbidden),
    ]
    for service, more in [
        (checkins.keep, {"step": Step.ARRIVED}),
        (checkins.keep, {"step": Step.LEFT}),
        (checkins.no_show, {}),
        (checkins.undo, {}),
    ]:
        for actor, error in people:
            with pytest.raises(error):
                service(actor=actor, **asked, **more)
    assert not CheckIn.objects.exists()
    checkins.keep(actor=acting.officer(officer), step=Step.ARRIVED, **asked)
    assert CheckIn.objects.count() == 1


def test_nobody_is_noted_who_has_nothing_to_do_with_the_shift(shift, keep, start):
    with pytest.raises(NotFound):
        keep(checkins.keep, WorkerFactory(), start, step=Step.ARRIVED)


def test_a_leader_is_not_her_own_witness(shift, leader, keep, start):
    mine = SignupFactory(shift=shift, worker=leader)
    keep(checkins.keep, leader, start, step=Step.ARRIVED)
    keep(checkins.keep, leader, start + timedelta(hours=2), step=Step.LEFT)
    checkin = CheckIn.objects.get(worker=mine.worker)
    assert (checkin.arrived_source, checkin.left_source) == (Source.SELF, Source.SELF)


def test_a_person_is_expected_once_however_often_she_has_served(shift, signup, start):
    for _ in range(3):
        CheckIn.objects.create(
            shift=ShiftFactory(), worker=signup.worker, arrived_at=start, arrived_heard_at=start, arrived_source="self"
        )
    assert queries.tally(shift).expected == 1
    type(signup).objects.filter(pk=signup.pk).update(status="no_show")
    assert queries.tally(shift).no_show == 1
