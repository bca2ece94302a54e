"""The pages at a post: the code that rotates, the one tap, the leader's list."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mobilize.attendance import checkins, codes
from mobilize.attendance.models import CheckIn
from mobilize.attendance.states import Source
from mobilize.core.ids import uuid7
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, SignupFactory, TeamFactory, UserFactory, WorkerFactory
from tests.frontend.conftest import BACKEND, htmx, show


@pytest.fixture
def shift(db):
    team = TeamFactory(leader=WorkerFactory())
    return ShiftFactory(starts_at=timezone.now() - timedelta(minutes=5), places=20, post__team=team)


@pytest.fixture
def signup(shift, worker):
    return SignupFactory(shift=shift, worker=worker)


@pytest.fixture
def leader(shift):
    """A client of the leader of the post's team."""
    client = Client()
    client.force_login(shift.post.team.leader.user, BACKEND)
    return client


def code_of(shift, *, ago=timedelta(0)):
    return reverse("scanned", args=[codes.of_post(shift.pk, now=timezone.now() - ago)])


def test_a_scanned_code_leads_over_the_sign_in_to_one_tap(client, shift, signup):
    answer = client.get(code_of(shift))
    assert answer["Location"] == reverse("here", args=[shift.pk])
    assert client.get(answer["Location"])["Location"].startswith(reverse("sign_in"))
    client.force_login(signup.worker.user, BACKEND)
    page = client.get(answer["Location"]).content.decode()
    assert "二维码有效" in page
    assert not CheckIn.objects.exists()
    assert client.post(answer["Location"], {"step": "arrived"}).status_code == 303
    assert CheckIn.objects.get().arrived_source == Source.CODE
    page = client.get(answer["Location"]).content.decode()
    assert "您已到岗" in page
    asked = client.post(answer["Location"], {"step": "left"})
    assert "现在就离开吗" in asked.content.decode()
    assert CheckIn.objects.get().left_at is None
    client.post(answer["Location"], {"step": "left", "sure": "1"})
    assert CheckIn.objects.get().left_at


def test_a_forwarded_photo_says_so_and_offers_ones_own_code(client, shift):
    answer = client.get(code_of(shift, ago=timedelta(minutes=2)))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "每半分钟换一次" in page
    assert reverse("here", args=[shift.pk]) in page
    assert client.get(reverse("scanned", args=["abc"])).status_code == 404


def test_a_walk_in_scans_and_is_noted_but_a_stranger_to_the_shift_finds_nothing(phone, shift):
    here = reverse("here", args=[shift.pk])
    assert phone.get(here).status_code == 404
    assert phone.post(here, {"step": "arrived"}).status_code == 404
    phone.get(code_of(shift))
    phone.post(here, {"step": "arrived"})
    assert CheckIn.objects.count() == 1
    assert "未报名" in phone.get(here).content.decode()


def test_ones_own_code_is_shown_with_its_digits(phone, shift, signup):
    page = phone.get(reverse("here", args=[shift.pk])).content.decode()
    assert codes.short_of_signup(signup.pk) in page
    assert "<svg" in page


def test_the_posts_page_shows_a_code_and_when_it_changes(leader, shift):
    page = leader.get(reverse("post_code", args=[shift.pk])).content.decode()
    assert re.search(r"load delay:\d+s", page)
    part = leader.get(reverse("post_code", args=[shift.pk]), headers=htmx("code")).content.decode()
    assert part.lstrip().startswith("<section")


def test_the_leader_notes_by_digits_by_code_and_by_tap(leader, shift, signup):
    page = reverse("attendance", args=[shift.pk])
    assert leader.get(page).content.decode().count("到了") >= 2
    digits = codes.short_of_signup(signup.pk)
    answer = leader.post(page, {"shown": digits, "step": "arrived"}, follow=True).content.decode()
    assert f"{signup.worker.user.name} " in answer
    assert "到岗" in answer
    assert "只算一次" in leader.post(page, {"shown": digits, "step": "arrived"}, follow=True).content.decode()
    shown = reverse("shown", args=[codes.of_signup(signup.pk)])
    assert signup.worker.user.name in leader.get(shown).content.decode()
    leader.post(shown, {"step": "left"})
    assert CheckIn.objects.get().left_source == Source.CODE
    undo = reverse("note_attendance", args=[shift.pk, signup.worker_id, "undo"])
    assert leader.post(undo)["Location"].endswith(f"#p-{signup.worker_id}")
    assert CheckIn.objects.get().left_at is None
    part = leader.post(undo, headers=htmx("people")).content.decode()
    assert part.lstrip().startswith('<div id="people"')
    assert not CheckIn.objects.exists()
    assert leader.post(reverse("note_attendance", args=[shift.pk, signup.worker_id, "dance"])).status_code == 404


