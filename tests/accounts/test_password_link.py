import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from mobilize.accounts.passwords import check_link, send_link, set_password
from mobilize.channels.models import Delivery
from mobilize.core.errors import Conflict, Invalid
from tests import acting
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "一句好记的话十二个字以上"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def user():
    return UserFactory()


def link_to(user, now):
    """Send a link; return what its address carries."""
    with transaction.atomic():
        send_link(user=user, now=now)
    body = Delivery.objects.filter(phone=user.phone).latest("created_at").body
    return {"user_id": user.pk, "token": re.search(rf"{user.pk}/([0-9a-f-]+)/", body)[1]}


def test_the_link_sets_the_password_once(user, now):
    link = link_to(user, now)
    for _ in range(3):
        assert check_link(**link, now=now) == user
    set_password(**link, password=PASSWORD, now=now)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    for use in (check_link, lambda **given: set_password(password=PASSWORD, **given)):
        with pytest.raises(Conflict) as refused:
            use(**link, now=now)
        assert refused.value.code == "link_expired"


def test_a_used_link_ends_the_others_too(user, now):
    first, second = link_to(user, now), link_to(user, now + timedelta(minutes=5))
    set_password(**second, password=PASSWORD, now=now + timedelta(minutes=6))
    with pytest.raises(Conflict):
        check_link(**first, now=now + timedelta(minutes=6))


def test_it_is_valid_for_48_hours(user, now):
    link = link_to(user, now)
    check_link(**link, now=now + timedelta(hours=47, minutes=59))
    with pytest.raises(Conflict):
        check_link(**link, now=now + timedelta(hours=48, seconds=1))
    with pytest.raises(Conflict):
        check_link(**link, now=now - timedelta(hours=1))


@pytest.mark.parametrize("change", ["user_id", "token", "time", "odd", "closed", "number"])
def test_a_link_that_was_never_sent_opens_nothing(user, now, change):
    link = link_to(user, now)
    sent_at, digest = link["token"].split("-")
    if change == "user_id":
        link["user_id"] = UserFactory().pk
    elif change == "token":
        link["token"] = f"{sent_at}-{digest[::-1]}"
    elif change == "time":
        link["token"] = f"{int(sent_at, 16) + 60:x}-{digest}"
    elif change == "odd":
        link["token"] = "会" * 40
    elif change == "closed":
        user.is_active = False
        user.save()
    else:
        user.phone = "+8613700000999"
        user.save()
    with pytest.raises(Conflict):
        check_link(**link, now=now + timedelta(minutes=2))
    with pytest.raises(Conflict):
        check_link(user_id=uuid4(), token=link["token"], now=now)


@pytest.mark.parametrize(("typed", "code"), [("short", "password_too_short"), ("password1234", "password_too_common")])
def test_a_weak_password_is_refused_and_the_link_stays_good(user, now, typed, code):
    link = link_to(user, now)
    with pytest.raises(Invalid) as refused:
        set_password(**link, password=typed, now=now)
    assert code in refused.value.fields["password"]
    set_password(**link, password=PASSWORD, now=now)


def test_the_message_speaks_the_persons_language_and_stays_in_the_inbox_of_the_invented(settings, now):
    settings.SMS_GATEWAY_URL, settings.SMS_PROVIDERS = "https://sms.example.org", ["gateway"]
    user = UserFactory(language="en", is_invented=True)
    link_to(user, now)
    message = Delivery.objects.get()
    assert message.body.startswith("【工会动员】Set a new password within 48 hours: http")
    assert message.channel == "inbox"


@pytest.mark.django_db(transaction=True)
def test_two_uses_at_the_same_instant_set_one_password(now):
    user = UserFactory()
    link = link_to(user, now)
    results = acting.at_once([lambda n=n: set_password(**link, password=f"{PASSWORD}{n}", now=now) for n in range(4)])
    assert sum(isinstance(result, Conflict) for result in results) == 3
