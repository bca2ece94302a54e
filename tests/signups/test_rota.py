"""A shift is corrected or called off alone; whoever signed up follows, or is freed, and is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.reminders.models import Reminder
from mobilize.signups import endings, queries, rota
from mobilize.signups.models import Signup
from mobilize.tasks.models import Shift
from mobilize.tasks.states import TaskStatus
from mobilize.unions.states import Role
from tests import acting
from tests.factories import OfficerFactory, PostFactory, ShiftFactory, WorkerFactory
from tests.signups.lists import bring
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def shift(officer):
    return ShiftFactory(
        places=1,
        task__union=officer.union,
        post__site__union=officer.union,
        starts_at=timezone.now() + timedelta(days=3),
    )


def correct(shift, actor, **more):
    given = {name: getattr(shift, name) for name in ("post_id", "starts_at", "ends_at", "opens_at")}
    return rota.correct_shift(actor=actor, shift_id=shift.pk, now=timezone.now(), **(given | more))


def later(shift, hours):
    return {"starts_at": shift.starts_at + hours * HOUR, "ends_at": shift.ends_at + hours * HOUR}


def test_whoever_signed_up_follows_the_shift_and_is_told_and_reminded_anew(shift, officer):
    worker, waits = WorkerFactory(), WorkerFactory()
    signup = join(shift, worker)
    join(shift, waits)
    acting.run_outbox()
    moved = correct(shift, acting.officer(officer), **later(shift, 3))
    acting.run_outbox()
    signup.refresh_from_db()
    assert (signup.status, signup.during.lower) == ("confirmed", moved.starts_at)
    for who in (worker, waits):
        assert "时间或地点有变" in acting.messages_to(who.user)[-1]
    hour_before = Reminder.objects.get(user=worker.user, kind="hour_before")
    assert (hour_before.due_at, hour_before.status) == (moved.starts_at - HOUR, "pending")
    correct(moved, acting.officer(officer), **later(moved, 1))
    acting.run_outbox()
    assert len([text for text in acting.messages_to(worker.user) if "时间或地点有变" in text]) == 2


def test_a_group_and_its_leader_are_told_once_each(officer, shift):
    Shift.objects.filter(pk=shift.pk).update(places=9)
    leader = WorkerFactory()
    bring(shift, leader, 3, with_me=False)
    acting.run_outbox()
    correct(shift, acting.officer(officer), **later(shift, 3))
    acting.run_outbox()
    assert len([text for text in acting.messages_to(leader.user) if "时间或地点有变" in text]) == 1


def test_nothing_that_changes_tells_nobody(shift, officer):
    signup = join(shift, WorkerFactory())
    acting.run_outbox()
    correct(shift, acting.officer(officer))
    acting.run_outbox()
    assert len(acting.messages_to(signup.worker.user)) == 1


def test_nobody_is_moved_into_two_places_at_a_time(shift, officer):
    worker = WorkerFactory()
    join(shift, worker)
    join(ShiftFactory(starts_at=shift.ends_at), worker)
    with pytest.raises(Invalid) as refused:
        correct(shift, acting.officer(officer), **later(shift, 1))
    assert (refused.value.fields, refused.value.data) == ({"starts_at": ["people_busy"]}, {"count": 1})


def test_an_offered_place_keeps_fair_time_to_answer(shift, officer):
    signup = join(shift, WorkerFactory())
    soon = timezone.now() + 3 * HOUR
    Signup.objects.filter(pk=signup.pk).update(status="offered", answer_by=timezone.now() + 20 * HOUR)
    correct(shift, acting.officer(officer), starts_at=soon, ends_at=soon + HOUR)
    signup.refresh_from_db()
    assert signup.answer_by == soon - 2 * HOUR


def test_the_new_time_and_post_are_looked_at_as_those_of_a_new_shift(shift, officer):
    with pytest.raises(Invalid) as refused:
        correct(shift, acting.officer(officer), post_id=PostFactory().pk, ends_at=shift.task.ends_at + HOUR)
    assert refused.value.fields == {"post_id": ["others_post"], "ends_at": ["outside_task"]}


def call_off(shift, actor):
    return endings.call_off_shift(actor=actor, shift_id=shift.pk, why="下雪", now=timezone.now())


@pytest.mark.parametrize("step", [correct, call_off])
def test_a_dispatcher_of_the_union_alone_does_it(shift, step):
    viewer = OfficerFactory(union=shift.task.union, role=Role.VIEWER)
    for actor, error in (
        (STRANGER, NotFound),
        (acting.worker(viewer.user), NotFound),
        (acting.officer(OfficerFactory()), NotFound),
        (acting.officer(viewer), Forbidden),
    ):
        with pytest.raises((error, Unauthenticated)):
            step(shift, actor)


def test_a_shift_called_off_frees_and_tells_everybody_and_nobody_signs_up_any_more(shift, officer):
    confirmed, waits = join(shift, WorkerFactory()), join(shift, WorkerFactory())
    assert call_off(shift, acting.officer(officer)) == 2
    assert call_off(shift, acting.officer(officer)) == 0
    acting.run_outbox()
    for signup in (confirmed, waits):
        signup.refresh_from_db()
        assert signup.status == "withdrawn"
        assert "已取消" in acting.messages_to(signup.worker.user)[-1]
        assert queries.why_ended(signup) == "组织方已取消这个班次。"
    with pytest.raises(NotFound):
        join(shift, WorkerFactory())
    with pytest.raises(Conflict):
        correct(shift, acting.officer(officer), **later(shift, 1))
    found = Shift.objects.get(pk=shift.pk)
    assert (found.taken, found.waiting) == (0, 0)


def test_its_post_and_time_are_free_for_another_shift(shift, officer):
    call_off(shift, acting.officer(officer))
    assert ShiftFactory(post=shift.post, starts_at=shift.starts_at).pk


def test_of_a_closed_task_a_shift_is_still_called_off_but_not_corrected(shift, officer):
    shift.task.status = TaskStatus.CLOSED
    shift.task.save()
    with pytest.raises(Conflict):
        correct(shift, acting.officer(officer), **later(shift, 1))
    assert call_off(shift, acting.officer(officer)) == 0
