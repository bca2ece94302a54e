import re
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.utils import timezone

from mobilize.accounts.models import Challenge, User
from mobilize.accounts.services import MOST_GUESSES, redeem_code, request_code
from mobilize.channels.models import Delivery
from mobilize.core.errors import Conflict, Invalid
from tests import acting
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def code_for(challenge):
    return re.search(r"\d{6}", Delivery.objects.get(subject_id=challenge.pk).body)[0]


def wrong_for(challenge):
    return f"{(int(code_for(challenge)) + 1) % 1_000_000:06d}"


def test_a_new_number_becomes_a_person_and_a_known_one_stays_the_same():
    now = timezone.now()
    first = request_code(phone="138 0000 0001", now=now)
    user = redeem_code(challenge_id=first.pk, code=code_for(first), now=now)
    again = request_code(phone="+86-13800000001", now=now + timedelta(minutes=2))
    assert redeem_code(challenge_id=again.pk, code=code_for(again), now=now + timedelta(minutes=2)) == user


def test_full_width_digits_and_blanks_are_the_same_code():
    now = timezone.now()
    challenge = request_code(phone="13800000002", now=now)
    code = code_for(challenge)
    typed = code[:3].translate(str.maketrans("0123456789", "０１２３４５６７８９")) + " " + code[3:]
    assert redeem_code(challenge_id=challenge.pk, code=typed, now=now)


def test_a_wrong_code_says_how_many_guesses_are_left_and_the_fifth_ends_it():
    now = timezone.now()
    challenge = request_code(phone="13800000003", now=now)
    for left in range(MOST_GUESSES - 1, -1, -1):
        with pytest.raises(Invalid) as refused:
            redeem_code(challenge_id=challenge.pk, code=wrong_for(challenge), now=now)
        assert refused.value.data["guesses_left"] == left
    with pytest.raises(Conflict) as ended:
        redeem_code(challenge_id=challenge.pk, code=code_for(challenge), now=now)
    assert ended.value.code == "code_expired"


def test_a_code_works_once_and_for_five_minutes():
    now = timezone.now()
    challenge = request_code(phone="13800000004", now=now)
    with pytest.raises(Conflict):
        redeem_code(challenge_id=challenge.pk, code=code_for(challenge), now=now + timedelta(minutes=5))
    redeem_code(challenge_id=challenge.pk, code=code_for(challenge), now=now)
    with pytest.raises(Conflict):
        redeem_code(challenge_id=challenge.pk, code=code_for(challenge), now=now)
    with pytest.raises(Conflict):
        redeem_code(challenge_id=uuid4(), code="000000", now=now)


def test_a_closed_account_does_not_open_again():
    user = UserFactory(is_active=False)
    challenge = request_code(phone=str(user.phone), now=timezone.now())
    with pytest.raises(Conflict) as refused:
        redeem_code(challenge_id=challenge.pk, code=code_for(challenge), now=timezone.now())
    assert refused.value.code == "account_closed"


@pytest.mark.django_db(transaction=True)
def test_a_hundred_guesses_at_the_same_instant_count_as_five():
    now = timezone.now()
    challenge = request_code(phone="13800000006", now=now)
    wrong = wrong_for(challenge)
    guess = lambda: redeem_code(challenge_id=challenge.pk, code=wrong, now=now)  # noqa: E731
    results = [result for _ in range(5) for result in acting.at_once([guess] * 20)]
    assert sum(isinstance(result, Invalid) for result in results) == MOST_GUESSES
    assert Challenge.objects.get(pk=challenge.pk).guesses == MOST_GUESSES


@pytest.mark.django_db(transaction=True)
def test_counted_in_two_steps_more_than_five_guesses_get_through():
    challenge, all_have_read = request_code(phone="13800000008", now=timezone.now()), Barrier(20, timeout=20)

    def guess():
        guesses = Challenge.objects.get(pk=challenge.pk).guesses
        all_have_read.wait()
        Challenge.objects.filter(pk=challenge.pk).update(guesses=guesses + 1)
        return guesses < MOST_GUESSES

    assert sum(acting.at_once([guess] * 20)) > MOST_GUESSES


@pytest.mark.django_db(transaction=True)
def test_one_number_in_three_spellings_redeemed_at_the_same_instant_is_one_person():
    now = timezone.now()
    spellings = ["13800000007", "+86 138 0000 0007", "１３８００００ ０００７".replace(" ", "")]
    challenges = [request_code(phone=typed, now=now + timedelta(minutes=2 * n)) for n, typed in enumerate(spellings)]
    codes = [code_for(challenge) for challenge in challenges]
    results = acting.at_once(
        [
            lambda c=challenge, code=code: redeem_code(challenge_id=c.pk, code=code, now=now)
            for challenge, code in zip(challenges, codes, strict=True)
        ]
    )
    assert len({user.pk for user in results}) == User.objects.count() == 1
