"""A group comes together or not at all."""

import pytest
from django.utils import timezone

from mobilize.accounts.models import User
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.signups import groups, policies, queries, waiting
from mobilize.signups.models import SignupGroup
from mobilize.signups.services import set_places, withdraw
from mobilize.workers.enrolment import PersonLine
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, UserFactory, WorkerFactory
from tests.signups.lists import bring, people, statuses
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def refused(shift, leader, others, **more):
    with pytest.raises(Invalid) as caught:
        bring(shift, leader, others, **more)
    assert not SignupGroup.objects.exists()
    return caught.value


def test_all_of_it_gets_places_or_all_of_it_waits():
    shift = ShiftFactory(places=8)
    first, second = bring(shift, WorkerFactory(), 5), bring(shift, WorkerFactory(), 5, first=10)
    assert (statuses(first), statuses(second)) == ({"confirmed"}, {"waitlisted"})
    assert [row.position for row in queries.members(second.pk)] == [1, 2, 3, 4, 5, 6]


def test_a_leader_who_stays_at_home_counts_for_no_place():
    group = bring(ShiftFactory(places=3), WorkerFactory(), 3, with_me=False)
    assert (group.signups.count(), statuses(group)) == (3, {"confirmed"})


def test_a_waiting_group_is_promoted_whole_and_answers_through_its_leader():
    shift, leader = ShiftFactory(places=2), WorkerFactory()
    holders = [join(shift, WorkerFactory()) for _ in range(2)]
    group = bring(shift, leader, 1)
    for holder in holders:
        assert statuses(group) == {"waitlisted"}
        withdraw(actor=acting.worker(holder.worker.user), signup_id=holder.pk, now=timezone.now())
    assert statuses(group) == {"offered"}
    member = group.signups.exclude(worker=leader).get()
    with pytest.raises(NotFound):
        waiting.accept(actor=acting.worker(member.worker.user), signup_id=member.pk, now=timezone.now())
    waiting.accept(actor=acting.worker(leader.user), signup_id=member.pk, now=timezone.now())
    assert statuses(group) == {"confirmed"}


def test_a_group_too_big_for_what_is_free_is_passed_over_and_each_time_is_counted():
    shift = ShiftFactory(places=4)
    holders = [join(shift, WorkerFactory()) for _ in range(4)]
    group = bring(shift, WorkerFactory(), 2)
    single = join(shift, WorkerFactory())
    withdraw(actor=acting.worker(holders[0].worker.user), signup_id=holders[0].pk, now=timezone.now())
    single.refresh_from_db()
    assert (single.status, statuses(group)) == ("offered", {"waitlisted"})
    assert queries.times_passed_over(group.pk) == 1
    assert queries.members(group.pk)[0].position == 1


def test_every_wrong_line_is_named_and_nobody_is_made():
    shift, leader, busy = ShiftFactory(places=9), WorkerFactory(), WorkerFactory()
    join(shift, busy)
    line = PersonLine(name=busy.user.name, phone=str(busy.user.phone))
    me = PersonLine(name=leader.user.name, phone=str(leader.user.phone))
    before = User.objects.count()
    with pytest.raises(Invalid) as caught:
        groups.sign_up_group(
            actor=acting.worker(leader.user),
            shift_id=shift.pk,
            name=" ",
            members=[*people(1), line, me, PersonLine(name="", phone="12")],
            now=timezone.now(),
        )
    assert caught.value.fields == {
        "name": ["required"],
        "members.1.phone": ["busy"],
        "members.2.phone": ["leader_is_in_already"],
        "members.3.name": ["required"],
        "members.3.phone": ["bad_phone"],
    }
    assert User.objects.count() == before


def test_more_people_than_places_or_than_a_group_may_have_are_refused():
    error = refused(ShiftFactory(places=4), WorkerFactory(), 4)
    assert (error.fields, error.data["places"]) == ({"members": ["group_too_big"]}, 4)
    error = refused(ShiftFactory(places=100), WorkerFactory(), 51)
    assert (error.fields["members"], error.data["most"]) == (["too_many_people"], 50)


def test_somebody_must_say_that_all_keep_the_covenant():
    assert refused(ShiftFactory(places=4), WorkerFactory(), 1, accepts_covenant=False).fields == {
        "accepts_covenant": ["required"]
    }


def test_a_leader_who_is_signed_up_already_is_told_so_and_can_bring_the_others():
    shift, leader = ShiftFactory(places=4), WorkerFactory()
    join(shift, leader)
    with pytest.raises(Conflict) as caught:
        bring(shift, leader, 1)
    assert caught.value.code == "already_signed_up"
    assert bring(shift, leader, 1, with_me=False).signups.count() == 1


def test_strangers_partners_and_people_without_a_profile_bring_nobody(partner_actor):
    shift = ShiftFactory(places=4)
    for actor, error in [
        (STRANGER, Unauthenticated),
        (partner_actor, Forbidden),
        (acting.worker(UserFactory()), NotFound),
    ]:
        with pytest.raises(error):
            groups.sign_up_group(actor=actor, shift_id=shift.pk, name="甲", members=people(1), now=timezone.now())


def test_a_group_is_seen_by_its_leader_and_the_branch_alone():
    shift, leader = ShiftFactory(places=4), WorkerFactory()
    group = bring(shift, leader, 1)
    member = group.signups.exclude(worker=leader).get().worker.user
    seen = {
        "leader": acting.worker(leader.user),
        "branch": acting.officer(OfficerFactory(union=shift.task.union)),
        "member": acting.worker(member),
        "other branch": acting.officer(OfficerFactory()),
    }
    found = {who: policies.groups_visible_to(actor).filter(pk=group.pk).exists() for who, actor in seen.items()}
    assert found == {"leader": True, "branch": True, "member": False, "other branch": False}


def test_added_places_promote_the_group_at_the_head():
    shift = ShiftFactory(places=2)
    officer = OfficerFactory(union=shift.task.union)
    for _ in range(2):
        join(shift, WorkerFactory())
    group = bring(shift, WorkerFactory(), 1)
    set_places(actor=acting.officer(officer), shift_id=shift.pk, places=4, now=timezone.now())
    assert statuses(group) == {"offered"}


def test_who_does_not_know_the_name_behind_a_number_does_not_learn_that_its_person_is_busy():
    shift, stranger = ShiftFactory(places=9), WorkerFactory()
    join(shift, stranger)
    line = PersonLine(name="谁", phone=str(stranger.user.phone))
    with pytest.raises(Invalid) as caught:
        groups.sign_up_group(
            actor=acting.worker(WorkerFactory().user),
            shift_id=shift.pk,
            name="突击队",
            members=[line],
            accepts_covenant=True,
            now=timezone.now(),
        )
    assert caught.value.fields == {"members.0.name": ["name_differs"]}


@pytest.mark.parametrize("name", ["看 http://evil.example", "一\n二", "\u202e队"])
def test_a_name_that_others_read_carries_no_address_and_no_hidden_signs(name):
    assert refused(ShiftFactory(places=9), WorkerFactory(), 1, name=name).fields == {"name": ["bad_text"]}


def test_a_leader_gives_back_a_members_place_and_a_stranger_does_not():
    leader = WorkerFactory()
    group = bring(ShiftFactory(places=3), leader, 1)
    member = group.signups.exclude(worker=leader).get()
    with pytest.raises(NotFound):
        withdraw(actor=acting.worker(WorkerFactory().user), signup_id=member.pk, now=timezone.now())
    withdraw(actor=acting.worker(leader.user), signup_id=member.pk, now=timezone.now())
    assert statuses(group) == {"confirmed", "withdrawn"}
