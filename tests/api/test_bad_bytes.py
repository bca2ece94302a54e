"""What no client should send is refused, never a fault."""

from base64 import b64encode

import pytest
from django.test import Client

from tests import acting
from tests.api.conftest import Api
from tests.factories import OfficerFactory, ShiftFactory, UnionFactory

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def api():
    return Api(acting.bearer(OfficerFactory().user, second_factor=True))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *[("unions/", "search"), ("unions/", "level"), ("sites/", "search"), ("shifts/", "campaign")],
        *[("shifts/", "district"), ("tasks/", "status"), ("tasks/", "search"), ("fleets/", "search")],
        *[("fleets/", "status"), ("dispatch/trips/", "status")],
    ],
)
def test_a_nul_in_a_filter_is_named_as_a_wrong_field(api, path, name):
    answer = api.get(path, **{name: "a\0b"})
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(name, "bad_text")]


@pytest.mark.parametrize("position", ["\0", "never", "o=1&r=1"])
def test_a_cursor_we_never_gave_is_not_found(position):
    ShiftFactory()
    answer = Api().get("shifts/", cursor=b64encode(f"p={position}".encode()).decode())
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)


@pytest.mark.parametrize("part", ["user", "secret"])
def test_a_nul_in_a_partners_name_or_secret_gives_no_token(partner, part):
    name, secret = (f"{partner.client_id}\0", "x") if part == "user" else (partner.client_id, "\0")
    basic = b64encode(f"{name}:{secret}".encode()).decode()
    answer = Client().post(
        "/api/v1/oauth/token/",
        {"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {basic}"},
    )
    assert answer.status_code == 401


def test_json_nested_without_end_is_a_bad_request(api):
    answer = Client().post("/api/v1/auth/codes/", "[" * 100_000, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    answer = Client().post("/api/v1/tasks/", "[" * 100_000, content_type="application/json", headers=api.headers)
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


@pytest.mark.parametrize("key", ["", "k"])
@pytest.mark.parametrize("path", ["auth/codes/", "tasks/"])
def test_a_body_that_is_too_big_is_refused_and_no_error_of_ours(api, path, key, caplog):
    body = '{"phone": "' + "9" * 3_000_000 + '"}'
    headers = api.headers | {"Idempotency-Key": key}
    answer = Client().post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (413, PROBLEM, "too_big")
    assert not caplog.records


def test_a_nul_in_a_cookie_is_a_bad_request(client):
    client.cookies["sessionid"] = "a" * 32 + "\0"
    assert client.get("/me/").status_code == 400


@pytest.mark.parametrize(
    "path", ["/shifts/?district=%00", "/shifts/?q=%00", "/sign-in/?next=%00", "/c/%00/", "/desk/fleets/?q=%00"]
)
def test_a_nul_in_a_pages_address_is_a_bad_request(client, path):
    UnionFactory()
    answer = client.get(path)
    assert answer.status_code == 400
    assert "text/html" in answer["Content-Type"]
