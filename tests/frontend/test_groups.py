"""Signing others up, on the pages of their leader."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.signups.models import SignupGroup
from mobilize.signups.services import withdraw
from mobilize.tasks.models import Shift, Team
from tests import acting
from tests.factories import CampaignFactory, ShiftFactory, UserFactory, WorkerFactory
from tests.frontend.conftest import BACKEND, htmx
from tests.signups.lists import bring
from tests.signups.test_sign_up import join

LINES = "李英，13800000000\r\n\r\n张三\t138 0000 0001\r\n王五 ８６13800000002"


def typed(**more):
    return {"name": "一车间", "with_me": "on", "lines": LINES, "accept": "on"} | more


@pytest.fixture
def shift(db):
    return ShiftFactory(places=6)


def url(shift):
    return reverse("group_new", args=[shift.pk])


def test_pasted_lines_become_a_group_whose_page_shows_everybody(phone, worker, shift):
    answer = phone.post(url(shift), typed())
    group = SignupGroup.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, reverse("group", args=[group.pk]))
    page = phone.get(answer["Location"]).content.decode()
    assert group.reference in page
    for name in ("李英", "张三", "王五", worker.user.name):
        assert name in page
    assert "138****0002" in page
    assert "13800000002" not in page
    assert "一车间" in phone.get(reverse("duties")).content.decode()


def test_who_does_not_come_herself_signs_up_the_others_alone(phone, worker, shift):
    data = typed()
    del data["with_me"]
    phone.post(url(shift), data)
    assert not worker.signups.exists()
    assert shift.signups.count() == 3


def test_wrong_lines_are_named_with_what_is_missing_and_where_the_other_one_stands(phone, shift):
    lines = "李英,13800000000\n\n,13800000001\n张三\n王五,138-0000-0000"
    answer = phone.post(url(shift), typed(lines=lines), headers=htmx("sheet"))
    page = answer.content.decode()
    assert answer.status_code == 422
    for sentence in ("缺少姓名。", "缺少手机号。", "手机号与第 1 行重复。"):
        assert sentence in page
    assert page.index("第 3 行") < page.index("第 4 行") < page.index("第 5 行")
    assert "王五,138-0000-0000" in page
    assert not SignupGroup.objects.exists()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": " "}, "请填写团队名称"),
        ({"lines": ""}, "请至少填写一人"),
        ({"accept": ""}, "请确认所有人都遵守公约"),
        ({"lines": "\n".join(f"甲,138000000{n:02}" for n in range(6))}, "一共只有 6 个名额"),
    ],
)
def test_everything_else_that_is_wrong_is_said_in_a_sentence(phone, shift, more, sentence):
    answer = phone.post(url(shift), typed(**more))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_who_is_signed_up_already_is_not_asked_whether_she_comes(phone, worker, shift):
    join(shift, worker)
    assert "with_me" not in phone.get(url(shift)).content.decode()
    assert phone.post(url(shift), typed()).status_code == 303


def test_a_person_without_a_profile_gives_one_first_and_a_stranger_signs_in(client, shift):
    assert reverse("sign_in") in client.get(url(shift))["Location"]
    client.force_login(UserFactory(), BACKEND)
    assert client.get(url(shift))["Location"] == reverse("profile")


def test_a_waiting_group_reads_the_rule_its_position_and_how_often_it_was_passed_over(phone, worker):
    shift = ShiftFactory(places=3)
    holders = [join(shift, WorkerFactory()) for _ in range(3)]
    group = bring(shift, worker, 1)
    join(shift, WorkerFactory())
    withdraw(actor=acting.worker(holders[0].worker.user), signup_id=holders[0].pk, now=timezone.now())
    page = phone.get(reverse("group", args=[group.pk])).content.decode()
    assert "候补第 1 位" in page
    assert "以免岗位空缺" in page
    assert "至今有 1 次名额先给了后面的人" in page
    assert reverse("accept_place", args=[group.signups.first().pk]) not in page


@pytest.mark.parametrize(("name", "status"), [("accept_place", "confirmed"), ("decline_place", "withdrawn")])
def test_the_leader_answers_for_all_from_the_groups_page(phone, worker, name, status):
    shift = ShiftFactory(places=2)
    holders = [join(shift, WorkerFactory()) for _ in range(2)]
    group = bring(shift, worker, 1)
    for holder in holders:
        withdraw(actor=acting.worker(holder.worker.user), signup_id=holder.pk, now=timezone.now())
    here = reverse("group", args=[group.pk])
    page = phone.get(here).content.decode()
    button = next(reverse(name, args=[s.pk]) for s in group.signups.all() if reverse(name, args=[s.pk]) in page)
    answer = phone.post(button)
    assert (answer.status_code, answer["Location"]) == (303, here)
    assert set(group.signups.values_list("status", flat=True)) == {status}
    assert phone.get(here).status_code == 200


def test_the_leader_gives_one_place_back_after_a_question_and_the_others_keep_theirs(phone, worker, shift):
    group = bring(shift, worker, 2)
    here = reverse("group", args=[group.pk])
    member = group.signups.exclude(worker=worker).first()
    button = reverse("withdraw", args=[member.pk])
    assert button in phone.get(here).content.decode()
    page = phone.get(button).content.decode()
    assert f"退出{member.worker.user.name}的名额？" in page
    assert here in page
    assert group.signups.filter(status="confirmed").count() == 3
    answer = phone.post(button)
    assert (answer.status_code, answer["Location"]) == (303, here)
    member.refresh_from_db()
    assert (member.status, group.signups.filter(status="confirmed").count()) == ("withdrawn", 2)
    page = phone.get(here).content.decode()
    assert button not in page
    assert page.count("/withdraw/") == 2
    assert phone.get(button)["Location"] == here
    assert phone.post(button).status_code == 303


def test_one_of_a_waiting_group_leaves_it_and_the_others_keep_their_number(phone, worker):
    shift = ShiftFactory(places=3)
    for _ in range(3):
        join(shift, WorkerFactory())
    group = bring(shift, worker, 2)
    member = group.signups.exclude(worker=worker).first()
    assert "其他人的候补号不变" in phone.get(reverse("withdraw", args=[member.pk])).content.decode()
    phone.post(reverse("withdraw", args=[member.pk]))
    assert "候补第 1 位" in phone.get(reverse("group", args=[group.pk])).content.decode()
    assert shift.signups.filter(status="waitlisted").count() == 2


def test_too_late_to_give_back_the_leader_reads_whom_to_call(phone, worker):
    shift = ShiftFactory(starts_at=timezone.now() + timedelta(minutes=30))
    group = bring(shift, worker, 1)
    member = group.signups.exclude(worker=worker).get()
    page = phone.get(reverse("withdraw", args=[member.pk])).content.decode()
    assert shift.task.campaign.hotline in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert phone.post(reverse("withdraw", args=[member.pk])).status_code == 409
    Shift.objects.update(starts_at=timezone.now())
    assert "/withdraw/" not in phone.get(reverse("group", args=[group.pk])).content.decode()


def test_nobody_but_leader_and_member_gives_a_members_place_back(phone, shift):
    member = bring(shift, WorkerFactory(), 1).signups.order_by("pk").last()
    button = reverse("withdraw", args=[member.pk])
    assert (phone.get(button).status_code, phone.post(button).status_code) == (404, 404)
    member.refresh_from_db()
    assert member.status == "confirmed"


def test_nobody_but_its_leader_opens_a_groups_page(phone):
    CampaignFactory()
    group = bring(ShiftFactory(places=3), WorkerFactory(), 1)
    assert phone.get(reverse("group", args=[group.pk])).status_code == 404


def test_the_leader_of_the_posts_team_signs_people_up_and_others_do_not(phone, worker, shift):
    here = reverse("enrol", args=[shift.pk])
    assert here not in phone.get(reverse("shift", args=[shift.pk])).content.decode()
    assert phone.get(here).status_code == 403
    team = Team.objects.create(campaign=shift.task.campaign, union=worker.union, name="专班", leader=worker)
    shift.post.team = team
    shift.post.save()
    assert here in phone.get(reverse("shift", args=[shift.pk])).content.decode()
    answer = phone.post(here, {"lines": LINES, "accept": "on"})
    assert (answer.status_code, answer["Location"]) == (303, here)
    page = phone.get(here).content.decode()
    assert "3 人已有名额" in page
    assert "李英" in page
    signup = shift.signups.get(worker__user__name="李英")
    button = reverse("withdraw", args=[signup.pk])
    assert button in page
    assert phone.post(button)["Location"] == here
    assert button not in phone.get(here).content.decode()


def test_a_name_that_is_too_long_or_none_stands_beside_its_line_and_nothing_typed_is_lost(phone, shift):
    lines = "长" * 61 + ",13800000000\n看evil.cn,13800000001\n李英,13800000002"
    answer = phone.post(url(shift), typed(lines=lines))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.index("第 1 行") < page.index("内容太长") < page.index("第 2 行") < page.index("不要包含网址")
    assert "李英,13800000002" in page
    assert not SignupGroup.objects.exists()


def test_a_sign_that_cannot_be_kept_is_named_in_plain_words(phone, shift):
    answer = phone.post(url(shift), typed(name="一车\0间"))
    assert (answer.status_code, "含有无法使用的字符" in answer.text) == (422, True)
