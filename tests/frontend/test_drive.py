"""The desk reports for a driver who cannot, and breaks a trip off."""

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.dispatch import services
from mobilize.dispatch.models import Trip
from mobilize.unions.states import Role
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory


@pytest.fixture
def trip(officer):
    fleet = FleetFactory(union=officer.union, drivers=1)
    task = TransportFactory(union=officer.union)
    now = timezone.now()
    [made] = services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=now)
    services.accept(actor=acting.worker(fleet.leader), offer_id=made.pk, vehicles=1, now=now)
    return Trip.objects.get()


def url(name, row):
    return reverse(name, args=[row.pk])


def test_the_board_leads_to_the_trips_and_each_to_its_next_stage(desk, trip):
    assert url("desk_trips", trip.task) in desk.get(url("desk_task", trip.task)).content.decode()
    assert url("desk_trip", trip) in desk.get(url("desk_trips", trip.task)).content.decode()
    assert 'value="en_route"' in desk.get(url("desk_trip", trip)).content.decode()
    assert desk.post(url("desk_trip", trip), {"to": "en_route"})["Location"] == url("desk_trip", trip)
    trip.refresh_from_db()
    assert trip.status == "en_route"


def test_a_dispatcher_calls_the_driver_and_a_viewer_reads_no_number(desk, officer, trip):
    phone = str(trip.driver.worker.user.phone)
    assert f'href="tel:{phone}"' in desk.get(url("desk_trip", trip)).content.decode()
    officer.role = Role.VIEWER
    officer.save()
    assert phone not in desk.get(url("desk_trip", trip)).content.decode()


def test_a_dispatcher_breaks_a_trip_off_with_a_reason(desk, trip):
    assert url("desk_trip_abort", trip) in desk.get(url("desk_trip", trip)).content.decode()
    assert desk.post(url("desk_trip_abort", trip), {"why": ""}).status_code == 422
    desk.post(url("desk_trip_abort", trip), {"why": "车坏了"})
    trip.refresh_from_db()
    assert (trip.status, trip.why_aborted) == ("aborted", "车坏了")
    assert "车坏了" in desk.get(url("desk_trip", trip)).content.decode()


def test_a_viewer_looks_and_does_not_touch(desk, officer, trip):
    officer.role = Role.VIEWER
    officer.save()
    page = desk.get(url("desk_trip", trip)).content.decode()
    assert 'name="to"' not in page
    assert url("desk_trip_abort", trip) not in page
    assert desk.get(url("desk_trip_abort", trip)).status_code == 403
    desk.post(url("desk_trip", trip), {"to": "en_route"})
    trip.refresh_from_db()
    assert trip.status == "assigned"


def test_another_branch_sees_no_trip(desk, officer, trip):
    officer.union = OfficerFactory().union
    officer.save()
    for name, row in [("desk_trips", trip.task), ("desk_trip", trip), ("desk_trip_abort", trip)]:
        assert desk.get(url(name, row)).status_code == 404


def test_the_drivers_own_page_stays_hers(client, desk, trip):
    assert desk.get(url("trip", trip)).status_code == 404


def test_the_last_stage_asks_for_the_proof_and_shows_it(desk, trip):
    for stage in ("en_route", "arrived"):
        desk.post(url("desk_trip", trip), {"to": stage})
    page = desk.get(url("desk_trip", trip)).content.decode()
    assert 'name="persons"' in page
    assert 'name="received_by"' in page
    assert 'name="parcels"' not in page
    refused = desk.post(url("desk_trip", trip), {"to": "completed", "persons": "4"})
    assert refused.status_code == 422
    desk.post(url("desk_trip", trip), {"to": "completed", "persons": "4", "received_by": "王医生"})
    page = desk.get(url("desk_trip", trip)).content.decode()
    assert "王医生" in page


def test_goods_are_counted_in_parcels(desk, trip):
    type(trip.task).objects.filter(pk=trip.task_id).update(cargo="goods")
    for stage in ("en_route", "arrived"):
        desk.post(url("desk_trip", trip), {"to": stage})
    page = desk.get(url("desk_trip", trip)).content.decode()
    assert 'name="parcels"' in page
    assert 'name="persons"' not in page
