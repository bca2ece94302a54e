"""A phone sends what it scanned at a post, over the JSON face."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.attendance import codes
from mobilize.attendance.models import CheckIn
from mobilize.core.ids import uuid7
from tests import acting
from tests.api.conftest import Api
from tests.factories import ShiftFactory, SignupFactory, TeamFactory, WorkerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift():
    team = TeamFactory(leader=WorkerFactory())
    return ShiftFactory(starts_at=timezone.now() - timedelta(hours=1), places=20, post__team=team)


@pytest.fixture
def phone(shift):
    return Api(acting.bearer(shift.post.team.leader.user))


def scan(signup, **more):
    shown = codes.of_signup(signup.pk)
    return {"id": str(uuid7()), "step": "arrived", "at": timezone.now().isoformat(), "shown": shown} | more


def test_each_scan_hears_what_became_of_it_and_again_hears_that_it_was_heard(phone, shift):
    signup = SignupFactory(shift=shift)
    at = (timezone.now() - timedelta(minutes=50)).isoformat()
    scans = [scan(signup, at=at), scan(signup, shown="000"), scan(signup, step="left")]
    answer = phone.post(f"shifts/{shift.pk}/checkins/", {"scans": scans})
    assert answer.status_code == 200
    heard = answer.json()["scans"]
    assert [one["outcome"] for one in heard] == ["recorded", "refused", "recorded"]
    assert [one["id"] for one in heard] == [one["id"] for one in scans]
    assert heard[1]["code"] == "unknown_code"
    assert heard[0]["name"] == signup.worker.user.name
    again = phone.post(f"shifts/{shift.pk}/checkins/", {"scans": scans}).json()["scans"]
    assert [one["outcome"] for one in again] == ["already", "refused", "already"]
    assert CheckIn.objects.count() == 1


def test_what_cannot_be_read_is_named_and_nothing_is_noted(phone, shift):
    signup = SignupFactory(shift=shift)
    answer = phone.post(f"shifts/{shift.pk}/checkins/", {"scans": [scan(signup), scan(signup, at="soon", step="x")]})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"scans.1.at", "scans.1.step"}
    assert not CheckIn.objects.exists()


def test_nobody_else_is_heard(shift, partner_api):
    signup = SignupFactory(shift=shift)
    path, body = f"shifts/{shift.pk}/checkins/", {"scans": [scan(signup)]}
    assert Api().post(path, body).status_code == 401
    assert Api(acting.bearer(signup.worker.user)).post(path, body).status_code == 404
    assert partner_api.post(path, body).status_code == 403
    assert not CheckIn.objects.exists()
