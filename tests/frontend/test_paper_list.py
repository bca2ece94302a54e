"""The list is printed, and typed back in one form: all of it or nothing, and nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mobilize.attendance import checkins
from mobilize.attendance.models import CheckIn, ServiceRecord
from mobilize.attendance.states import Source, Step
from tests import acting
from tests.factories import ShiftFactory, SignupFactory, TeamFactory, WorkerFactory
from tests.frontend.conftest import BACKEND


@pytest.fixture
def shift(db):
    """Yesterday from 22:00 to 04:00."""
    team = TeamFactory(leader=WorkerFactory())
    start = timezone.localtime().replace(hour=22, minute=0, second=0, microsecond=0) - timedelta(days=1)
    if timezone.now() - start < timedelta(hours=7):
        start -= timedelta(days=1)
    return ShiftFactory(starts_at=start, places=20, post__team=team)


@pytest.fixture
def people(shift):
    return [SignupFactory(shift=shift) for _ in range(4)]


@pytest.fixture
def leader(shift):
    client = Client()
    client.force_login(shift.post.team.leader.user, BACKEND)
    return client


def of(signup):
    """What the fields of her row end with."""
    return signup.worker_id.hex


def sheet(shift):
    return reverse("attendance_sheet", args=[shift.pk])


def test_paper_has_everybody_with_boxes_a_signature_and_a_code_that_leads_to_the_form(leader, shift, people):
    page = leader.get(reverse("paper", args=[shift.pk])).content.decode()
    for signup in people:
        assert signup.worker.user.name in page
    assert page.count("☐") >= 3 * len(people)
    assert "签名" in page
    assert "<svg" in page


def test_times_are_typed_as_they_stand_and_those_after_midnight_are_of_the_next_day(leader, shift, people):
    typed = {
        f"arrived_at_{of(people[0])}": "2155",
        f"left_at_{of(people[0])}": "4:10",
        f"arrived_at_{of(people[1])}": "22点30",
        f"left_at_{of(people[1])}": "02：00",
        f"absent_{of(people[2])}": "on",
        "name_new0": "李英",
        "phone_new0": "13800000001",
        "arrived_at_new0": "23:00",
    }
    assert leader.post(sheet(shift), typed)["Location"] == reverse("attendance", args=[shift.pk])
    first = CheckIn.objects.get(worker=people[0].worker)
    assert first.arrived_at == shift.starts_at - timedelta(minutes=5)
    assert first.left_at == shift.starts_at + timedelta(hours=6, minutes=10)
    assert first.left_source == Source.LEADER
    assert ServiceRecord.objects.get(worker=people[1].worker).minutes == 210
    people[2].refresh_from_db()
    people[3].refresh_from_db()
    assert (people[2].status, people[3].status) == ("no_show", "confirmed")
    assert CheckIn.objects.get(worker__user__phone="+8613800000001").left_at is None


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_saved_or_lost(leader, shift, people):
    typed = {
        f"arrived_at_{of(people[0])}": "22:00",
        f"left_at_{of(people[0])}": "夜里",
        f"left_at_{of(people[1])}": "02:00",
        f"arrived_at_{of(people[2])}": "22:00",
        f"absent_{of(people[2])}": "on",
        "name_new0": "李英",
        "phone_new0": "138",
        "arrived_at_new0": "12:00",
    }
    answer = leader.post(sheet(shift), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="夜里"' in page
    answer = leader.post(sheet(shift), typed | {f"left_at_{of(people[0])}": "3:00"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for field in (f"arrived_at_{of(people[1])}", f"absent_{of(people[2])}", "phone_new0", "arrived_at_new0"):
        assert re.search(rf'id="id_{field}"[^>]*aria-invalid="true"', page) or f'href="#id_{field}"' in page, field
    assert 'value="李英"' in page
    assert not CheckIn.objects.exists()


def test_what_was_noted_before_stays_and_only_what_is_missing_is_asked(leader, shift, people):
    checkins.keep(
        actor=acting.worker(shift.post.team.leader.user), shift_id=shift.pk, worker_id=people[0].worker_id,
        step=Step.ARRIVED, now=shift.starts_at,
    )  # fmt: skip
    page = leader.get(sheet(shift)).content.decode()
    assert 'name=f"arrived_at_{of(people[0])}"' not in page
    leader.post(sheet(shift), {f"left_at_{of(people[0])}": "0400"})
    assert ServiceRecord.objects.get().minutes == 360


def test_sent_twice_it_counts_once_and_for_nobody_else(leader, shift, people):
    typed = {f"{name}_{of(signup)}": "" for signup in people for name in ("arrived_at", "left_at")}
    typed |= {f"arrived_at_{of(people[0])}": "22:00", f"left_at_{of(people[0])}": "2:00"}
    for said in ("已记录 1 人", "没有新的内容"):
        page = leader.post(sheet(shift), typed, follow=True).content.decode()
        assert said in page
    assert ServiceRecord.objects.get().worker == people[0].worker
    assert CheckIn.objects.count() == 1


def test_who_gave_her_place_back_while_it_was_typed_is_noted_as_what_the_paper_says(leader, shift, people):
    type(people[1]).objects.filter(pk=people[1].pk).update(status="withdrawn")
    leader.post(sheet(shift), {f"arrived_at_{of(people[1])}": "22:00", f"arrived_at_{of(people[2])}": "22:30"})
    noted = dict(CheckIn.objects.values_list("worker", "arrived_at"))
    assert noted == {
        people[1].worker_id: shift.starts_at,
        people[2].worker_id: shift.starts_at + timedelta(minutes=30),
    }


def test_a_row_of_somebody_who_never_signed_up_here_is_nobodys(leader, shift, people):
    stranger = SignupFactory()
    leader.post(sheet(shift), {f"arrived_at_{of(stranger)}": "22:00"})
    assert not CheckIn.objects.exists()


def test_after_seven_days_it_is_for_an_officer(leader, shift, people):
    shift.starts_at -= timedelta(days=8)
    shift.ends_at -= timedelta(days=8)
    shift.save()
    assert leader.post(sheet(shift), {f"arrived_at_{of(people[0])}": "22:00"}).status_code == 409


def test_nobody_else_opens_it(phone, shift, people):
    for name in ("paper", "attendance_sheet"):
        assert phone.get(reverse(name, args=[shift.pk])).status_code == 404
        assert Client().get(reverse(name, args=[shift.pk])).status_code == 303
    assert phone.post(sheet(shift), {f"arrived_at_{of(people[0])}": "22:00"}).status_code == 404
    assert not CheckIn.objects.exists()
