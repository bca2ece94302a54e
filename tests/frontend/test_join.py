"""The way from a shift to a sign-up, for new and for known people."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.channels.models import Delivery
from mobilize.core.models import Transition
from mobilize.signups.models import Signup
from mobilize.tasks.models import Task
from tests.factories import ShiftFactory, SignupFactory, WorkerFactory
from tests.frontend.conftest import htmx


@pytest.fixture
def shift(db):
    return ShiftFactory(places=1)


def come_by_code(client, shift, phone):
    """Ask for a code at the shift's page and redeem it; returns where that leads."""
    client.post(reverse("join", args=[shift.pk]), {"phone": phone, "accept": "on"})
    code = re.search(r"\d{6}", Delivery.objects.latest("created_at").body)[0]
    return client.post(reverse("join_code"), {"code": code})["Location"]


def test_a_known_person_only_confirms_after_the_code(client, shift):
    worker = WorkerFactory()
    there = come_by_code(client, shift, str(worker.user.phone))
    assert there == reverse("join", args=[shift.pk])
    page = client.get(there).content.decode()
    assert "请核对" in page
    assert 'name="accept"' not in page
    client.post(there)
    assert Signup.objects.get().worker == worker


def test_a_new_person_gives_name_and_union_first(client, shift):
    there = come_by_code(client, shift, "137 0000 0001")
    assert client.get(there)["Location"] == reverse("about")
    union = WorkerFactory().union
    answer = client.post(reverse("about"), {"name": "王晓梅", "union": union.pk, "union_search": "", "consent": "on"})
    signup = Signup.objects.get()
    assert answer["Location"] == reverse("signup", args=[signup.pk])
    assert (signup.worker.user.name, signup.worker.union) == ("王晓梅", union)


def test_a_full_shift_shows_the_position_on_the_waiting_list(phone, worker, shift):
    SignupFactory(shift=shift, worker=WorkerFactory())
    page = phone.post(reverse("join", args=[shift.pk]), {"accept": "on"}, follow=True).content.decode()
    assert "候补第 1 位" in page


def test_the_covenant_is_asked_once(phone, shift):
    assert phone.post(reverse("join", args=[shift.pk])).status_code == 422
    phone.post(reverse("join", args=[shift.pk]), {"accept": "on"})
    again = ShiftFactory(task=shift.task)
    assert "确认报名" in phone.get(reverse("shift", args=[again.pk])).content.decode()


def test_a_union_is_found_by_a_part_of_its_name(client, shift):
    union = WorkerFactory(union__name="东山煤电集团工会").union
    WorkerFactory(union__name="太原工人文化宫")
    come_by_code(client, shift, "137 0000 0001")
    client.get(reverse("join", args=[shift.pk]))
    options = client.get(reverse("about"), {"union_search": "煤电"}, headers=htmx("unions")).content.decode()
    assert str(union.pk) in options
    assert "文化宫" not in options


def test_the_page_of_a_shift_that_is_not_public_is_not_there(client, db):
    hidden = ShiftFactory(task__status="draft")
    assert client.get(reverse("shift", args=[hidden.pk])).status_code == 404
    assert client.get(reverse("join", args=[hidden.pk])).status_code == 404


def test_a_duty_at_the_same_time_is_named_with_its_time_and_leads_there(phone, worker):
    mine = SignupFactory(worker=worker, shift__post__site__name="老军营街道")
    start = timezone.localtime(mine.shift.starts_at)
    other = ShiftFactory(starts_at=mine.shift.starts_at)
    for headers in ({}, htmx("sheet")):
        answer = phone.post(reverse("join", args=[other.pk]), {"accept": "on"}, headers=headers)
        assert answer.status_code == 409
        assert "老军营街道" in answer.text
        assert f"{start:%H:%M}" in answer.text
        assert f'href="{reverse("signup", args=[mine.pk])}"' in answer.text


@pytest.mark.parametrize("over", ["closed", "cancelled"])
def test_what_is_over_offers_no_way_back_and_says_why_it_ended(phone, worker, shift, over):
    signup = SignupFactory(worker=worker, shift=shift, status="withdrawn")
    Transition.objects.create(
        subject_type="signups.signup",
        subject_id=signup.pk,
        from_status="waitlisted",
        to_status="withdrawn",
        why="the books were closed",
    )
    again = reverse("shift", args=[shift.pk])
    page = phone.get(reverse("signup", args=[signup.pk])).text
    assert f'href="{again}"' in page
    assert "报名已截止，您未排到名额。" in page
    Task.objects.update(status=over)
    assert f'href="{again}"' not in phone.get(reverse("signup", args=[signup.pk])).text


def test_the_form_is_shown_to_those_who_can_use_it_alone(client, phone, worker):
    opens = timezone.now() + timedelta(hours=3)
    early = ShiftFactory(opens_at=opens)
    for name in ("join", "group_new"):
        there = phone.get(reverse(name, args=[early.pk]))
        assert there["Location"] == reverse("shift", args=[early.pk])
    assert f"{timezone.localtime(opens):%H:%M}" in phone.get(there["Location"]).text
    mine = SignupFactory(worker=worker)
    assert phone.get(reverse("join", args=[mine.shift_id]))["Location"] == reverse("signup", args=[mine.pk])


def test_a_page_below_the_first_is_the_first(client, db):
    for _ in range(21):
        ShiftFactory()
    first = client.get(reverse("shifts")).text
    assert client.get(reverse("shifts"), {"page": "0"}).text.count("card__") == first.count("card__")
    assert "?page=2" in client.get(reverse("shifts"), {"page": "-1"}).text
