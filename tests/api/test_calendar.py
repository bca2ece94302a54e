"""Programs of a person switch her calendar on and off; no kept answer holds its address."""

import json

import pytest

from mobilize.core.models import IdempotentRequest
from tests import acting
from tests.api.conftest import Api
from tests.factories import SignupFactory, WorkerFactory

pytestmark = pytest.mark.django_db
PATH = "me/calendar/"


@pytest.fixture
def worker():
    return WorkerFactory()


@pytest.fixture
def api(worker):
    return Api(acting.bearer(worker.user))


def test_it_is_switched_on_read_and_switched_off(api, worker, client):
    assert api.get(PATH).status_code == 404
    made = api.post(PATH)
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/{PATH}")
    address = api.get(PATH).json()["address"]
    assert api.post(PATH).status_code == 201
    assert api.get(PATH).json()["address"] == address  # switched on once more it stays
    SignupFactory(worker=worker)
    way = address.removeprefix("http://127.0.0.1:8000")
    assert client.get(way).content.count(b"BEGIN:VEVENT") == 1
    assert (api.delete(PATH).status_code, api.delete(PATH).status_code) == (204, 204)
    assert (client.get(way).status_code, api.get(PATH).status_code) == (410, 404)
    api.post(PATH)
    assert api.get(PATH).json()["address"] != address


def test_nobody_and_a_partners_machine_have_none(partner_api):
    for step in ("get", "post", "delete"):
        assert getattr(Api(), step)(PATH).status_code == 401
        assert getattr(partner_api, step)(PATH).json()["code"] == "people_only"


def test_everybody_has_her_own(api):
    api.post(PATH)
    other = Api(acting.bearer(WorkerFactory().user))
    assert other.get(PATH).status_code == 404
    assert other.delete(PATH).status_code == 204
    assert api.get(PATH).status_code == 200


def test_no_kept_answer_and_no_export_holds_the_address(api):
    api.post(PATH, key="one")
    token = api.get(PATH).json()["address"].rpartition("/")[2].removesuffix(".ics")
    kept = json.dumps(list(IdempotentRequest.objects.values()), default=str)
    export = api.get("me/export/").json()
    assert [row["team_name"] for row in export["calendars"]] == [None]
    assert (token in kept, token in json.dumps(export)) == (False, False)
