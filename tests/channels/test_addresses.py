"""People give addresses: an e-mail address once its letter was opened, a browser, a robot of a chat group."""

import json
import os
import re
from base64 import urlsafe_b64encode
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from mobilize.channels import addresses, queries
from mobilize.channels.models import Address, Delivery
from mobilize.channels.providers import chat
from mobilize.channels.states import AddressState, ChannelName, DeliveryStatus, Outcome
from mobilize.core.actor import STRANGER, Actor
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from tests import acting
from tests.channels.messages import leave, outcomes, queue
from tests.factories import OfficerFactory, UserFactory

pytestmark = pytest.mark.django_db
MAIL = "wang@example.org"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123abcd-4567-89ef"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture(autouse=True)
def everything_on(settings):
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL, settings.CHAT = "mail.example.org", "duty@example.org", True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT = coded(b"\1" * 32), "mailto:duty@example.org"


def coded(raw):
    return urlsafe_b64encode(raw).decode().rstrip("=")


def subscription(name="x", host="https://fcm.googleapis.com", **keys):
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    usual = {"p256dh": coded(point), "auth": coded(os.urandom(16))}
    return {"endpoint": f"{host}/fcm/send/{name}", "expirationTime": None, "keys": usual | keys}


def give(user, channel="email", address=MAIL, *, now, **more):
    actor = Actor(user_id=user.pk, scopes=frozenset({"worker", "officer"}))
    return addresses.add(actor=actor, channel=channel, address=address, now=now, **more)


def token_in(row):
    body = Delivery.objects.filter(kind="address_confirm", subject_id=row.pk).latest("created_at").body
    return re.search(r"/a/([-\w.]+)/", body)[1]


def letters(mailoutbox, to=MAIL):
    return sum(to in letter.to for letter in mailoutbox)


def fault(call):
    with pytest.raises(Invalid) as refused:
        call()
    return refused.value.fields


def test_only_a_letter_goes_to_an_address_until_its_link_was_opened(now, mailoutbox):
    user = UserFactory()
    row = give(user, now=now)
    token = token_in(row)
    news = queue(recipient_id=user.pk, channels=["email"])
    assert leave(news).channel == ChannelName.INBOX
    assert [("/a/" in letter.body, letter.to) for letter in mailoutbox] == [(True, [MAIL])]
    assert addresses.confirm(token=token, now=now).state == AddressState.CONFIRMED
    assert addresses.confirm(token=token, now=now).confirmed_at == now
    assert leave(queue(recipient_id=user.pk, channels=["email"])).status == DeliveryStatus.ACCEPTED
    assert letters(mailoutbox) == 2


def test_looking_at_the_link_changes_nothing_and_it_ends_after_a_day(now):
    row = give(UserFactory(), now=now)
    token = token_in(row)
    assert addresses.check_link(token=token, now=now + timedelta(hours=23)).state == AddressState.UNCONFIRMED
    for late, wrong in [(timedelta(hours=24), token), (timedelta(0), token[:-1]), (timedelta(0), "x")]:
        with pytest.raises(Conflict, match="address_link_expired"):
            addresses.confirm(token=wrong, now=now + late)
    assert Address.objects.get().confirmed_at is None


def test_the_link_of_an_address_taken_away_opens_nothing(now):
    user = UserFactory()
    row = give(user, now=now)
    token = token_in(row)
    addresses.remove(actor=acting.worker(user), address_id=row.pk, now=now)
    with pytest.raises(Conflict, match="address_link_expired"):
        addresses.confirm(token=token, now=now)


def test_the_letter_leaves_no_link_in_our_rows_and_is_no_message_of_hers(now):
    give(UserFactory(), now=now)
    letter = Delivery.objects.get()
    assert "/a/" in letter.body
    assert leave(letter).body == ""
    assert letter.secret


def test_the_answer_is_the_same_whoever_has_the_address_and_each_gets_her_own(now):
    first = give(UserFactory(), now=now)
    addresses.confirm(token=token_in(first), now=now)
    second = give(UserFactory(), now=now)
    assert (second.state, second.pk == first.pk) == (AddressState.UNCONFIRMED, False)
    assert Delivery.objects.count() == 2


