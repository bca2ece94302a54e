"""Programs of a person give addresses and take them away; what opens a robot or a browser never comes back."""

import json

import pytest

from mobilize.channels.models import Address, Delivery
from tests import acting
from tests.api.conftest import Api
from tests.channels.test_addresses import WECOM, coded, subscription
from tests.factories import OfficerFactory, UserFactory

pytestmark = pytest.mark.django_db
MAIL = {"channel": "email", "address": "wang@example.org"}


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def api(user):
    return Api(acting.bearer(user))


@pytest.fixture(autouse=True)
def push_on(settings):
    settings.VAPID_PRIVATE_KEY = coded(b"\1" * 32)


def codes(answer):
    assert answer.status_code == 422
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def test_an_address_is_given_listed_masked_and_taken_away(api):
    made = api.post("me/addresses/", MAIL)
    assert (made.status_code, made.json()["address"], made.json()["state"]) == (201, "w***@example.org", "unconfirmed")
    assert [row["id"] for row in api.get("me/addresses/").json()["results"]] == [made.json()["id"]]
    assert api.delete(f"me/addresses/{made.json()['id']}/").status_code == 204
    assert api.delete(f"me/addresses/{made.json()['id']}/").status_code == 404
    assert api.get("me/addresses/").json()["results"] == []


def test_a_repeated_request_writes_one_letter(api):
    answers = [api.post("me/addresses/", MAIL, key="one") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Delivery.objects.count() == 1


def test_asking_for_the_letter_again_waits(api):
    made = api.post("me/addresses/", MAIL).json()
    answer = api.post(f"me/addresses/{made['id']}/confirm-again/")
    assert (answer.status_code, answer.json()["code"]) == (429, "letters_too_fast")
    assert 0 < int(answer["Retry-After"]) <= 60


def test_somebody_elses_is_not_found(api):
    made = api.post("me/addresses/", MAIL).json()
    stranger = Api(acting.bearer(UserFactory()))
    assert stranger.get("me/addresses/").json()["results"] == []
    assert stranger.delete(f"me/addresses/{made['id']}/").status_code == 404
    assert stranger.post(f"me/addresses/{made['id']}/confirm-again/").status_code == 404
    assert Address.objects.get().removed_at is None


def test_nobody_and_a_partners_machine_have_no_addresses(partner_api):
    assert (Api().get("me/addresses/").status_code, Api().post("me/addresses/", MAIL).status_code) == (401, 401)
    for answer in (partner_api.get("me/addresses/"), partner_api.post("me/addresses/", MAIL)):
        assert (answer.status_code, answer.json()["code"]) == (403, "people_only")


def test_a_browsers_keys_and_a_robots_address_never_come_back(user, api):
    officer = Api(acting.bearer(OfficerFactory().user, second_factor=True))
    browser = subscription("secret-name")
    robot = officer.post("me/addresses/", {"channel": "chat", "address": WECOM, "label": "调度群"})
    pushed = api.post("me/addresses/", {"channel": "push", "address": browser, "label": "app"})
    assert (robot.status_code, pushed.status_code) == (201, 201)
    said = json.dumps([robot.json(), pushed.json(), officer.get("me/addresses/").json(), api.get("me/export/").json()])
    assert [secret in said for secret in ("0123abcd", "secret-name", browser["keys"]["auth"])] == [False] * 3
    assert (robot.json()["address"], robot.json()["label"]) == ("…89ef", "调度群")


def test_a_robot_needs_an_officers_credential(api):
    answer = api.post("me/addresses/", {"channel": "chat", "address": WECOM})
    assert (answer.status_code, answer.json()["code"]) == (403, "officers_only")


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, {"channel": "required", "address": "required"}),
        ({"channel": "sms", "address": "x"}, {"channel": "invalid_choice"}),
        ({"channel": "email", "address": {"a": 1}}, {"address": "bad_email"}),
        ({"channel": "push", "address": [1]}, {"address": "bad_subscription"}),
        ({"channel": "email", "address": "x", "label": "x" * 61}, {"address": "bad_email", "label": "too_long"}),
        ({"channel": "email", "address": "x", "label": "http://x.cn"}, {"address": "bad_email", "label": "bad_text"}),
    ],
)
def test_every_wrong_field_is_named(api, body, wrong):
    assert codes(api.post("me/addresses/", body)) == wrong


def test_the_export_names_the_mailbox_in_full(api):
    api.post("me/addresses/", MAIL)
    export = api.get("me/export/").json()
    assert (export["takes_sms"], [row["address"] for row in export["addresses"]]) == (True, ["wang@example.org"])


def test_a_closed_account_has_no_addresses(api, user):
    api.post("me/addresses/", MAIL)
    assert api.delete("me/").status_code == 204
    assert not Address.objects.exists()
