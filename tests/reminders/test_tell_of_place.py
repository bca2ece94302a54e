"""What people hear of a place that is offered, lost or free, and of being signed up by somebody else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.reminders.models import Reminder
from mobilize.signups import groups, waiting
from mobilize.signups.services import withdraw
from mobilize.tasks import services as tasks
from mobilize.workers.enrolment import PersonLine
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def people(*names):
    return [PersonLine(name=name, phone=f"1370000000{n}") for n, name in enumerate(names)]


def leave(signup, **more):
    withdraw(actor=acting.worker(signup.worker.user), signup_id=signup.pk, now=more.get("now", timezone.now()))
    acting.run_outbox()


def enrol(shift, *names):
    officer = OfficerFactory(union=shift.task.union, user__name="王芳")
    return groups.enrol(
        actor=acting.officer(officer),
        shift_id=shift.pk,
        members=people(*names),
        accepts_covenant=True,
        now=timezone.now(),
    )


def group_that_waits(leader, **more):
    """A group of two behind one confirmed place of two; returns the group and who holds the place."""
    shift = ShiftFactory(places=2)
    holders = [join(shift, WorkerFactory()) for _ in range(2)]
    group = groups.sign_up_group(
        actor=acting.worker(leader.user),
        shift_id=shift.pk,
        name="一车间",
        members=people("李英", "张三")[: more.get("others", 1)],
        with_me=more.get("with_me", True),
        accepts_covenant=True,
        now=timezone.now(),
    )
    return group, holders


def test_an_offered_place_names_its_deadline_and_a_lost_one_says_so():
    shift, second = ShiftFactory(places=1), WorkerFactory(user__language="en")
    first = join(shift, WorkerFactory())
    signup = join(shift, second)
    leave(first)
    signup.refresh_from_db()
    (offer,) = acting.messages_to(second.user)
    until = timezone.localtime(signup.answer_by)
    assert f"{until:%H:%M}: http" in offer
    assert f"/signups/{signup.pk}/" in offer
    waiting.lapse(now=signup.answer_by)
    acting.run_outbox()
    assert acting.messages_to(second.user)[1].startswith("【工会动员】No answer came in time")


def test_whom_somebody_else_signed_up_is_told_once_by_whom_with_a_place_or_waiting():
    confirmed, waits = enrol(ShiftFactory(places=1), "李英", "张三")
    acting.run_outbox()
    for signup in (confirmed, waits):
        (message,) = acting.messages_to(signup.worker.user)
        assert message.startswith("【工会动员】已为您报名")
        assert "报名人：王芳" in message
        assert ("候补" in message) == (signup is waits)


def test_a_group_is_asked_once_through_its_leader_even_when_she_does_not_come():
    leader = WorkerFactory()
    group, holders = group_that_waits(leader, with_me=False, others=2)
    acting.run_outbox()
    assert acting.messages_to(leader.user) == []
    for holder in holders:
        leave(holder)
    (asked,) = acting.messages_to(leader.user)
    assert f"/groups/{group.pk}/" in asked
    for signup in group.signups.all():
        assert leader.user.name in acting.messages_to(signup.worker.user)[-1]


def test_a_declined_group_is_reminded_of_nothing_more():
    leader = WorkerFactory()
    group, holders = group_that_waits(leader)
    for holder in holders:
        leave(holder)
    waiting.decline(actor=acting.worker(leader.user), signup_id=group.signups.first().pk, now=timezone.now())
    acting.run_outbox()
    assert not Reminder.objects.filter(status="pending", subject_id__in=group.signups.values("pk")).exists()


def test_in_the_last_call_the_head_of_the_list_is_told_who_answers_first_gets_it():
    shift, second = ShiftFactory(places=1, starts_at=timezone.now() + timedelta(minutes=110)), WorkerFactory()
    shift.task.campaign.withdraw_hours = 0
    shift.task.campaign.save()
    first = join(shift, WorkerFactory())
    join(shift, second)
    leave(first)
    (message,) = acting.messages_to(second.user)
    assert "先" in message


@pytest.mark.parametrize("with_me", [True, False])
def test_of_a_shift_that_is_called_off_the_leader_hears_once_whether_she_comes_or_not(with_me):
    leader = WorkerFactory()
    group, holders = group_that_waits(leader, with_me=with_me, others=2 - with_me)
    members = [signup.worker.user for signup in group.signups.exclude(worker=leader)]
    acting.run_outbox()
    officer = OfficerFactory(union=group.shift.task.union)
    tasks.cancel(actor=acting.officer(officer), task_id=group.shift.task_id, now=timezone.now())
    acting.run_outbox()

    def called_off(user):
        return [text for text in acting.messages_to(user) if "取消" in text]

    assert len(called_off(leader.user)) == 1
    assert "团队“一车间”" in called_off(leader.user)[0]
    for user in [*members, *(holder.worker.user for holder in holders)]:
        assert len(called_off(user)) == 1
        assert "一车间" not in called_off(user)[0]
