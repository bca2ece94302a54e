"""Every list: pages by cursor, and the same number of queries however long it is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mobilize.channels.models import Address
from mobilize.dispatch import services as dispatch
from tests import acting
from tests.api.conftest import Api
from tests.factories import (
    DriverFactory,
    FleetFactory,
    OfficerFactory,
    ShiftFactory,
    SiteFactory,
    TransportFactory,
    UnionFactory,
    WorkerFactory,
)
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return OfficerFactory()


def grow(officer, path):
    """Add three rows to the list at `path`."""
    union = officer.union
    if path == "tasks/":
        TransportFactory.create_batch(3, union=union)
    elif path == "fleets/":
        FleetFactory.create_batch(3, union=union, drivers=1)
    elif path == "unions/":
        UnionFactory.create_batch(3)
    elif path == "sites/":
        SiteFactory.create_batch(3)
    elif path == "shifts/":
        ShiftFactory.create_batch(3)
    elif path == "me/addresses/":
        known = officer.user.addresses.count()
        for n in range(known, known + 3):
            Address.objects.create(user=officer.user, channel="email", address=f"n{n}@example.org", digest=uuid4().hex)
    elif path == "me/signups/":
        worker = WorkerFactory.create(user=officer.user) if not hasattr(officer.user, "worker") else officer.user.worker
        first = timezone.now() + timedelta(days=worker.signups.count() + 2)
        for n in range(3):
            join(ShiftFactory(starts_at=first + timedelta(days=n)), worker)
    else:
        for _ in range(3):
            task, fleet = TransportFactory(union=union), FleetFactory(union=union, drivers=1, leader=officer.user)
            (offer,) = dispatch.offer(
                actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now()
            )
            dispatch.accept(actor=acting.worker(officer.user), offer_id=offer.pk, vehicles=1, now=timezone.now())


PATHS = [
    *("tasks/", "fleets/", "unions/", "sites/", "shifts/", "me/signups/", "me/offers/", "me/addresses/"),
    *("dispatch/offers/", "dispatch/trips/"),
]


@pytest.mark.parametrize("path", PATHS)
def test_a_longer_list_costs_no_more_queries(officer, path):
    api = Api(acting.bearer(officer.user, second_factor=True))
    api.get(path)  # from now on her token is known without a query
    counts = []
    for _ in range(2):
        grow(officer, path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rows = api.get(path).json()["results"]
        counts.append((len(rows) >= 3, len(queries)))
    assert counts[0] == counts[1]
    assert counts[0][1] <= 8


@pytest.mark.parametrize("path", PATHS)
def test_pages_follow_each_other_without_gap_or_double(officer, path):
    api = Api(acting.bearer(officer.user, second_factor=True))
    for _ in range(2):
        grow(officer, path)
    whole = [row["id"] for row in api.get(path, limit=200).json()["results"]]
    paged, cursor = [], f"{path}?limit=2"
    while cursor:
        page = api.get(cursor).json()
        paged += [row["id"] for row in page["results"]]
        cursor = page["next"] and page["next"].split("/api/v1/")[1]
    assert paged == whole
    assert len(set(paged)) == len(paged)


@pytest.mark.parametrize("limit", ["-1", "0", "many", "", "1.5", "1_0", "9" * 5000])
def test_a_limit_that_is_none_is_named(officer, limit):
    api = Api(acting.bearer(officer.user, second_factor=True))
    for path in PATHS:
        answer = api.get(path, limit=limit)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "limit"), path


def test_a_limit_beyond_the_most_is_the_most(db):
    SiteFactory.create_batch(3)
    assert len(Api().get("sites/", limit="2").json()["results"]) == 2
    assert len(Api().get("sites/", limit="9" * 30).json()["results"]) == 3


def test_shifts_near_a_place_come_nearest_first_and_full_ones_can_be_left_out():
    far, near = ShiftFactory(post__site__latitude=37.75, places=1), ShiftFactory(post__site__latitude=37.86)
    api = Api()
    found = api.get("shifts/", near="37.87,112.55").json()["results"]
    assert [row["id"] for row in found] == [str(near.pk), str(far.pk)]
    assert found[0]["distance_km"] == pytest.approx(1.1, abs=0.1)
    join(far, WorkerFactory())
    assert [row["id"] for row in api.get("shifts/", open="true").json()["results"]] == [str(near.pk)]


@pytest.mark.parametrize(("name", "value"), [("near", "here"), ("near", "99,999"), ("task", "1"), ("open", "maybe")])
def test_an_odd_filter_is_named(name, value):
    answer = Api().get("shifts/", **{name: value})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name)


def test_a_fleets_drivers_are_added_and_listed_with_masked_numbers(officer):
    api = Api(acting.bearer(officer.user, second_factor=True))
    fleet = FleetFactory(union=officer.union)
    one = {"name": "王师傅", "phone": "13800000001", "plate": "晋A00001"}
    assert api.post(f"fleets/{fleet.pk}/drivers/", one).status_code == 201
    wrong = api.post(f"fleets/{fleet.pk}/drivers/", [one | {"phone": "13800000002", "plate": "x"}, {}])
    assert {error["field"] for error in wrong.json()["errors"]} >= {
        "drivers.0.plate",
        "drivers.1.name",
        "drivers.1.phone",
        "drivers.1.plate",
    }
    assert api.get(f"fleets/{fleet.pk}/drivers/").json()["results"][0]["phone"] == "138****0001"
    theirs = DriverFactory().fleet
    assert api.get(f"fleets/{theirs.pk}/drivers/").status_code == 404
