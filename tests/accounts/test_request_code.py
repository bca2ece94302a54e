import re
from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.accounts.models import Challenge
from mobilize.accounts.services import MOST_CODES_AN_HOUR, request_code
from mobilize.channels.models import Delivery
from mobilize.core.errors import Invalid, TooMany
from tests import acting
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_code_leaves_as_a_message_and_is_kept_as_a_hash_alone():
    now = timezone.now()
    challenge = request_code(phone="13800000001", now=now)
    message = Delivery.objects.get(subject_id=challenge.pk)
    code = re.search(r"\d{6}", message.body)[0]
    assert code not in challenge.code_hash
    acting.run_outbox()
    message.refresh_from_db()
    assert message.status == "delivered"


def test_a_browser_finds_the_code_and_the_address_it_is_for_in_the_last_line(settings):
    settings.PUBLIC_URL = "https://mobilize.example.org:8443"
    challenge = request_code(phone="13800000009", now=timezone.now())
    body = Delivery.objects.get(subject_id=challenge.pk).body
    assert re.fullmatch(r"@mobilize\.example\.org #\d{6}", body.splitlines()[-1])


def test_known_and_unknown_numbers_get_the_same_answer():
    known = UserFactory()
    now = timezone.now()
    answers = [request_code(phone=phone, now=now) for phone in (str(known.phone), "13800000002")]
    assert answers[0].expires_at == answers[1].expires_at
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("typed", ["", "abc", "12345", "+86 138", "1380000000a"])
def test_what_is_no_number_is_refused_beside_the_field(typed):
    with pytest.raises(Invalid) as refused:
        request_code(phone=typed, now=timezone.now())
    assert refused.value.fields == {"phone": ["bad_phone"]}


def test_a_second_code_within_a_minute_says_how_long_to_wait():
    now = timezone.now()
    request_code(phone="13800000003", now=now)
    with pytest.raises(TooMany) as refused:
        request_code(phone="+86 138 0000 0003", now=now + timedelta(seconds=20))
    assert 39 <= refused.value.data["retry_after"] <= 41
    request_code(phone="13800000003", now=now + timedelta(seconds=61))


def test_a_number_gets_so_many_codes_an_hour():
    now = timezone.now()
    for n in range(MOST_CODES_AN_HOUR):
        request_code(phone="13800000004", now=now + timedelta(seconds=61 * n))
    with pytest.raises(TooMany):
        request_code(phone="13800000004", now=now + timedelta(minutes=30))
    request_code(phone="13800000004", now=now + timedelta(minutes=62))


@pytest.mark.django_db(transaction=True)
def test_requests_for_one_number_at_the_same_instant_send_one_code():
    now = timezone.now()
    results = acting.at_once([lambda: request_code(phone="13800000005", now=now)] * 8)
    assert sum(isinstance(result, Challenge) for result in results) == 1
    assert Delivery.objects.count() == 1