def test_giving_it_twice_writes_one_letter_and_asking_again_waits_a_minute(now):
    user = UserFactory()
    row = give(user, now=now)
    assert give(user, address=" WANG@Example.org ", now=now).pk == row.pk
    assert Delivery.objects.count() == 1
    with pytest.raises(TooMany, match="letters_too_fast"):
        addresses.confirm_again(actor=acting.worker(user), address_id=row.pk, now=now)
    with pytest.raises(NotFound):
        addresses.confirm_again(actor=acting.worker(UserFactory()), address_id=row.pk, now=now)


def test_a_strangers_mailbox_is_not_filled_by_many_accounts(now):
    for _ in range(6):
        give(UserFactory(), now=now)
    with pytest.raises(TooMany, match="letters_too_fast"):
        give(UserFactory(), now=now)
    assert (Delivery.objects.count(), Address.objects.count()) == (6, 6)


def test_what_is_confirmed_is_not_confirmed_again(now):
    user = UserFactory()
    row = give(user, now=now)
    addresses.confirm(token=token_in(row), now=now)
    with pytest.raises(Conflict, match="wrong_status"):
        addresses.confirm_again(actor=acting.worker(user), address_id=row.pk, now=now)
    assert give(user, now=now).state == AddressState.CONFIRMED
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    "typed", ["", "wang", "wang@", "wang@localhost", "wang@[127.0.0.1]", "a@b.c\nBcc: x@y.cn", "x" * 250 + "@b.cn"]
)
def test_what_is_no_e_mail_address_is_refused(now, typed):
    assert fault(lambda: give(UserFactory(), address=typed, now=now)) in (
        {"address": ["bad_email"]},
        {"address": ["required"]},
    )


def test_a_browser_gets_messages_at_once_and_moves_with_who_signs_in(now):
    first, second, browser = UserFactory(), UserFactory(), subscription()
    row = give(first, "push", browser, now=now, label="Chrome")
    assert (row.state, row.masked) == (AddressState.CONFIRMED, "")
    moved = give(second, "push", json.dumps(browser), now=now)
    assert (moved.pk, moved.user_id) == (row.pk, second.pk)
    assert set(json.loads(Address.objects.get().address)) == {"endpoint", "keys"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("{}", "bad_subscription"),
        ("[" * 100_000, "bad_subscription"),
        ({"endpoint": 1, "keys": 2}, "bad_subscription"),
        (subscription(auth=coded(b"short")), "bad_subscription"),
        (subscription(auth="A" * 16 + "!"), "bad_subscription"),
        (subscription(p256dh=coded(b"\4" + b"\0" * 64)), "bad_subscription"),
        (subscription("x" * 1000), "bad_subscription"),
        (subscription(host="http://fcm.googleapis.com"), "unknown_push_service"),
        (subscription(host="https://127.0.0.1"), "unknown_push_service"),
        (subscription(host="https://169.254.169.254"), "unknown_push_service"),
        (subscription(host="https://fcm.googleapis.com@10.0.0.1"), "unknown_push_service"),
    ],
)
def test_a_browser_that_names_no_push_service_or_no_key_is_refused(now, given, code):
    assert fault(lambda: give(UserFactory(), "push", given, now=now)) == {"address": [code]}


@pytest.mark.parametrize(
    ("webhook", "robot", "masked"),
    [
        (WECOM, "wecombot://0123abcd-4567-89ef", "企业微信 …89ef"),
        (
            "https://oapi.dingtalk.com/robot/send?access_token=0123456789ABCDEF",
            "dingtalk://0123456789ABCDEF",
            "钉钉 …CDEF",
        ),
        (" https://open.feishu.cn/open-apis/bot/v2/hook/0123abcd-4567 ", "feishu://0123abcd-4567", "飞书 …4567"),
    ],
)
def test_a_robot_is_called_at_the_address_its_vendor_shows(now, webhook, robot, masked):
    row = give(OfficerFactory().user, "chat", webhook, now=now)
    assert (row.address, row.state) == (robot, AddressState.CONFIRMED)
    made = chat.robot_at(row.address)
    asked = made.notify_url.format(key=getattr(made, "key", ""), token=getattr(made, "token", ""))
    assert asked.rstrip("/") == webhook.strip()
    assert f"{row.service} {row.masked}" == masked


