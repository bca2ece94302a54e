"""Guessing passwords: who guesses is stopped, and nobody else."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from mobilize.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def no_earlier_guesses():
    cache.clear()


@pytest.fixture
def officer():
    return User.objects.create_user("13800000001", PASSWORD, name="林静")


def sign_in(client, phone, password, address="203.0.113.7"):
    given = {"login": phone, "password": password}
    return client.post(reverse("account_login"), given, REMOTE_ADDR=address)


def test_the_right_password_lets_in_however_the_number_is_typed(client, officer):
    assert sign_in(client, "138 0000 0001", PASSWORD).status_code == 302


def test_who_guesses_five_times_is_stopped_even_with_the_right_password_then(client, officer):
    for _ in range(5):
        sign_in(client, "13800000001", "wrong")
    assert sign_in(client, "+86 13800000001", PASSWORD).status_code != 302


def test_wrong_passwords_for_other_numbers_lock_nobody_out(client, officer):
    for n in range(8):
        sign_in(client, f"1371111000{n}", "wrong", address="198.51.100.9")
    assert sign_in(client, "13800000001", PASSWORD).status_code == 302


def test_a_guesser_elsewhere_does_not_lock_the_officer_out(client, officer):
    for _ in range(6):
        sign_in(client, "13800000001", "wrong", address="198.51.100.9")
    assert sign_in(client, "13800000001", PASSWORD).status_code == 302
