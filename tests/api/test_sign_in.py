import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from oauth2_provider.models import get_access_token_model

from mobilize.accounts.models import Challenge, User
from mobilize.accounts.services import MOST_GUESSES
from mobilize.channels.models import Delivery
from tests.factories import OfficerFactory, TransportFactory, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


def ask(client, phone):
    return client.post("/api/v1/auth/codes/", {"phone": phone}, content_type="application/json")


def redeem(client, challenge, **more):
    code = re.search(r"\d{6}", Delivery.objects.get(subject_id=challenge).body)[0]
    return client.post(
        "/api/v1/auth/tokens/", {"challenge": challenge, "code": code} | more, content_type="application/json"
    )


def bearer(answer):
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_a_phone_and_a_code_give_a_token_that_opens_me(client):
    challenge = ask(client, "138 0000 0001")
    assert challenge.status_code == 202
    token = redeem(client, challenge.json()["challenge"])
    assert token.status_code == 201
    me = client.get("/api/v1/me/", headers=bearer(token))
    assert (me.status_code, me.json()["phone"], me.json()["union"]) == (200, "138****0001", None)


def test_known_and_unknown_numbers_look_the_same(client):
    answers = [ask(client, phone) for phone in (str(UserFactory().phone), "13800000002")]
    assert {answer.status_code for answer in answers} == {202}
    assert {tuple(answer.json()) for answer in answers} == {("challenge", "expires_at")}


def test_a_code_that_is_asked_for_too_fast_says_when_to_try_again(client):
    ask(client, "13800000003")
    again = ask(client, "13800000003")
    assert (again.status_code, again.json()["code"]) == (429, "codes_too_fast")
    assert 0 < int(again["Retry-After"]) <= 61


def test_an_officer_gets_officer_rights_with_the_second_factor_alone(client):
    task = TransportFactory()
    person = OfficerFactory(union=task.union).user
    TOTP.activate(person, SECRET)
    code = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))

    def tasks_seen(**totp):
        Challenge.objects.all().delete()
        token = redeem(client, ask(client, str(person.phone)).json()["challenge"], **totp)
        if token.status_code != 201:
            return token.json()["errors"][0]["code"]
        seen = client.get("/api/v1/tasks/", headers=bearer(token)).json()["results"]
        return [row["id"] for row in seen]

    assert tasks_seen() == []
    assert tasks_seen(totp="000000" if code != "000000" else "111111") == "wrong_totp"
    assert tasks_seen(totp=code) == [str(task.pk)]


def test_a_token_is_kept_as_a_hash_opens_nothing_in_an_address_and_ends_with_the_sign_out(client):
    token = redeem(client, ask(client, "13800000004").json()["challenge"])
    raw = token.json()["token"]
    assert not get_access_token_model().objects.filter(token=raw).exists()
    assert client.get(f"/api/v1/me/?access_token={raw}").status_code == 401
    assert client.delete("/api/v1/auth/tokens/", headers=bearer(token)).status_code == 204
    assert client.get("/api/v1/me/", headers=bearer(token)).status_code == 401
    assert client.delete("/api/v1/auth/tokens/").status_code == 401


def test_a_wrong_second_factor_costs_a_guess_and_not_the_code(client):
    person = OfficerFactory().user
    TOTP.activate(person, SECRET)
    right = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))
    wrong = "000000" if right != "000000" else "111111"
    challenge = ask(client, str(person.phone)).json()["challenge"]
    refused = redeem(client, challenge, totp=wrong)
    assert (refused.status_code, refused.json()["data"]) == (422, {"guesses_left": MOST_GUESSES - 1})
    assert redeem(client, challenge, totp=right).status_code == 201
    assert redeem(client, challenge, totp=right).json()["code"] == "code_expired"


def test_second_factors_cannot_be_guessed_more_often_than_codes(client):
    person = OfficerFactory().user
    TOTP.activate(person, SECRET)
    right = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))
    wrong = "000000" if right != "000000" else "111111"
    challenge = ask(client, str(person.phone)).json()["challenge"]
    assert [redeem(client, challenge, totp=wrong).status_code for _ in range(MOST_GUESSES)] == [422] * MOST_GUESSES
    ended = redeem(client, challenge, totp=right)
    assert (ended.status_code, ended.json()["code"]) == (409, "code_expired")


def test_a_second_factor_nobody_set_up_makes_no_person(client):
    challenge = ask(client, "13800000009").json()["challenge"]
    assert redeem(client, challenge, totp="123456").json()["errors"][0]["code"] == "wrong_totp"
    assert not User.objects.exists()


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", ""])
def test_a_stranger_is_asked_to_sign_in(client, header):
    answer = client.get("/api/v1/me/", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