@pytest.mark.parametrize(
    "webhook",
    [
        "https://127.0.0.1/robot/send?access_token=0123456789abcdef",
        "http://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
        "https://oapi.dingtalk.com.example.org/robot/send?access_token=0123456789abcdef",
        "https://oapi.dingtalk.com@10.0.0.1/robot/send?access_token=0123456789abcdef",
        "https://oapi.dingtalk.com:8443/robot/send?access_token=0123456789abcdef",
        "https://oapi.dingtalk.com/robot/send?access_token=012345/../@6789",
        "https://oapi.dingtalk.com/gettoken?access_token=0123456789abcdef",
        "https://open.feishu.cn/open-apis/bot/v2/hook/",
        "https://open.larksuite.com/open-apis/bot/v2/hook/0123abcd-4567",
        "wecombot://0123456789abcdef",
        "https://[",
        "x",
    ],
)
def test_no_other_service_becomes_a_robot(now, webhook):
    assert fault(lambda: give(OfficerFactory().user, "chat", webhook, now=now)) == {"address": ["bad_robot"]}


def test_only_officers_bring_robots_and_nobody_gives_an_address_unsigned(now):
    with pytest.raises(Forbidden, match="officers_only"):
        addresses.add(actor=acting.worker(UserFactory()), channel="chat", address=WECOM, now=now)
    with pytest.raises(Unauthenticated):
        addresses.add(actor=STRANGER, channel="email", address=MAIL, now=now)
    with pytest.raises(Forbidden, match="people_only"):
        addresses.add(actor=Actor(client_id="partner"), channel="email", address=MAIL, now=now)


def test_a_channel_that_is_not_set_up_takes_no_address(now, settings):
    settings.DEMO, settings.EMAIL_HOST = False, ""
    assert fault(lambda: give(UserFactory(), now=now)) == {"channel": ["unknown_choice"]}
    assert fault(lambda: give(UserFactory(), "sms", now=now, label="【别人】")) == {
        "channel": ["unknown_choice"],
        "label": ["bad_text"],
    }


def test_a_test_message_goes_to_that_address_alone_and_never_to_the_inbox(now, mailoutbox):
    user = UserFactory()
    for mail in (MAIL, "li@example.org"):
        row = give(user, address=mail, now=now)
        addresses.confirm(token=token_in(row), now=now)
    acting.send_messages(now=now)
    mailoutbox.clear()
    addresses.send_test(actor=acting.worker(user), address_id=row.pk, now=now)
    acting.send_messages(now=now)
    assert [letter.to for letter in mailoutbox] == [["li@example.org"]]
    shown = {one.address: one.last_test for one in queries.shown(Address.objects.filter(user=user), now=now)}
    assert (shown[MAIL], shown["li@example.org"].status) == (None, DeliveryStatus.ACCEPTED)
    addresses.send_test(actor=acting.worker(user), address_id=row.pk, now=now + timedelta(seconds=1))
    addresses.remove(actor=acting.worker(user), address_id=row.pk, now=now + timedelta(seconds=1))
    acting.send_messages(now=now + timedelta(seconds=1))
    last = Delivery.objects.latest("created_at")
    assert (last.status, last.channel) == (DeliveryStatus.FAILED, ChannelName.EMAIL)


def test_tests_are_limited_and_only_of_what_is_ones_own_and_confirmed(now):
    user = UserFactory()
    row = give(user, "push", subscription(), now=now)
    with pytest.raises(NotFound):
        addresses.send_test(actor=acting.worker(UserFactory()), address_id=row.pk, now=now)
    with pytest.raises(NotFound):
        addresses.send_test(actor=acting.worker(user), address_id=give(user, now=now).pk, now=now)
    for second in range(5):
        addresses.send_test(actor=acting.worker(user), address_id=row.pk, now=now + timedelta(seconds=second))
    with pytest.raises(TooMany, match="tests_too_fast"):
        addresses.send_test(actor=acting.worker(user), address_id=row.pk, now=now + timedelta(minutes=1))


