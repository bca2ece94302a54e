import hashlib
import json

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot
from django.utils import timezone

from mobilize.channels.models import Address
from mobilize.channels.states import DeliveryStatus, Outcome
from tests.channels.messages import leave, outcomes, queue
from tests.channels.standin import standing_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on(settings):
    settings.CHAT = True


@pytest.fixture
def group(monkeypatch):
    """Both services' robots, at a stand-in's address instead of their own."""
    answers = []
    with standing_in(lambda request: answers.pop(0)) as standin:
        monkeypatch.setattr(NotifyWeComBot, "notify_url", standin.url + "/wecom?key={key}")
        monkeypatch.setattr(NotifyDingTalk, "notify_url", standin.url + "/ding?access_token={token}")
        standin.answers = answers
        yield standin


def said_to(address):
    user = UserFactory()
    digest = hashlib.sha256(address.encode()).hexdigest()
    Address.objects.create(user=user, channel="chat", address=address, digest=digest, confirmed_at=timezone.now())
    return leave(queue(recipient_id=user.pk, channels=["chat"]))


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("wecombot://0123456789abcdef", "/wecom?key=0123456789abcdef"),
        ("dingtalk://0123456789abcdef", "/ding?access_token=0123456789abcdef"),
    ],
)
def test_a_robot_says_it_to_its_group(group, address, path):
    group.answers.append((200, b'{"errcode": 0}'))
    delivery = said_to(address)
    assert (delivery.status, delivery.provider, group.got[0].path) == (DeliveryStatus.ACCEPTED, "apprise", path)
    assert "【工会动员】你好" in json.dumps(json.loads(group.got[0].body), ensure_ascii=False)


def test_what_is_not_confirmed_is_a_doubt(group):
    group.answers.append((500, b""))
    assert outcomes(said_to("wecombot://0123456789abcdef")) == [Outcome.DOUBTFUL]


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1/path",
        "jsons://example.org/x",
        "mailto://user:password@example.org",
        "wecombot://0123456789abcdef?verify=no",
        "dingtalk://",
        "odd",
    ],
)
def test_no_other_service_is_ever_called(address):
    with standing_in(lambda request: (200, b"")) as inside:
        delivery = said_to(address.replace("127.0.0.1", inside.url.removeprefix("http://")))
    assert (inside.got, outcomes(delivery)) == ([], [Outcome.REFUSED])
