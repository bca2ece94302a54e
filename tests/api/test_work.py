"""The worker's and the driver's journeys by API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.dispatch import services as dispatch
from mobilize.tasks.models import Flight
from tests import acting
from tests.api.conftest import Api
from tests.factories import (
    CampaignFactory,
    FleetFactory,
    OfficerFactory,
    ShiftFactory,
    SiteFactory,
    TransportFactory,
    UnionFactory,
    UserFactory,
    WorkerFactory,
)
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def test_a_worker_gives_her_profile_signs_up_and_withdraws():
    api, union, shift = Api(acting.bearer(UserFactory(name=""))), UnionFactory(), ShiftFactory()
    early = api.post(f"shifts/{shift.pk}/signups/", {"accepts_covenant": True})
    assert (early.status_code, early.json()["code"]) == (404, "no_profile")
    wrong = api.patch("me/", {"name": ""})
    assert wrong.status_code == 422
    me = api.patch("me/", {"name": "李英", "union": str(union.pk), "skills": ["first_aid"], "consent": True})
    assert (me.json()["union_name"], me.json()["skills"]) == (union.name, ["first_aid"])
    made = api.post(f"shifts/{shift.pk}/signups/", {"accepts_covenant": True})
    assert (made.status_code, made.json()["status"], made.json()["position"]) == (201, "confirmed", None)
    again = api.post(f"shifts/{shift.pk}/signups/")
    assert (again.status_code, again.json()["data"]["signup_id"]) == (409, made.json()["id"])
    path = made["Location"].removeprefix("/api/v1/")
    assert api.post(f"{path}withdraw/").json()["status"] == "withdrawn"
    assert api.post(f"{path}withdraw/").status_code == 200  # a repeated request is no mistake
    assert Api(acting.bearer(UserFactory())).get(path).status_code == 404


def test_the_answer_to_a_sign_up_is_what_reading_it_says_later():
    shift = ShiftFactory(places=1)
    for _ in range(2):  # the second one waits, and the facts of its shift come from the cache
        api = Api(acting.bearer(WorkerFactory().user))
        made = api.post(f"shifts/{shift.pk}/signups/", {"accepts_covenant": True}).json()
        assert made == api.get(f"signups/{made['id']}/").json()


def test_only_who_waits_has_a_position():
    shift, worker = ShiftFactory(places=1), WorkerFactory()
    api = Api(acting.bearer(worker.user))
    for _ in range(2):
        join(shift, WorkerFactory())
    made = api.post(f"shifts/{shift.pk}/signups/", {"accepts_covenant": True}).json()
    assert [row["position"] for row in api.get("me/signups/").json()["results"]] == [made["position"]] == [2]
    assert api.post(f"signups/{made['id']}/withdraw/").json()["position"] is None
    assert [row["position"] for row in api.get("me/signups/").json()["results"]] == [None]


def test_a_profile_is_kept_with_consent_alone():
    api = Api(acting.bearer(UserFactory()))
    refused = api.patch("me/", {"name": "李英", "union": str(UnionFactory().pk)})
    assert [error["field"] for error in refused.json()["errors"]] == ["consent"]


def test_a_person_takes_her_data_along_and_is_forgotten():
    worker = WorkerFactory()
    api = Api(acting.bearer(worker.user))
    assert api.get("me/export/").json()["phone"] == str(worker.user.phone)
    assert api.delete("me/").status_code == 204
    assert api.get("me/").status_code == 401
    worker.user.refresh_from_db()
    assert (worker.user.name, worker.user.is_active) == ("", False)


def test_a_leader_accepts_and_a_driver_reports_each_stage():
    officer = OfficerFactory()
    task, fleet = TransportFactory(union=officer.union), FleetFactory(union=officer.union, drivers=2)
    desk = Api(acting.bearer(officer.user, second_factor=True))
    made = desk.post("dispatch/offers/", {"task_id": str(task.pk), "fleet_ids": [str(fleet.pk)]})
    assert made.status_code == 201
    leader = Api(acting.bearer(fleet.leader))
    (offer,) = leader.get("me/offers/").json()["results"]
    assert leader.post(f"dispatch/offers/{offer['id']}/accept/", {"vehicles": 0}).status_code == 422
    accepted = leader.post(f"dispatch/offers/{offer['id']}/accept/", {"vehicles": 1})
    assert (accepted.json()["status"], accepted.json()["vehicles_accepted"]) == ("accepted", 1)
    (trip,) = leader.get("dispatch/trips/", task=str(task.pk)).json()["results"]
    for step, status in [("en-route", "en_route"), ("arrive", "arrived"), ("load", "loaded")]:
        assert leader.post(f"dispatch/trips/{trip['id']}/{step}/").json()["status"] == status
    unproven = leader.post(f"dispatch/trips/{trip['id']}/complete/", {"persons": 3})
    assert unproven.status_code == 422
    assert [(each["field"], each["code"]) for each in unproven.json()["errors"]] == [("received_by", "required")]
    done = leader.post(f"dispatch/trips/{trip['id']}/complete/", {"persons": 3, "received_by": "王医生"})
    assert (done.json()["status"], done.json()["persons"], done.json()["received_by"]) == ("completed", 3, "王医生")
    assert leader.post(f"dispatch/trips/{trip['id']}/abort/", {"why": "晚了"}).status_code == 409
    assert Api(acting.bearer(UserFactory())).get("dispatch/trips/").json()["results"] == []


def test_a_driver_declines_and_a_stranger_finds_no_offer():
    officer = OfficerFactory()
    task, fleet = TransportFactory(union=officer.union), FleetFactory(union=officer.union, drivers=1)
    (offer,) = dispatch.offer(
        actor=acting.officer(officer),
        task_id=task.pk,
        driver_ids=[fleet.drivers.get().pk],
        now=timezone.now(),
    )
    driver = Api(acting.bearer(fleet.drivers.get().worker.user))
    path = f"dispatch/offers/{offer.pk}/decline/"
    assert Api(acting.bearer(UserFactory())).post(path).status_code == 404
    assert driver.post(path, {"why": "生病"}).json()["status"] == "declined"
    assert driver.post(path).status_code == 409


def test_a_flight_is_written_down_tasks_wait_for_it_and_move_with_it():
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union, site__kind="airport")
    desk = Api(acting.bearer(officer.user, second_factor=True))
    arrives_at = timezone.now().replace(microsecond=0) + timedelta(hours=3)
    made = desk.post(
        "dispatch/flights/",
        {
            "union_id": str(officer.union_id),
            "number": "CA1104",
            "site_id": str(task.site_id),
            "arrives_at": arrives_at.isoformat(),
            "passengers": 120,
        },
    )
    assert made.status_code == 201
    path = f"dispatch/flights/{made.json()['id']}"
    assert desk.post(f"{path}/tasks/", {"task_ids": [str(task.pk)]}).json()["tasks"] == [str(task.pk)]
    moved = desk.post(f"{path}/move/", {"arrives_at": (arrives_at + timedelta(minutes=90)).isoformat()})
    assert moved.status_code == 200
    before = task.starts_at
    task.refresh_from_db()
    assert task.starts_at == before + timedelta(minutes=90)
    assert [row["number"] for row in desk.get("dispatch/flights/").json()["results"]] == ["CA1104"]
    assert desk.patch(f"{path}/", {"passengers": 80}).json()["passengers"] == 80
    assert desk.patch(f"{path}/", {"passengers": 0}).status_code == 422
    assert desk.delete(f"{path}/").json()["code"] == "tasks_wait_for_it"
    for other in (
        Api(),
        Api(acting.bearer(UserFactory())),
        Api(acting.bearer(OfficerFactory().user, second_factor=True)),
    ):
        status = 404 if other.headers else 401
        answers = [other.get(f"{path}/"), other.patch(f"{path}/", {"passengers": 1}), other.delete(f"{path}/")]
        assert [answer.status_code for answer in answers] == [status] * 3
    stranger = Api(acting.bearer(UserFactory()))
    assert stranger.get("dispatch/flights/").json()["results"] == []
    assert stranger.post(f"{path}/move/", {"arrives_at": arrives_at.isoformat()}).status_code == 404


def test_a_flight_nothing_waits_for_is_deleted():
    officer = OfficerFactory()
    desk = Api(acting.bearer(officer.user, second_factor=True))
    flight = Flight.objects.create(
        campaign=CampaignFactory(), union=officer.union, number="CA1104", site=SiteFactory(kind="airport"),
        arrives_at=timezone.now() + timedelta(hours=3), passengers=120,
    )  # fmt: skip
    path = f"dispatch/flights/{flight.pk}/"
    assert desk.get(path).json()["number"] == "CA1104"
    assert desk.delete(path).status_code == 204
    assert desk.get(path).status_code == 404


def test_a_task_is_locked_and_unlocked_and_its_search_is_read():
    officer = OfficerFactory()
    desk = Api(acting.bearer(officer.user, second_factor=True))
    path = f"dispatch/tasks/{TransportFactory(union=officer.union).pk}"
    assert desk.get(f"{path}/search/").status_code == 404
    assert desk.post(f"{path}/lock/").json()["locked"] is True
    assert desk.get(f"{path}/search/").json()["locked"] is True
    found = desk.post(f"{path}/unlock/").json()
    assert (found["step"], found["locked"]) == ("alternates", False)
    assert found == desk.get(f"{path}/search/").json()
    for other in (
        Api(),
        Api(acting.bearer(UserFactory())),
        Api(acting.bearer(OfficerFactory().user, second_factor=True)),
    ):
        status = 404 if other.headers else 401
        answers = [other.get(f"{path}/search/"), other.post(f"{path}/lock/"), other.post(f"{path}/unlock/")]
        assert [answer.status_code for answer in answers] == [status] * 3


def test_a_batch_of_offers_is_undone_and_a_single_one_taken_back():
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union)
    fleets = [FleetFactory(union=officer.union, drivers=1) for _ in range(3)]
    desk = Api(acting.bearer(officer.user, second_factor=True))
    made = desk.post(
        "dispatch/offers/", {"task_id": str(task.pk), "fleet_ids": [str(fleet.pk) for fleet in fleets]}
    ).json()
    assert desk.post(f"dispatch/offers/{made[0]['id']}/take-back/").json()["status"] == "cancelled"
    assert desk.post(f"dispatch/offers/{made[1]['id']}/undo/").status_code == 204
    assert set(task.offers.values_list("status", flat=True)) == {"cancelled"}
    stranger = Api(acting.bearer(UserFactory()))
    assert stranger.post(f"dispatch/offers/{made[1]['id']}/undo/").status_code == 404