def test_wrong_digits_stay_and_the_reason_stands_beside_them(leader, shift, signup):
    wrong = "000000" if codes.short_of_signup(signup.pk) != "000000" else "000001"
    answer = leader.post(reverse("attendance", args=[shift.pk]), {"shown": wrong, "step": "arrived"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'value="{wrong}"' in page
    assert "不完整" in page


def test_a_walk_in_is_typed_and_errors_stand_beside_the_fields(leader, shift):
    page = reverse("walk_in", args=[shift.pk])
    answer = leader.post(page, {"name": "李英", "phone": "12"})
    assert answer.status_code == 422
    assert 'value="李英"' in answer.content.decode()
    assert leader.post(page, {"name": "李英", "phone": "13800000001"}).status_code == 303
    assert "李英" in leader.get(reverse("attendance", args=[shift.pk])).content.decode()


def test_duties_lead_the_leader_to_her_list_and_the_worker_to_her_code(leader, phone, shift, signup):
    assert reverse("attendance", args=[shift.pk]) in leader.get(reverse("duties")).content.decode()
    mine = phone.get(reverse("duties")).content.decode()
    assert reverse("attendance", args=[shift.pk]) not in mine
    assert reverse("here", args=[shift.pk]) in phone.get(reverse("signup", args=[signup.pk])).content.decode()


def test_the_list_costs_as_many_queries_for_fifty_as_for_one(leader, shift, signup):
    page = reverse("attendance", args=[shift.pk])
    leader.get(page)
    with CaptureQueriesContext(connection) as few:
        leader.get(page)
    shift.places = 60
    shift.save()
    for _ in range(50):
        SignupFactory(shift=shift)
    with CaptureQueriesContext(connection) as many:
        leader.get(page)
    assert len(few) == len(many)


def test_nobody_else_opens_any_of_it(client, phone, shift, signup):
    outside = OfficerFactory()
    officer = Client()
    officer.force_login(outside.user, BACKEND)
    show(officer, outside.user, "password", "mfa")
    other = SignupFactory(shift=shift)
    pages = [
        reverse("attendance", args=[shift.pk]),
        reverse("post_code", args=[shift.pk]),
        reverse("walk_in", args=[shift.pk]),
        reverse("shown", args=[codes.of_signup(other.pk)]),
    ]
    for page in pages:
        assert phone.get(page).status_code == 404
        assert officer.get(page).status_code == 404
        assert Client().get(page).status_code in {302, 303}
    for what in ("arrived", "left", "no_show", "undo"):
        address = reverse("note_attendance", args=[shift.pk, signup.worker_id, what])
        assert phone.post(address).status_code == 404
        assert Client().post(address).status_code in {302, 303}
    assert not CheckIn.objects.exists()


def test_a_dispatcher_of_the_branch_opens_it_from_the_desk(desk, officer):
    shift = ShiftFactory(task__union=officer.union, starts_at=timezone.now())
    signup = SignupFactory(shift=shift)
    checkins.keep(
        actor=acting.officer(officer), shift_id=shift.pk, worker_id=signup.worker_id, step="arrived", now=timezone.now()
    )
    assert "在岗" in desk.get(reverse("attendance", args=[shift.pk])).content.decode()
    assert reverse("attendance", args=[shift.pk]) in desk.get(reverse("desk_shift", args=[shift.pk])).content.decode()


def test_a_scan_that_cannot_be_read_is_refused_and_keeps_no_other_waiting(leader, shift, signup):
    good, bad = str(uuid7()), str(uuid7())
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    sent = [
        {"id": good, "step": "arrived", "at": now, "shown": codes.of_signup(signup.pk)},
        {"id": bad, "step": "arrived", "at": now, "shown": "http://x/w/" + "A" * 400},
        "x",
    ]
    answer = leader.post(reverse("scans", args=[shift.pk]), {"scans": sent}, content_type="application/json")
    assert {one["id"]: one["outcome"] for one in answer.json()["scans"]} == {good: "recorded", bad: "refused"}
    assert CheckIn.objects.get().worker == signup.worker


def test_a_newcomer_tells_her_name_and_is_led_on_to_the_one_tap(client, shift):
    client.force_login(UserFactory(), BACKEND)
    here = client.get(code_of(shift))["Location"]
    profile = client.get(here)["Location"]
    typed = {"name": "王晓梅", "union": shift.task.union_id, "consent": "on"}
    assert client.post(profile, typed)["Location"] == here
    assert "二维码有效" in client.get(here).content.decode()


def test_whoever_was_noted_without_a_place_finds_her_way_to_leave(client, shift):
    worker = WorkerFactory()
    CheckIn.objects.create(
        shift=shift, worker=worker, arrived_at=timezone.now(), arrived_heard_at=timezone.now(), arrived_source="leader"
    )
    client.force_login(worker.user, BACKEND)
    assert reverse("here", args=[shift.pk]) in client.get(reverse("duties")).content.decode()
