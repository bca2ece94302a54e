"""Flights at the desk."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.tasks.models import Flight
from mobilize.unions.states import Role
from tests.factories import CampaignFactory, OfficerFactory, SiteFactory, TransportFactory


@pytest.fixture
def flight(officer):
    return Flight.objects.create(
        campaign=CampaignFactory(), union=officer.union, number="CA1104", site=SiteFactory(name="武宿机场"),
        arrives_at=timezone.now().replace(second=0, microsecond=0) + timedelta(hours=4), passengers=120,
    )  # fmt: skip


def local(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_a_flight_is_written_down_given_its_tasks_and_moved(desk, officer):
    CampaignFactory()
    task = TransportFactory(union=officer.union, title="接运旅客", site__kind="airport")
    at = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=3)
    typed = {
        "union": str(officer.union_id), "number": "ca1104", "site": str(task.site_id), "arrives_at": local(at),
        "passengers": "120", "risk": "high",
    }  # fmt: skip
    assert desk.post(reverse("desk_flight_new"), typed | {"passengers": "0"}).status_code == 422
    page = desk.post(reverse("desk_flight_new"), typed)["Location"]
    flight = Flight.objects.get()
    assert page == reverse("desk_flight", args=[flight.pk])
    choose = reverse("desk_flight_tasks", args=[flight.pk])
    assert "接运旅客" in desk.get(choose).content.decode()
    desk.post(choose, {"task_ids": [str(task.pk)]})
    assert "接运旅客" in desk.get(page).content.decode()
    before = task.starts_at
    desk.post(page, {"arrives_at": local(at + timedelta(minutes=90))})
    task.refresh_from_db()
    assert task.starts_at == before + timedelta(minutes=90)
    assert "CA1104" in desk.get(reverse("desk_flights")).content.decode()
    assert reverse("desk_flights") in desk.get(reverse("desk_tasks")).content.decode()


def test_a_move_that_is_refused_says_why_in_place(desk, flight):
    answer = desk.post(
        reverse("desk_flight", args=[flight.pk]), {"arrives_at": local(flight.arrives_at + timedelta(days=3))}
    )
    assert answer.status_code == 422
    assert "航班最多变更两天" in answer.content.decode()


def test_a_viewer_looks_and_does_not_touch(desk, officer, flight):
    officer.role = Role.VIEWER
    officer.save()
    page = reverse("desk_flight", args=[flight.pk])
    assert "arrives_at" not in desk.get(page).content.decode()
    assert desk.get(reverse("desk_flight_tasks", args=[flight.pk])).status_code == 403
    assert desk.post(page, {"arrives_at": local(flight.arrives_at + timedelta(hours=1))}).status_code == 403
    assert reverse("desk_flight_new") not in desk.get(reverse("desk_flights")).content.decode()


def test_another_branch_finds_no_flight(desk, officer, flight):
    officer.union = OfficerFactory().union
    officer.save()
    assert "CA1104" not in desk.get(reverse("desk_flights")).content.decode()
    for name in ("desk_flight", "desk_flight_tasks"):
        assert desk.get(reverse(name, args=[flight.pk])).status_code == 404


def test_the_list_costs_the_same_however_many_flights(desk, officer, flight, django_assert_max_num_queries):
    for n in range(5):
        other = Flight.objects.create(
            campaign=flight.campaign, union=officer.union, number=f"MU{n}", site=flight.site,
            arrives_at=flight.arrives_at, passengers=1,
        )  # fmt: skip
        TransportFactory(union=officer.union, flight=other)
    with django_assert_max_num_queries(9):
        desk.get(reverse("desk_flights"))
