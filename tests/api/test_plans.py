"""Plans by API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mobilize.dispatch.models import Offer, Plan
from tests import acting
from tests.api.conftest import Api
from tests.factories import FleetFactory, OfficerFactory, TransportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def desk(officer):
    return Api(acting.bearer(officer.user, second_factor=True))


def need(officer, vehicles=1):
    return TransportFactory(union=officer.union, vehicles_needed=vehicles, ends_at=timezone.now() + timedelta(hours=3))


def test_a_plan_is_proposed_read_committed_and_taken_back(officer, desk):
    task, fleet = need(officer, 2), FleetFactory(union=officer.union, drivers=1)
    made = desk.post("dispatch/plans/", {"task_ids": [str(task.pk)]})
    assert made.status_code == 201
    body = made.json()
    (assigned,), (left,) = body["assignments"], body["unserved"]
    assert (assigned["task"], assigned["driver"]) == (str(task.pk), str(fleet.drivers.get().pk))
    assert assigned["driver_name"] == fleet.drivers.get().worker.user.name
    assert {"km", "minutes", "hours_served"} <= set(assigned["reasons"])
    assert (left["task"], left["vehicles"], left["reasons"]["rule"]) == (str(task.pk), 1, "busy")
    assert (body["status"], body["summary"]["routing"]) == ("proposed", "straight_line")
    path = made["Location"].removeprefix("/api/v1/")
    assert desk.get(path).json() == body
    pinned = desk.post(f"{path}pin/", {"assignment_id": assigned["id"], "pinned": True})
    assert pinned.json()["assignments"][0]["pinned"]
    again = desk.post("dispatch/plans/", {"task_ids": [str(task.pk)], "mode": "drivers", "keeping": body["id"]})
    assert again.json()["assignments"][0]["pinned"]
    assert desk.post(f"{path}commit/").json()["status"] == "committed"
    assert desk.post(f"{path}commit/").json()["code"] == "wrong_status"
    assert desk.post(f"{path}undo/").json()["status"] == "undone"
    assert [plan["id"] for plan in desk.get("dispatch/plans/").json()["results"]] == [again.json()["id"], body["id"]]


def test_the_list_is_brief_and_another_version_than_was_seen_is_not_committed(officer, desk):
    FleetFactory(union=officer.union, drivers=2)
    body = desk.post("dispatch/plans/", {"task_ids": [str(need(officer, 2).pk)]}).json()
    (row,) = desk.get("dispatch/plans/").json()["results"]
    assert (row["id"], row["vehicles"]) == (body["id"], 2)
    assert "assignments" not in row
    path, first = f"dispatch/plans/{body['id']}/", body["assignments"][0]["id"]
    struck = desk.post(path + "strike/", {"assignment_id": first, "struck": True}).json()
    assert struck["version"] != body["version"]
    stale = desk.post(path + "commit/", {"seen": body["version"]})
    assert (stale.status_code, stale.json()["data"]["changes"][0]["what"]) == (409, "other")
    assert desk.post(path + "commit/", {"seen": struck["version"]}).status_code == 200
    assert Offer.objects.count() == 1


def test_a_repeated_request_gets_the_first_answer_again(officer, desk):
    task = need(officer)
    FleetFactory(union=officer.union, drivers=2)
    answers = [desk.post("dispatch/plans/", {"task_ids": [str(task.pk)]}, key="plan-1") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Plan.objects.count() == 1
    path = f"dispatch/plans/{answers[0].json()['id']}/commit/"
    assert [desk.post(path, key="commit-1").status_code for _ in range(2)] == [200, 200]
    assert Offer.objects.count() == 1


def test_what_changed_since_is_told_as_data(officer, desk):
    task = need(officer)
    FleetFactory(union=officer.union, drivers=2)
    made = desk.post("dispatch/plans/", {"task_ids": [str(task.pk)]}).json()
    type(task).objects.filter(pk=task.pk).update(vehicles_needed=3)
    refused = desk.post(f"dispatch/plans/{made['id']}/commit/")
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_is_stale")
    assert refused.json()["data"]["changes"] == [{"kind": "task", "id": str(task.pk), "what": "need"}]


def test_another_branch_and_a_worker_find_no_plan_and_a_stranger_must_sign_in(officer, desk):
    task = need(officer)
    FleetFactory(union=officer.union, drivers=2)
    made = desk.post("dispatch/plans/", {"task_ids": [str(task.pk)]}).json()
    outsiders = [
        Api(acting.bearer(OfficerFactory().user, second_factor=True)),
        Api(acting.bearer(officer.user)),  # without the second factor she is a worker
    ]
    for api in outsiders:
        assert api.post("dispatch/plans/", {"task_ids": [str(task.pk)]}).status_code == 422
        assert api.get(f"dispatch/plans/{made['id']}/").status_code == 404
        for step in ("commit", "undo"):
            assert api.post(f"dispatch/plans/{made['id']}/{step}/").status_code == 404
        assert api.get("dispatch/plans/").json()["results"] == []
    assert Api().get(f"dispatch/plans/{made['id']}/").status_code == 401


def test_a_partner_with_the_scope_plans_for_its_union(partner, partner_api):
    task = TransportFactory(union=partner.union, vehicles_needed=1)
    FleetFactory(union=partner.union, drivers=2)
    made = partner_api.post("dispatch/plans/", {"task_ids": [str(task.pk)], "mode": "fleets"})
    assert made.json()["assignments"][0]["vehicles"] == 1
    assert Plan.objects.get().made_by_client == partner.client_id
    assert partner_api.post(f"dispatch/plans/{made.json()['id']}/commit/").status_code == 200


def test_every_wrong_field_is_named_at_once(desk):
    refused = desk.post("dispatch/plans/", {"task_ids": ["x"], "mode": "magic", "keeping": "x"})
    assert refused.status_code == 422
    assert {error["field"].split(".")[0] for error in refused.json()["errors"]} == {"task_ids", "mode", "keeping"}


def test_a_large_plan_takes_no_more_statements_than_a_small_one(officer, desk):
    FleetFactory(union=officer.union, drivers=12)
    counts = []
    for number in (1, 10):
        tasks = [str(need(officer).pk) for _ in range(number)]
        made = desk.post("dispatch/plans/", {"task_ids": tasks, "mode": "drivers"}).json()
        assert len(made["assignments"]) == number
        with CaptureQueriesContext(connection) as captured:
            desk.get(f"dispatch/plans/{made['id']}/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
