"""A rule names the ways of a kind of message; each person gets it by the first for which she has an address."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.channels import addresses
from mobilize.channels.models import Delivery
from mobilize.channels.states import Outcome
from mobilize.core.actor import Actor
from mobilize.reminders import queries, services
from mobilize.reminders.sending import send_due
from mobilize.unions.states import Role
from tests import acting
from tests.channels.messages import outcomes
from tests.channels.test_addresses import WECOM, coded, subscription
from tests.factories import OfficerFactory, SignupFactory
from tests.frontend.test_messages import sit_down

pytestmark = pytest.mark.django_db
RULE = {"enabled": "on", "way_1": "push", "way_2": "email", "way_3": "chat"}


@pytest.fixture(autouse=True)
def every_way(settings):
    settings.EMAIL_HOST, settings.CHAT, settings.SMS_PROVIDERS = "mail.example.org", True, ["gateway"]
    settings.VAPID_PRIVATE_KEY = coded(b"\1" * 32)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def rule(client):
    """Saves a rule of the confirmation at the desk, its texts as they stand."""
    sit_down(client, OfficerFactory(role=Role.ADMIN))

    def save(**ways):
        page = reverse("desk_rule", args=["confirmed"])
        form = client.get(page).context["form"]
        texts = {field.name: field.value() for field in form.text_fields()}
        assert client.post(page, texts | RULE | ways).status_code == 303

    return save


def give(user, channel, address, now):
    actor = Actor(user_id=user.pk, scopes=frozenset({"worker", "officer"}))
    row = addresses.add(actor=actor, channel=channel, address=address, now=now)
    row.confirmed_at = now
    row.save()


def told(now):
    """Confirm a place and return the message about it, as it was written down."""
    signup = SignupFactory(shift__starts_at=now + timedelta(days=3))

    def write(**given):
        for channel, address in given.items():
            give(signup.worker.user, channel, address, now)
        services.plan_for_signup(signup_id=signup.pk, answered=False, now=now)
        send_due(now=now)
        return Delivery.objects.get(subject_id=signup.pk)

    return write


def test_the_first_way_with_an_address_is_taken_at_once(rule, now):
    rule()
    message = told(now)(email="wang@example.org", chat=WECOM)
    assert (message.channel, message.route, outcomes(message)) == ("email", ["chat"], [])
    message = told(now)(push=subscription(), email="li@example.org")
    assert (message.channel, message.route) == ("push", ["email"])


def test_who_gave_no_address_gets_an_sms_where_the_rule_names_it(rule, now):
    rule(way_3="sms")
    message = told(now)()
    assert (message.channel, message.route, message.cost > 0) == ("sms", [], True)


def test_whom_no_way_reaches_finds_it_in_her_messages_and_stands_on_the_call_list(rule, now):
    rule()
    message = told(now)()
    acting.send_messages(now=now)
    message.refresh_from_db()
    assert (message.channel, message.status, outcomes(message)) == ("inbox", "delivered", [Outcome.NO_ADDRESS])
    assert list(queries.mine(message.recipient_id, now=now)) == [message]
    assert list(queries.to_call(Delivery.objects.all(), now=now)) == [message]


def test_whom_a_later_way_reached_is_not_on_the_call_list(rule, now, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    rule()
    message = told(now)(email="wang@example.org")
    acting.send_messages(now=now)
    message.refresh_from_db()
    assert message.status == "accepted"
    assert not queries.to_call(Delivery.objects.all(), now=now).exists()