def test_what_is_taken_away_gets_nothing_can_be_put_back_and_is_then_forgotten(now):
    user = UserFactory()
    row = give(user, "push", subscription(), now=now)
    own = acting.worker(user)
    with pytest.raises(NotFound):
        addresses.remove(actor=acting.worker(UserFactory()), address_id=row.pk, now=now)
    addresses.remove(actor=own, address_id=row.pk, now=now)
    assert leave(queue(recipient_id=user.pk, channels=["push"])).channel == ChannelName.INBOX
    soon = now + timedelta(minutes=59)
    addresses.tidy(now=soon)
    with pytest.raises(NotFound):
        addresses.put_back(actor=acting.worker(UserFactory()), address_id=row.pk, now=soon)
    assert addresses.put_back(actor=own, address_id=row.pk, now=soon).state == AddressState.CONFIRMED
    addresses.remove(actor=own, address_id=row.pk, now=now)
    later = now + timedelta(minutes=61)
    with pytest.raises(NotFound):
        addresses.put_back(actor=own, address_id=row.pk, now=later)
    addresses.tidy(now=later)
    assert not Address.objects.exists()


def test_an_address_nobody_confirms_is_forgotten_after_a_week(now):
    confirmed, _forgotten = (give(UserFactory(), now=now) for _ in range(2))
    addresses.confirm(token=token_in(confirmed), now=now)
    addresses.tidy(now=now + timedelta(days=8))
    assert list(Address.objects.all()) == [confirmed]


def test_a_removed_mailbox_given_again_is_confirmed_again(now):
    user = UserFactory()
    row = give(user, now=now)
    addresses.confirm(token=token_in(row), now=now)
    addresses.remove(actor=acting.worker(user), address_id=row.pk, now=now)
    again = give(user, now=now)
    assert (again.pk, again.state) == (row.pk, AddressState.UNCONFIRMED)


def test_who_has_no_address_is_reached_by_the_next_way_at_once(now, settings):
    settings.SMS_PROVIDERS = ["gateway"]
    user = UserFactory()
    without = queue(recipient_id=user.pk, channels=["push", "email", "sms"])
    assert (without.channel, without.route, outcomes(without)) == ("sms", [], [])
    give(user, "push", subscription(), now=now)
    having = queue(recipient_id=user.pk, channels=["email", "push", "sms"])
    assert (having.channel, having.route) == ("push", ["sms"])


def test_whom_no_way_reaches_finds_it_in_the_inbox_and_the_reason_is_noted():
    message = leave(queue(recipient_id=UserFactory().pk, channels=["push", "email"]))
    assert (message.channel, message.status, outcomes(message)) == ("inbox", "delivered", [Outcome.NO_ADDRESS])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_one_address_given_by_many_requests_at_once_is_one_row(now, guarded, monkeypatch):
    user = UserFactory()
    if not guarded:  # the control: nothing makes two rows of one address the same
        monkeypatch.setattr(addresses, "digest_of", lambda channel, identity: uuid4().hex)
    acting.at_once([lambda: give(user, now=now) for _ in range(3)])
    assert (Address.objects.count() == 1) == guarded


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_many_addresses_at_once_never_become_more_than_the_most(now, guarded, monkeypatch):
    user = UserFactory()
    if not guarded:  # the control: all count before anybody writes
        counted, demand = Barrier(6, timeout=10), addresses._demand_room

        def demand_then_wait(*given, **but_for):
            demand(*given, **but_for)
            counted.wait()

        monkeypatch.setattr(addresses, "_one_at_a_time", lambda person: None)
        monkeypatch.setattr(addresses, "_demand_room", demand_then_wait)
    acting.at_once([lambda n=n: give(user, address=f"n{n}@example.org", now=now) for n in range(6)])
    assert (Address.objects.count() == 3) == guarded
