"""Beyond the free codes a device works for the next one; a proof is good once, for one number, for ten minutes."""

import base64
import json
from datetime import timedelta

import pytest
from altcha import ChallengeV1, PayloadV1, solve_challenge_v1
from django.core.cache import cache
from django.utils import timezone

from mobilize.accounts import code_limits
from mobilize.accounts.services import request_code
from mobilize.core import proofs
from mobilize.core.errors import TooMany
from tests import acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PHONE, OTHER, HOME = "+8613800000001", "+8613800000002", "203.0.113.7"


@pytest.fixture
def crowded():
    """An address that has used its free codes up."""
    cache.set(code_limits._shared(PHONE, HOME)[0].key, 20, 300)


def ask(phone=PHONE, proof="", now=NOW):
    return request_code(phone=phone, now=now, address=HOME, proof=proof)


def demanded(**asked):
    with pytest.raises(TooMany) as refused:
        ask(**asked)
    assert refused.value.code == "proof_required"
    return refused.value.data


def solved(challenge, changes=()):
    """Solve a challenge as altcha's own library does."""
    found = solve_challenge_v1(
        challenge["challenge"], challenge["salt"], challenge["algorithm"], challenge["maxNumber"], 0
    )
    answer = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps(answer | {"number": found.number} | dict(changes)).encode()).decode()


def test_the_free_codes_ask_for_nothing():
    assert ask()


def test_a_solved_challenge_gets_the_code(crowded):
    data = demanded()
    assert data["challenge"]["maxNumber"] == proofs.MOST_TRIES
    assert 0 < data["retry_after"] <= 300
    assert ask(proof=solved(data["challenge"]))


def test_being_asked_costs_no_try(crowded):
    demanded()
    assert cache.get(code_limits._shared(PHONE, HOME)[0].key) == 20


def test_a_proof_is_good_for_its_own_number_alone(crowded):
    proof = solved(demanded()["challenge"])
    demanded(phone=OTHER, proof=proof)
    assert ask(proof=proof)


def test_a_proof_is_good_once(crowded):
    proof = solved(demanded()["challenge"])
    ask(proof=proof)
    demanded(proof=proof, now=NOW + timedelta(minutes=2))


def test_a_proof_is_not_used_up_by_a_request_that_its_number_refuses(crowded):
    first, second = (solved(demanded()["challenge"]) for _ in range(2))
    ask(proof=first)
    with pytest.raises(TooMany) as refused:
        ask(proof=second)
    assert refused.value.code == "codes_too_fast"
    assert ask(proof=second, now=NOW + timedelta(minutes=2))


@pytest.mark.django_db(transaction=True)
def test_a_proof_sent_many_times_at_once_gets_one_code(crowded):
    proof = solved(demanded()["challenge"])
    uses = acting.at_once([lambda: proofs.use_up(proof, subject=PHONE, now=NOW)] * 8)
    assert sorted(uses) == [False] * 7 + [True]


def test_a_proof_is_good_for_ten_minutes(crowded):
    proof = solved(demanded()["challenge"])
    demanded(proof=proof, now=NOW + proofs.LASTS)
    assert ask(proof=proof, now=NOW + proofs.LASTS - timedelta(seconds=2))


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 1},
        {"number": None},
        {"signature": "0" * 64},
        {"signature": None},
        {"salt": "00?expires=9999999999&"},
        {"salt": ["a"]},
        {"algorithm": "SHA-1"},
        {"algorithm": {}},
        {"challenge": "汉"},
    ],
)
def test_a_changed_proof_is_none(crowded, changes):
    demanded(proof=solved(demanded()["challenge"], changes))


@pytest.mark.parametrize("text", ["x", "汉", "====", "bnVsbA==", "W10=", "MQ==", "e30=", "W" * 1999, "/w=="])
def test_what_is_no_proof_is_none(crowded, text):
    demanded(proof=text)


def test_over_the_api_the_problem_carries_the_challenge_and_the_proof_goes_with_the_next_request(client):
    cache.set(code_limits._shared(PHONE, "127.0.0.1")[0].key, 20, 300)
    body = {"phone": PHONE}
    asked = client.post("/api/v1/auth/codes/", body, content_type="application/json")
    problem = asked.json()
    assert (asked.status_code, problem["code"], asked["Retry-After"]) == (
        429,
        "proof_required",
        str(problem["data"]["retry_after"]),
    )
    body["proof"] = solved(problem["data"]["challenge"])
    assert client.post("/api/v1/auth/codes/", body, content_type="application/json").status_code == 202


def test_the_challenge_is_one_that_altchas_own_tools_read():
    made = proofs.challenge(subject=PHONE, now=NOW)
    assert set(made) == set(ChallengeV1("SHA-256", "", 1, "", "").to_dict())
    assert PHONE[1:] not in json.dumps(made)
    assert PayloadV1.from_base64(solved(made)).challenge == made["challenge"]
