"""A person sees her hours, how they are known, and what an officer changed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mobilize.attendance.models import Correction
from tests.factories import ServiceRecordFactory, ShiftFactory, SignupFactory
from tests.frontend.conftest import BACKEND


@pytest.fixture
def signup(officer):
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=7)
    return SignupFactory(shift=ShiftFactory(task__union=officer.union, starts_at=start))


def typed(signup, **more):
    def local(hours):
        return f"{timezone.localtime(signup.shift.starts_at + timedelta(hours=hours)):%Y-%m-%dT%H:%M}"

    return {"arrived_at": local(0), "left_at": local(3), "why": "纸质名单为准"} | more


def test_a_correction_is_seen_by_her_in_plain_words(desk, officer, signup):
    page = reverse("desk_correction", args=[signup.shift_id, signup.worker_id])
    assert signup.worker.user.name in desk.get(page).content.decode()
    refused = desk.post(page, typed(signup, why="")).content.decode()
    assert "请填写" in refused or "原因" in refused
    assert typed(signup)["arrived_at"] in refused
    assert desk.post(page, typed(signup))["Location"] == reverse("attendance", args=[signup.shift_id])
    hers = Client()
    hers.force_login(signup.worker.user, BACKEND)
    seen = hers.get(reverse("hours")).content.decode()
    for words in (officer.user.name, "纸质名单为准", "180", "干部更正"):
        assert words in seen
    assert reverse("hours") in hers.get(reverse("duties")).content.decode()
    assert "纸质名单为准" in desk.get(page).content.decode()


def test_she_sees_hers_alone(phone, worker):
    ServiceRecordFactory(worker=worker, minutes=61, source="code")
    ServiceRecordFactory(minutes=599)
    page = phone.get(reverse("hours")).content.decode()
    assert "61" in page
    assert "599" not in page


def test_others_do_not_correct(client, phone, signup):
    page = reverse("desk_correction", args=[signup.shift_id, signup.worker_id])
    assert phone.post(page, typed(signup)).status_code == 403
    assert Client().post(page, typed(signup)).status_code == 303
    assert not Correction.objects.exists()
