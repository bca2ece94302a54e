"""At the desk: who leads a team; on the phone: whom to call at the post."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import HonourFactory, ShiftFactory, SignupFactory, TeamFactory, WorkerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(officer):
    return TeamFactory(union=officer.union)


def test_the_list_says_who_leads_and_the_page_proposes_and_appoints(desk, team):
    worker = HonourFactory(worker__union=team.union, status="verified", verified_at=timezone.now()).worker
    assert "暂无" in desk.get(reverse("desk_teams")).text
    page = reverse("desk_team", args=[team.pk])
    assert worker.user.name in desk.get(page).text
    assert desk.post(page, {"worker": worker.pk, "phone": ""}).status_code == 303
    assert worker.user.name in desk.get(reverse("desk_teams")).text
    assert desk.post(page, {"nobody": "1"}).status_code == 303
    team.refresh_from_db()
    assert team.leader is None


@pytest.mark.parametrize("typed", ["", "12"])
def test_what_is_missing_or_wrong_is_said_beside_the_field_and_kept(desk, team, typed):
    answer = desk.post(reverse("desk_team", args=[team.pk]), {"phone": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text or not typed
    assert 'href="#id_phone"' in answer.text


def test_a_worker_does_not_open_it(phone, team):
    assert phone.get(reverse("desk_team", args=[team.pk])).status_code in {302, 303, 403}


def test_who_comes_sees_the_leaders_number_from_the_day_before_others_do_not(phone, worker, team):
    team.leader = WorkerFactory(user__name="刘秀兰")
    team.save()
    tomorrow, later = (timezone.now() + timedelta(hours=hours) for hours in (20, 40))
    numbers = [
        f"tel:{team.leader.user.phone}" in phone.get(reverse("signup", args=[signup.pk])).text
        for signup in (
            SignupFactory(worker=worker, shift=ShiftFactory(post__team=team, starts_at=tomorrow)),
            SignupFactory(worker=worker, shift=ShiftFactory(post__team=team, starts_at=later)),
            SignupFactory(
                worker=worker,
                status="waitlisted",
                waiting_number=1,
                shift=ShiftFactory(post__team=team, starts_at=tomorrow + timedelta(hours=7)),
            ),
        )
    ]
    assert numbers == [True, False, False]
