"""What one provider refuses, the next one of the same channel may take."""

from datetime import timedelta

import pytest

from mobilize.channels.states import DeliveryStatus, Outcome
from tests.channels.messages import leave, outcomes, queue
from tests.channels.standin import standing_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(settings):
    """Aliyun, which has no template for anything, before the gateway, which says what it is told."""
    answers = []
    with standing_in(lambda request: answers.pop(0)) as gateway:
        settings.SMS_PROVIDERS = ["aliyun", "gateway"]
        settings.ALIYUN_SMS_KEY_ID = settings.ALIYUN_SMS_KEY_SECRET = "k"
        settings.ALIYUN_SMS_TEMPLATES = {}
        settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = gateway.url, "k"
        yield answers


def test_what_has_no_template_is_taken_by_the_next_provider_at_once(both):
    both.append((200, b"{}"))
    delivery = leave(queue())
    assert (delivery.status, delivery.provider) == (DeliveryStatus.ACCEPTED, "gateway")
    assert [(step.provider, step.outcome) for step in delivery.steps.all()] == [("aliyun", Outcome.REFUSED)]


def test_who_refused_once_is_not_asked_again_while_the_other_one_is_tried_again(both):
    both += [(503, b""), (503, b""), (200, b"{}")]
    delivery = queue()
    for minutes in (0, 1, 3):
        left = leave(delivery, after=timedelta(minutes=minutes))
    assert left.status == DeliveryStatus.ACCEPTED
    assert outcomes(delivery) == [Outcome.REFUSED, Outcome.TRY_AGAIN, Outcome.TRY_AGAIN]


def test_what_everybody_refuses_has_failed(both):
    both.append((400, b""))
    delivery = leave(queue())
    assert (delivery.status, delivery.failure) == (DeliveryStatus.FAILED, "gateway answered 400")
    assert outcomes(delivery) == [Outcome.REFUSED, Outcome.REFUSED]
