import hashlib
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.utils import timezone

from mobilize.channels.models import Address
from mobilize.channels.states import DeliveryStatus, Outcome
from tests.channels.messages import leave, outcomes, queue
from tests.channels.smtp import mail_server
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings):
    @contextmanager
    def serve(answers=None):
        with mail_server(answers or {}) as (port, letters):
            settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
            settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
            settings.DEFAULT_FROM_EMAIL, settings.PUBLIC_URL = "duty@example.org", "https://union.example.org"
            yield letters

    return serve


@pytest.fixture
def user():
    user = UserFactory()
    digest = hashlib.sha256(b"one").hexdigest()
    Address.objects.create(
        user=user, channel="email", address="worker@example.org", digest=digest, confirmed_at=timezone.now()
    )
    return user


def mail(user, **more):
    return queue(recipient_id=user.pk, channels=["email"], **more)


def test_a_letter_leaves_with_our_id(post, user):
    with post() as letters:
        delivery = leave(mail(user))
    letter = message_from_bytes(letters[0], policy=policy.default)
    assert (letter["To"], letter["From"]) == ("worker@example.org", "duty@example.org")
    assert letter["Message-ID"] == f"<{delivery.pk}@union.example.org>"
    # apprise, once loaded, has headers written so long that the subject begins on a line of its own, after a space
    assert letter["Subject"].lstrip() == "工会动员：你好"
    assert letter.get_content().strip() == "【工会动员】你好"
    assert (delivery.status, delivery.provider) == (DeliveryStatus.ACCEPTED, "email")


@pytest.mark.parametrize(
    ("answers", "outcome", "stays"),
    [
        ({b"RCPT": b"550 5.1.1 no such user"}, Outcome.NO_ADDRESS, False),
        ({b"RCPT": b"550 5.7.1 blocked"}, Outcome.REFUSED, True),
        ({b"RCPT": b"451 4.7.1 greylisted"}, Outcome.TRY_AGAIN, True),
        ({b"MAIL": b"421 4.3.2 busy"}, Outcome.TRY_AGAIN, True),
        ({b"DATA": b"554 5.6.0 no"}, Outcome.REFUSED, True),
        ({b".": b"552 5.2.2 too big"}, Outcome.REFUSED, True),
        ({b".": b""}, Outcome.DOUBTFUL, True),
    ],
)
def test_errors_are_told_apart(post, user, answers, outcome, stays):
    with post(answers):
        assert outcomes(leave(mail(user))) == [outcome]
    assert (Address.objects.get().ended_at is None) == stays


def test_a_server_that_cannot_be_reached_is_a_temporary_failure(post, user, settings):
    with post():
        settings.EMAIL_PORT = 9
        assert outcomes(leave(mail(user))) == [Outcome.TRY_AGAIN]


def test_a_letter_that_may_have_left_is_never_sent_again(post, user):
    with post({b".": b""}) as letters:
        delivery = mail(user)
        for minutes in (0, 1, 4, 30):
            left = leave(delivery, after=timedelta(minutes=minutes))
    assert (len(letters), left.status) == (1, DeliveryStatus.UNKNOWN)


def test_who_gave_no_address_has_none(post):
    with post() as letters:
        assert outcomes(leave(mail(UserFactory()))) == [Outcome.NO_ADDRESS]
    assert letters == []
