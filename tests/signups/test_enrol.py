"""People without a smartphone are signed up by others; their rows say by whom."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.accounts.models import User
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.core.models import Transition
from mobilize.signups import groups, policies, waiting
from mobilize.signups.models import Signup
from mobilize.signups.services import withdraw
from mobilize.tasks.models import Team
from mobilize.tasks.states import TaskStatus
from mobilize.unions.states import Role
from mobilize.workers.enrolment import PersonLine
from mobilize.workers.models import Worker
from mobilize.workers.services import save_profile
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, UserFactory, WorkerFactory
from tests.signups.lists import bring, people
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def enrol(actor, shift, count, **more):
    given = {"accepts_covenant": True, "now": timezone.now()} | more
    return groups.enrol(actor=actor, shift_id=shift.pk, members=people(count), **given)


def dispatcher_of(shift, **more):
    return acting.officer(OfficerFactory(union=shift.task.union, **more))


def team_leader_of(shift):
    leader = WorkerFactory()
    shift.post.team = Team.objects.create(
        campaign=shift.task.campaign, union=shift.task.union, name="专班", leader=leader
    )
    shift.post.save()
    return acting.worker(leader.user)


def test_each_gets_a_place_or_waits_on_her_own_and_the_row_says_who_did_it():
    shift = ShiftFactory(places=2)
    actor = dispatcher_of(shift)
    signups = enrol(actor, shift, 3)
    assert [signup.status for signup in signups] == ["confirmed", "confirmed", "waitlisted"]
    assert {signup.signed_up_by_id for signup in signups} == {actor.user_id}
    assert {worker.union_id for worker in Worker.objects.all()} == {shift.task.union_id}


def test_the_leader_of_the_posts_team_may_and_answers_for_them():
    shift = ShiftFactory(places=1)
    actor = team_leader_of(shift)
    first, second = enrol(actor, shift, 2)
    withdraw(actor=acting.worker(first.worker.user), signup_id=first.pk, now=timezone.now())
    assert set(policies.enrolled_by(actor)) == {first, second}
    assert waiting.accept(actor=actor, signup_id=second.pk, now=timezone.now()).status == "confirmed"


def test_nobody_else_may(partner_actor):
    shift = ShiftFactory(places=5)
    own_shift_of_partner = ShiftFactory(task__union_id=partner_actor.union_id)
    for actor, code in [
        (acting.worker(WorkerFactory().user), "leaders_only"),
        (acting.officer(OfficerFactory()), "leaders_only"),
        (dispatcher_of(shift, role=Role.VIEWER), "role_too_weak"),
        (team_leader_of(ShiftFactory()), "leaders_only"),
        (partner_actor, "leaders_only"),
    ]:
        with pytest.raises(Forbidden) as refused:
            enrol(actor, shift, 1)
        assert refused.value.code == code
    with pytest.raises(Unauthenticated):
        enrol(STRANGER, shift, 1)
    assert not shift.signups.exists()
    assert enrol(partner_actor, own_shift_of_partner, 1)[0].signed_up_by_id is None


def test_a_wrong_line_signs_nobody_up():
    shift = ShiftFactory(places=5)
    UserFactory(phone="+8613800000000", name="别人", last_login=timezone.now())
    busy = WorkerFactory(user__phone="+8613800000001", user__name="张三")
    join(shift, busy)
    with pytest.raises(Invalid) as refused:
        enrol(dispatcher_of(shift), shift, 3)
    assert refused.value.fields == {"members.0.name": ["name_differs"], "members.1.phone": ["busy"]}
    assert shift.signups.count() == 1
    assert User.objects.get(phone="+8613800000000").name == "别人"


def test_a_shift_that_is_not_public_has_nobody_to_sign_up():
    shift = ShiftFactory(task__status=TaskStatus.DRAFT)
    with pytest.raises(NotFound):
        enrol(dispatcher_of(shift), shift, 1)


@pytest.mark.parametrize("name", ["【工行】账户冻结 点 http://evil.cn/x 解冻。客服", "李\u202e英", "长" * 61])
def test_what_is_no_name_is_refused_beside_its_line(name):
    shift = ShiftFactory(places=1)
    with pytest.raises(Invalid) as refused:
        groups.enrol(
            actor=acting.officer(OfficerFactory(union=shift.task.union)),
            shift_id=shift.pk,
            members=[PersonLine(name=name, phone="13800000000")],
            accepts_covenant=True,
            now=timezone.now(),
        )
    assert list(refused.value.fields) == ["members.0.name"]
    assert not Signup.objects.exists()


def misspelt():
    """Somebody whom a worker wrote down under another name than hers, without her doing."""
    bring(ShiftFactory(places=9), WorkerFactory(), 1)  # 李英
    return PersonLine(name="李瑛", phone=people(1)[0].phone)


def write_down(shift, line, actor, **more):
    given = {"accepts_covenant": True, "now": timezone.now()} | more
    return groups.enrol(actor=actor, shift_id=shift.pk, members=[line], **given)


def test_a_name_that_others_typed_is_corrected_at_the_desk_once_somebody_asked_the_person():
    line, shift = misspelt(), ShiftFactory(starts_at=timezone.now() + timedelta(days=5))
    officer = acting.officer(OfficerFactory(union=shift.task.union))
    with pytest.raises(Invalid) as refused:
        write_down(shift, line, officer)
    assert refused.value.fields == {"members.0.name": ["name_unproven"]}
    [signup] = write_down(shift, line, officer, corrects_names=True)
    assert signup.worker.user.name == "李瑛"
    trace = Transition.objects.get(subject_id=signup.worker.user_id, to_status="renamed")
    assert (trace.by_user_id, trace.why) == (officer.user_id, "")


@pytest.mark.parametrize("proof", ["signed in", "gave her data", "holds an office"])
def test_who_proved_her_number_keeps_the_name_she_gave(proof):
    line, shift = misspelt(), ShiftFactory(starts_at=timezone.now() + timedelta(days=5))
    user, now = User.objects.get(name="李英"), timezone.now()
    if proof == "signed in":
        User.objects.filter(pk=user.pk).update(last_login=now)
    elif proof == "gave her data":
        Worker.objects.filter(user=user).update(consented_at=now)
    else:
        OfficerFactory(user=user)
    with pytest.raises(Invalid) as refused:
        write_down(shift, line, acting.officer(OfficerFactory(union=shift.task.union)), corrects_names=True)
    assert refused.value.fields == {"members.0.name": ["name_differs"]}


def test_a_team_leader_without_an_office_corrects_nobody():
    line, leader = misspelt(), WorkerFactory()
    shift = ShiftFactory(starts_at=timezone.now() + timedelta(days=5))
    shift.post.team = Team.objects.create(
        campaign=shift.task.campaign, union=shift.task.union, name="转运专班", leader=leader
    )
    shift.post.save()
    with pytest.raises(Invalid) as refused:
        write_down(shift, line, acting.worker(leader.user), corrects_names=True)
    assert refused.value.fields == {"members.0.name": ["name_differs"]}


def test_the_person_herself_corrects_her_name_and_lists_then_match():
    line, shift = misspelt(), ShiftFactory(starts_at=timezone.now() + timedelta(days=5))
    worker = Worker.objects.get(user__name="李英")
    save_profile(actor=acting.worker(worker.user), name=line.name, union_id=worker.union_id, now=timezone.now())
    [signup] = write_down(shift, line, acting.officer(OfficerFactory(union=shift.task.union)))
    assert signup.worker == worker
