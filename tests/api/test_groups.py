"""Signing others up and answering for a place, by API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.signups.models import SignupGroup
from mobilize.signups.services import withdraw
from tests import acting
from tests.api.conftest import Api
from tests.factories import OfficerFactory, ShiftFactory, UserFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db
THREE = [{"name": name, "phone": f"1380000000{n}"} for n, name in enumerate(["李英", "张三", "王五"])]


def of(user):
    return Api(acting.bearer(user))


def desk(officer):
    return Api(acting.bearer(officer.user, second_factor=True))


def wrong(answer):
    assert answer.status_code == 422
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def test_a_group_is_signed_up_and_read_by_its_leader_and_the_desk_alone():
    shift, leader = ShiftFactory(places=4), WorkerFactory()
    made = of(leader.user).post(
        f"shifts/{shift.pk}/groups/", {"name": "一车间", "members": THREE, "accepts_covenant": True}
    )
    assert made.status_code == 201
    assert [(row["status"], row["position"]) for row in made.json()["members"]] == [("confirmed", None)] * 4
    assert made.json()["members"][1]["phone"] == "138****0000"
    path = made["Location"].removeprefix("/api/v1/")
    assert of(leader.user).get(path).json() == made.json()
    assert desk(OfficerFactory(union=shift.task.union)).get(path).status_code == 200
    for stranger in (desk(OfficerFactory()), of(WorkerFactory().user)):
        assert stranger.get(path).status_code == 404
    assert Api().get(path).status_code == 401


def test_the_leader_gives_a_members_place_back_and_a_stranger_does_not():
    shift, leader = ShiftFactory(places=4), WorkerFactory()
    made = of(leader.user).post(
        f"shifts/{shift.pk}/groups/", {"name": "一车间", "members": THREE, "accepts_covenant": True}
    )
    path = f"signups/{made.json()['members'][1]['id']}/withdraw/"
    assert of(WorkerFactory().user).post(path).status_code == 404
    answer = of(leader.user).post(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")


def test_all_that_is_wrong_with_a_group_is_named_at_once():
    shift, leader = ShiftFactory(places=4), WorkerFactory()
    members = [{"name": "", "phone": "1"}, {"phone": str(leader.user.phone), "name": "我"}, "nonsense"]
    assert wrong(of(leader.user).post(f"shifts/{shift.pk}/groups/", {"name": " ", "members": members})) == {
        "name": "blank",
        "members.0.name": "blank",
        "members.0.phone": "bad_phone",
        "members.1.name": "name_differs",
        "members.1.phone": "leader_is_in_already",
        "members.2": "invalid",
        "members.2.name": "required",
        "members.2.phone": "required",
    }
    assert not SignupGroup.objects.exists()


def test_a_partner_enrols_people_and_changes_the_places(partner, partner_api):
    shift = ShiftFactory(task__union=partner.union, places=1)
    made = partner_api.post(f"shifts/{shift.pk}/enrolments/", {"members": THREE[:2], "accepts_covenant": True})
    assert [(row["name"], row["status"], row["position"]) for row in made.json()] == [
        ("李英", "confirmed", None),
        ("张三", "waitlisted", 1),
    ]
    changed = partner_api.patch(f"shifts/{shift.pk}/", {"places": 2})
    assert (changed.json()["places"], changed.json()["taken"], changed.json()["waiting"]) == (2, 2, 0)
    fewer = partner_api.patch(f"shifts/{shift.pk}/", {"places": 1})
    assert (wrong(fewer), fewer.json()["data"]) == ({"places": "below_taken"}, {"taken": 2})
    theirs = ShiftFactory()
    assert partner_api.patch(f"shifts/{theirs.pk}/", {"places": 3}).status_code == 404
    refused = partner_api.post(f"shifts/{theirs.pk}/enrolments/", {"members": THREE})
    assert (refused.status_code, refused.json()["code"]) == (403, "leaders_only")


def test_an_offered_place_is_shown_with_its_deadline_and_accepted_once():
    shift, second = ShiftFactory(places=1), WorkerFactory()
    first = join(shift, WorkerFactory())
    signup = join(shift, second)
    withdraw(actor=acting.worker(first.worker.user), signup_id=first.pk, now=timezone.now())
    api = of(second.user)
    shown = api.get(f"signups/{signup.pk}/").json()
    assert (shown["status"], shown["position"], shown["signed_up_by_other"]) == ("offered", None, False)
    assert shown["answer_by"]
    assert of(UserFactory()).post(f"signups/{signup.pk}/accept/").status_code == 404
    assert api.post(f"signups/{signup.pk}/accept/").json()["status"] == "confirmed"
    assert api.post(f"signups/{signup.pk}/decline/").json()["code"] == "wrong_status"


def test_a_shift_says_when_sign_up_opens():
    opens = timezone.now() + timedelta(hours=3)
    shift = ShiftFactory(opens_at=opens)
    assert Api().get("shifts/").json()["results"][0]["opens_at"]
    early = of(WorkerFactory().user).post(f"shifts/{shift.pk}/signups/", {"accepts_covenant": True})
    assert (early.status_code, early.json()["code"]) == (409, "not_open_yet")
    assert early.json()["data"]["opens_at"].startswith(f"{opens:%Y-%m-%d}")


def test_a_shift_is_called_off_by_its_union_alone():
    shift, officer = ShiftFactory(), OfficerFactory()
    path = f"shifts/{shift.pk}/cancel/"
    assert Api().post(path, {}).status_code == 401
    assert desk(officer).post(path, {}).status_code == 404
    mine = desk(OfficerFactory(union=shift.task.union))
    for _ in range(2):
        answer = mine.post(path, {"why": "下雪"})
        assert (answer.status_code, bool(answer.json()["called_off_at"])) == (200, True)
    assert Api().get("shifts/").json()["results"] == []
