"""One answer names every wrong field, as the caller wrote it: what cannot be read and what the domain refuses."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.fleets.models import Driver, Fleet
from mobilize.tasks.models import Task
from tests import acting
from tests.api.conftest import Api
from tests.factories import (
    CampaignFactory,
    DriverFactory,
    FleetFactory,
    OfficerFactory,
    SiteFactory,
    TransportFactory,
    UserFactory,
    WorkerFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    CampaignFactory()
    return OfficerFactory()


@pytest.fixture
def desk(officer):
    return Api(acting.bearer(officer.user, second_factor=True))


def wrong(answer):
    assert answer.status_code == 422
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def task(**more):
    later = timezone.now() + timedelta(hours=2)
    site = str(SiteFactory().pk)
    given = {
        "kind": "transport",
        "title": "转运",
        "site_id": site,
        "destination_id": str(SiteFactory().pk),
        "cargo": "residents",
        "starts_at": later.isoformat(),
        "ends_at": (later + timedelta(hours=2)).isoformat(),
        "vehicles_needed": 3,
    }
    return given | more


def test_a_tasks_unreadable_and_refused_fields_come_together(officer, desk):
    other = str(UserFactory().pk)
    body = task(union_id=str(officer.union_id), title="", seats_min="many", site_id=other, destination_id=other)
    assert wrong(desk.post("tasks/", body | {"vehicles_needed": 0, "campaign_id": other})) == {
        "title": "blank",
        "seats_min": "invalid",
        "site_id": "unknown_site",
        "destination_id": "unknown_site",
        "vehicles_needed": "bad_vehicle_count",
        "campaign_id": "unknown_campaign",
    }
    assert not Task.objects.exists()


def test_one_unreadable_field_alone_saves_nothing(officer, desk):
    body = task(union_id=str(officer.union_id), urgency="soon")
    assert wrong(desk.post("tasks/", body)) == {"urgency": "invalid_choice"}
    assert not Task.objects.exists()


def test_a_missing_union_does_not_hide_the_others(desk):
    assert wrong(desk.post("tasks/", task(vehicles_needed=0))) == {
        "union_id": "required",
        "vehicles_needed": "bad_vehicle_count",
    }
    assert set(wrong(desk.post("fleets/", {"name": "a", "kind": "taxi", "leader_phone": "1"}))) == {
        *{"union_id", "leader_name", "leader_phone"}
    }


def test_an_empty_task_names_what_is_needed(officer, desk):
    assert set(wrong(desk.post("tasks/", {"union_id": str(officer.union_id)}))) == {
        *{"kind", "title", "site_id", "starts_at", "ends_at"}
    }
    assert wrong(desk.post("tasks/", [1])) == {"": "invalid"}


def test_a_change_names_all_and_changes_nothing(officer, desk):
    mine = TransportFactory(union=officer.union)
    assert wrong(desk.patch(f"tasks/{mine.pk}/", {"title": "新", "urgency": "soon", "vehicles_needed": 0})) == {
        "urgency": "invalid_choice",
        "vehicles_needed": "bad_vehicle_count",
    }
    mine.refresh_from_db()
    assert mine.title != "新"


def test_what_she_may_not_see_is_not_found_whatever_she_sends(desk):
    assert desk.patch(f"tasks/{TransportFactory().pk}/", {"urgency": "soon"}).status_code == 404


LINES = [
    {"name": "甲", "phone": "13800000001", "plate": "?", "seats": "many"},
    {"name": "", "phone": "12", "plate": "晋A00001"},
    {"name": "丙", "phone": "13800000003"},
    "nonsense",
]
WRONG_LINES = {
    "drivers.0.plate": "bad_plate",
    "drivers.0.seats": "invalid",
    "drivers.1.name": "blank",
    "drivers.1.phone": "bad_phone",
    "drivers.1.plate": "plate_taken",
    "drivers.2.plate": "required",
}


def test_a_fleets_lines_are_named_the_same_in_both_addresses(officer, desk):
    DriverFactory(vehicle__plate="晋A00001")
    fleet = FleetFactory(union=officer.union)
    new = {"name": "车队", "kind": "taxi", "leader_name": "乙", "leader_phone": "1", "union_id": str(officer.union_id)}
    assert (
        wrong(desk.post("fleets/", new | {"drivers": LINES})).items()
        >= (WRONG_LINES | {"leader_phone": "bad_phone"}).items()
    )
    assert wrong(desk.post(f"fleets/{fleet.pk}/drivers/", LINES)).items() >= WRONG_LINES.items()
    assert "drivers.0.phone" in wrong(desk.post(f"fleets/{fleet.pk}/drivers/", {"name": "a", "plate": "晋A00002"}))
    assert (Fleet.objects.count(), Driver.objects.count()) == (2, 1)


def test_a_profile_names_all():
    worker = WorkerFactory()
    api = Api(acting.bearer(worker.user))
    unknown = str(UserFactory().pk)
    assert wrong(api.patch("me/", {"name": "", "union": unknown, "skills": ["flying"]})) == {
        "name": "blank",
        "union": "unknown_union",
        "skills.0": "invalid_choice",
    }
