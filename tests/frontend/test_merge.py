"""Somebody who is there twice becomes one, at the desk and by API, by two phone numbers."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.unions.states import Role
from mobilize.workers.models import Worker
from tests import acting
from tests.api.conftest import Api, partner_token
from tests.factories import (
    DriverFactory,
    HonourFactory,
    OfficerFactory,
    PartnerFactory,
    ServiceRecordFactory,
    ShiftFactory,
    UnionFactory,
    WorkerFactory,
)
from tests.frontend.conftest import htmx
from tests.signups.test_sign_up import join

KEEP, DROP, UNKNOWN = "138 0000 0001", "138 0000 0002", "13800000009"
HERE = "/desk/people/merge/"


@pytest.fixture
def keep(officer):
    return WorkerFactory(union=officer.union, user__name="李英", user__phone="+8613800000001")


@pytest.fixture
def drop(officer):
    return WorkerFactory(union=UnionFactory(parent=officer.union), user__name="李英", user__phone="+8613800000002")


def check(keep, drop):
    return reverse("desk_merge_check", args=[keep.pk, drop.pk])


def texts(answer):
    return answer.content.decode()


def test_two_numbers_lead_to_a_page_with_both_people_and_a_yes_makes_them_one(admin, keep, drop):
    ServiceRecordFactory(worker=drop, minutes=150)
    HonourFactory(worker=drop)
    begin = timezone.now() + timedelta(days=2)
    join(ShiftFactory(starts_at=begin), keep)
    double = join(ShiftFactory(starts_at=begin, post__site__name="迎泽桥东"), drop)
    join(ShiftFactory(starts_at=begin + timedelta(days=1)), drop)
    answer = admin.post(HERE, {"keep": KEEP, "drop": DROP})
    assert (answer.status_code, answer["Location"]) == (303, check(keep, drop))
    page = texts(admin.get(answer["Location"]))
    for shown in ("138****0001", "138****0002", "李英", keep.union.name, drop.union.name, "2.5", "迎泽桥东"):
        assert shown in page
    assert "13800000001" not in page
    assert Worker.objects.count() == 2
    done = admin.post(answer["Location"])
    assert (done.status_code, done["Location"]) == (303, reverse("desk_unions"))
    assert "两个号码现在都对应李英" in texts(admin.get(done["Location"]))
    assert list(Worker.objects.all()) == [keep]
    assert keep.honours.count() == 1
    double.refresh_from_db()
    assert (double.status, keep.signups.exclude(status="withdrawn").count()) == ("withdrawn", 2)


def test_the_number_that_went_leads_to_who_stayed_and_there_is_nothing_left_to_merge(admin, keep, drop):
    admin.post(check(keep, drop))
    answer = admin.post(HERE, {"keep": KEEP, "drop": DROP})
    assert (answer.status_code, "已经是同一个人" in texts(answer)) == (422, True)
    other = WorkerFactory(union=keep.union, user__phone="+8613800000003")
    assert admin.post(HERE, {"keep": DROP, "drop": "13800000003"})["Location"] == check(keep, other)


@pytest.mark.parametrize(
    ("keep_typed", "drop_typed", "sentences"),
    [
        ("", "", ["请填写手机号"]),
        ("12", DROP, ["请填写正确的手机号"]),
        (KEEP, UNKNOWN, ["您的管辖范围内没有人使用这个号码"]),
        (UNKNOWN, "9", ["您的管辖范围内没有人使用这个号码", "请填写正确的手机号"]),
        (KEEP, "+86 13800000001", ["已经是同一个人"]),
    ],
)
def test_what_is_wrong_stands_beside_its_number_and_nothing_typed_is_lost(
    admin, keep, drop, keep_typed, drop_typed, sentences
):
    answer = admin.post(HERE, {"keep": keep_typed, "drop": drop_typed}, headers=htmx("sheet"))
    assert answer.status_code == 422
    typed = [f'value="{number}"' for number in (keep_typed, drop_typed) if number]
    assert [part for part in [*sentences, *typed] if part not in texts(answer)] == []


def test_of_people_elsewhere_no_more_is_told_than_of_numbers_nobody_has(admin, keep):
    elsewhere = WorkerFactory(user__phone="+8613800000002")
    told = [texts(admin.post(HERE, {"keep": KEEP, "drop": number})) for number in (DROP, UNKNOWN)]
    assert told[0].replace(DROP, "").split("<form")[0] == told[1].replace(UNKNOWN, "").split("<form")[0]
    assert "您的管辖范围内没有人使用这个号码" in told[0]
    for pair in [(keep, elsewhere), (elsewhere, keep)]:
        assert admin.get(check(*pair)).status_code == 404
        assert admin.post(check(*pair)).status_code == 404
    assert Worker.objects.count() == 2


def test_a_person_who_is_not_two_is_told_so(admin, keep):
    assert admin.get(check(keep, keep)).status_code == 422


def test_what_stands_against_it_is_said_and_the_other_way_round_is_offered(admin, officer, keep, drop):
    OfficerFactory(user=drop.user, union=officer.union, role=Role.VIEWER)
    page = texts(admin.get(check(keep, drop)))
    assert "反过来合并" in page
    assert "是，合并为一人" not in page
    assert check(drop, keep) in page
    assert admin.post(check(keep, drop)).status_code == 409
    assert "是，合并为一人" in texts(admin.get(check(drop, keep)))
    for worker in (keep, drop):
        DriverFactory(worker=worker)
    assert "请先把其中一人移出车队" in texts(admin.get(check(drop, keep)))


def test_different_names_make_the_officer_ask_first(admin, keep, drop):
    assert "两人姓名不同" not in texts(admin.get(check(keep, drop)))
    drop.user.name = "张三"
    drop.user.save()
    assert "两人姓名不同" in texts(admin.get(check(keep, drop)))


def test_a_newcomer_finds_the_page_from_her_branch_and_where_people_are_enrolled(admin, officer):
    shift = ShiftFactory(task__union=officer.union)
    for url in (reverse("desk_unions"), reverse("desk_enrol", args=[shift.pk])):
        assert HERE in texts(admin.get(url))


def test_whoever_is_no_administrator_neither_sees_nor_opens_it(desk, officer, keep, drop):
    shift = ShiftFactory(task__union=officer.union)
    for url in (reverse("desk_unions"), reverse("desk_enrol", args=[shift.pk])):
        assert HERE not in texts(desk.get(url))
    for url in (HERE, check(keep, drop)):
        assert desk.get(url).status_code == 403
        assert desk.post(url, {"keep": KEEP, "drop": DROP}).status_code == 403
    assert Worker.objects.count() == 2


def test_a_stranger_and_a_worker_are_turned_away(client, phone, keep, drop):
    assert phone.get(HERE).status_code == 403
    client.logout()
    assert client.get(check(keep, drop))["Location"].startswith(reverse("account_login"))


def test_the_api_merges_by_numbers_and_names_what_is_wrong(officer, keep, drop):
    officer.role = Role.ADMIN
    officer.save()
    api = Api(acting.bearer(officer.user, second_factor=True))
    wrong = api.post("people/merge/", {"keep": UNKNOWN})
    assert wrong.status_code == 422
    assert {(error["field"], error["code"]) for error in wrong.json()["errors"]} == {
        ("keep", "unknown_person"),
        ("drop", "required"),
    }
    same = api.post("people/merge/", {"keep": KEEP, "drop": KEEP})
    assert same.json()["errors"][0] | {"detail": ""} == {"field": "drop", "code": "same_person", "detail": ""}
    done = api.post("people/merge/", {"keep": KEEP, "drop": DROP}, key="once")
    assert (done.status_code, done.json()) == (
        200,
        {
            "id": str(keep.user_id),
            "name": "李英",
            "phone": "138****0001",
            "union": str(keep.union_id),
            "union_name": keep.union.name,
        },
    )
    assert api.post("people/merge/", {"keep": KEEP, "drop": DROP}, key="once").json() == done.json()
    assert list(Worker.objects.all()) == [keep]


def test_the_api_merges_for_administrators_alone(officer, keep, drop):
    numbers = {"keep": KEEP, "drop": DROP}
    assert Api().post("people/merge/", numbers).status_code == 401
    assert Api(acting.bearer(keep.user)).post("people/merge/", numbers).json()["code"] == "officers_only"
    weak = Api(acting.bearer(officer.user, second_factor=True)).post("people/merge/", numbers)
    assert (weak.status_code, weak.json()["code"]) == (403, "role_too_weak")
    partner = partner_token(PartnerFactory(union=keep.union)).json()["access_token"]
    assert Api({"Authorization": f"Bearer {partner}"}).post("people/merge/", numbers).status_code == 403
    elsewhere = Api(acting.bearer(OfficerFactory(role=Role.ADMIN).user, second_factor=True))
    assert {error["code"] for error in elsewhere.post("people/merge/", numbers).json()["errors"]} == {"unknown_person"}
    assert Worker.objects.count() == 2
