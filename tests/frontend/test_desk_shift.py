"""A shift at the desk: groups together, people enrolled, answered for, taken off; places changed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.core.models import Transition
from mobilize.signups.models import Signup
from mobilize.signups.services import withdraw
from mobilize.tasks.models import Shift
from mobilize.tasks.states import TaskStatus
from tests import acting
from tests.factories import DutyFactory, PostFactory, ShiftFactory, SignupFactory, WorkerFactory
from tests.signups.lists import bring, people
from tests.signups.test_sign_up import join


@pytest.fixture
def shift(officer):
    return ShiftFactory(task__union=officer.union, places=2)


def at(name, row):
    return reverse(name, args=[row.pk])


def test_the_list_shows_groups_together_with_their_leader_and_who_did_it(desk, officer, shift):
    leader = WorkerFactory(user__name="何晓燕")
    group = bring(shift, leader, 1)
    join(shift, WorkerFactory(user__name="吴磊"))
    desk.post(at("desk_enrol", shift), {"lines": "赵大爷 13700000009", "accept": "on"})
    page = desk.get(at("desk_shift", shift)).content.decode()
    places = [page.index(word) for word in ("一车间", "李英", "吴磊", "赵大爷", f">{officer.user.name}<")]
    assert places == sorted(places)
    assert page.count("一车间") == 1
    assert group.signups.count() == 2


def test_the_desk_answers_for_somebody_and_the_deadline_is_shown(desk, shift):
    first, _, third = (join(shift, WorkerFactory()) for _ in range(3))
    withdraw(actor=acting.worker(first.worker.user), signup_id=first.pk, now=timezone.now())
    until = timezone.localtime(Signup.objects.get(pk=third.pk).answer_by)
    assert f"{until:%H:%M}" in desk.get(at("desk_shift", shift)).content.decode()
    assert at("desk_accept_place", third) in desk.get(at("desk_signup", third)).content.decode()
    assert desk.post(at("desk_accept_place", third))["Location"] == at("desk_shift", shift)
    assert Signup.objects.get(pk=third.pk).status == "confirmed"


def test_somebody_is_taken_off_with_a_reason_alone(desk, shift):
    signup = join(shift, WorkerFactory())
    assert desk.post(at("desk_signup", signup), {"why": ""}).status_code == 422
    assert desk.post(at("desk_signup", signup), {"why": "生病"})["Location"] == at("desk_shift", shift)
    assert Transition.objects.get(subject_id=signup.pk).why == "生病"


def test_places_are_changed_but_not_below_those_taken(desk, shift):
    for _ in range(2):
        join(shift, WorkerFactory())
    fewer = desk.post(at("desk_places", shift), {"places": "1"})
    assert (fewer.status_code, "已有 2 个名额被占用" in fewer.content.decode()) == (422, True)
    desk.post(at("desk_places", shift), {"places": "7"})
    assert Shift.objects.get().places == 7


def test_another_branch_finds_none_of_it(desk):
    signup = join(ShiftFactory(), WorkerFactory())
    for name, row in [
        *((name, signup.shift) for name in ("desk_shift", "desk_places", "desk_enrol")),
        *((name, signup) for name in ("desk_signup", "desk_accept_place", "desk_decline_place")),
    ]:
        assert desk.post(at(name, row), {"why": "x", "places": 9, "lines": "甲 13700000000"}).status_code in {404, 405}


def test_a_shift_that_is_over_offers_no_change(desk, officer):
    for more in ({"starts_at": timezone.now() - timedelta(hours=1)}, {"task__status": TaskStatus.CLOSED}):
        shift = ShiftFactory(task__union=officer.union, **more)
        page = desk.get(at("desk_shift", shift)).content.decode()
        assert at("desk_places", shift) not in page
        assert at("desk_enrol", shift) not in page


def test_a_new_shift_proposes_the_tasks_own_site(desk, officer):
    task = DutyFactory(union=officer.union, site__union=officer.union, site__district="迎泽区")
    other = PostFactory(site__union=officer.union, site__district="古交市")
    own = PostFactory(site=task.site)
    page = desk.get(at("desk_shift_new", task)).content.decode()
    assert page.index(f'value="{own.pk}" selected') < page.index(f'value="{other.pk}"')


def test_a_long_list_is_printed_whole(desk, shift):
    Shift.objects.filter(pk=shift.pk).update(places=101)
    shift.refresh_from_db()
    for _ in range(101):
        SignupFactory(shift=shift)
    first = desk.get(at("desk_shift", shift))
    assert (len(first.context["page"]), "data-print" in first.content.decode()) == (100, False)
    whole = desk.get(at("desk_shift", shift), {"page": "all"})
    assert (len(whole.context["page"]), "data-print" in whole.content.decode()) == (101, True)


def test_a_new_shift_may_say_when_sign_up_opens(desk, officer):
    task, post = DutyFactory(union=officer.union), PostFactory(site__union=officer.union)
    start = timezone.localtime() + timedelta(days=2)
    given = {
        "post": str(post.pk),
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(hours=4):%Y-%m-%dT%H:%M}",
        "places": "5",
    }
    late = desk.post(at("desk_shift_new", task), given | {"opens_at": given["ends_at"]})
    assert (late.status_code, "报名开放时间必须早于开始时间" in late.content.decode()) == (422, True)
    before = start - timedelta(hours=4)
    assert desk.post(at("desk_shift_new", task), given | {"opens_at": f"{before:%Y-%m-%dT%H:%M}"}).status_code == 303
    assert timezone.localtime(Shift.objects.get().opens_at) == before.replace(second=0, microsecond=0)


def test_a_shift_is_corrected_and_its_people_are_told(desk, officer):
    shift = ShiftFactory(task__union=officer.union, post__site__union=officer.union)
    signup = join(shift, WorkerFactory())
    acting.run_outbox()
    page = desk.get(at("desk_shift", shift)).text
    assert at("desk_shift_edit", shift) in page
    start = timezone.localtime(shift.starts_at) + timedelta(hours=2)
    typed = {
        "post": str(shift.post_id),
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(hours=4):%Y-%m-%dT%H:%M}",
    }
    outside = desk.post(
        at("desk_shift_edit", shift), typed | {"ends_at": f"{start + timedelta(days=8):%Y-%m-%dT%H:%M}"}
    )
    assert (outside.status_code, "班次须在任务时间之内" in outside.text) == (422, True)
    assert desk.post(at("desk_shift_edit", shift), typed)["Location"] == at("desk_shift", shift)
    shift.refresh_from_db()
    assert timezone.localtime(shift.starts_at) == start.replace(second=0, microsecond=0)
    acting.run_outbox()
    assert "时间或地点有变" in acting.messages_to(signup.worker.user)[-1]


def test_a_shift_is_called_off_alone_after_a_question_with_a_reason(desk, shift):
    join(shift, WorkerFactory())
    asked = desk.get(at("desk_shift_cancel", shift)).text
    assert "已占 1 个名额" in asked
    assert desk.post(at("desk_shift_cancel", shift), {"why": ""}).status_code == 422
    desk.post(at("desk_shift_cancel", shift), {"why": "下雪"})
    shift.refresh_from_db()
    assert shift.called_off_at
    page = desk.get(at("desk_shift", shift)).text
    assert "这个班次已取消" in page
    assert at("desk_shift_edit", shift) not in page
    assert desk.get(reverse("shift", args=[shift.pk])).status_code == 404


def test_only_posts_of_the_unions_line_are_offered_its_own_site_first(desk, officer):
    task = DutyFactory(union=officer.union, site__union=officer.union, site__district="小店区")
    mine, other = PostFactory(site=task.site), PostFactory(site__union=officer.union)
    foreign = PostFactory()
    page = desk.get(at("desk_shift_new", task)).text
    assert str(foreign.pk) not in page
    assert page.index(str(mine.pk)) < page.index(str(other.pk))


def test_a_name_that_somebody_else_typed_is_asked_about_and_then_corrected(desk, shift):
    bring(ShiftFactory(places=9), WorkerFactory(), 1)
    typed = {"lines": f"李瑛,{people(1)[0].phone}", "accept": "on"}
    Shift.objects.filter(pk=shift.pk).update(
        starts_at=timezone.now() + timedelta(days=5), ends_at=timezone.now() + timedelta(days=6)
    )
    asked = desk.post(at("desk_enrol", shift), typed)
    assert (asked.status_code, 'name="corrects"' in asked.text) == (422, True)
    assert 'name="corrects"' not in desk.get(at("desk_enrol", shift)).text
    assert desk.post(at("desk_enrol", shift), typed | {"corrects": "on"}).status_code == 303
    assert shift.signups.get().worker.user.name == "李瑛"
