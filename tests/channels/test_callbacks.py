import json
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from mobilize.channels import callbacks
from mobilize.channels.inbound import Reply, take
from mobilize.channels.models import Delivery, Inbound
from mobilize.channels.providers.gateway import signature
from mobilize.outbox.models import Event
from tests import acting
from tests.channels.messages import queue

pytestmark = pytest.mark.django_db
WHAT = ["receipts", "replies"]


@pytest.fixture(autouse=True)
def providers(settings):
    settings.SMS_PROVIDERS, settings.SMS_GATEWAY_KEY = ["gateway", "aliyun", "tencent"], "gateway-key"


def sent(provider="gateway", provider_id=""):
    delivery = queue()
    Delivery.objects.filter(pk=delivery.pk).update(
        status="accepted", channel="sms", provider=provider, provider_id=provider_id, sent_at=timezone.now()
    )
    return delivery


def signed(body, *, ago=0):
    timestamp = str(int(time.time()) - ago)
    return {"X-Timestamp": timestamp, "X-Signature": signature(timestamp, body)}


def post(client, provider, what, said, *, headers=None):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    address = callbacks.address(provider, what).partition("/api/")[2]
    given = headers if headers is not None else signed(body) if provider == "gateway" else {}
    return client.post(f"/api/{address}", body, content_type="application/json", headers=given)


def status(delivery):
    return Delivery.objects.get(pk=delivery.pk).status


def test_the_gateway_reports_by_our_id(client):
    arrived, lost = sent(), sent()
    said = [
        {"id": str(arrived.pk), "status": "delivered"},
        {"id": str(lost.pk), "status": "failed", "detail": "switched off"},
        {"id": "odd", "status": "delivered"},
        {"id": str(arrived.pk), "status": "odd"},
    ]
    assert post(client, "gateway", "receipts", said).status_code == 200
    assert (status(arrived), status(lost)) == ("delivered", "failed")
    assert Delivery.objects.get(pk=lost.pk).failure == "switched off"


def test_aliyun_reports_by_our_id_and_is_thanked_in_its_own_words(client):
    arrived, lost = sent("aliyun"), sent("aliyun", "biz-2")
    said = [
        {"phone_number": "13800000001", "success": True, "err_code": "DELIVERED", "out_id": str(arrived.pk)},
        {"phone_number": "13800000001", "success": False, "err_code": "MK:0001", "biz_id": "biz-2", "out_id": ""},
    ]
    answer = post(client, "aliyun", "receipts", said)
    assert answer.json() == {"code": 0, "msg": "成功"}
    assert (status(arrived), status(lost)) == ("delivered", "failed")


def test_tencent_reports_by_its_own_id_and_is_thanked_in_its_own_words(client):
    delivery = sent("tencent", "serial-1")
    said = [{"mobile": "13800000001", "report_status": "SUCCESS", "errmsg": "DELIVRD", "sid": "serial-1"}]
    assert post(client, "tencent", "receipts", said).json() == {"result": 0, "errmsg": "OK"}
    assert status(delivery) == "delivered"


def test_no_provider_reports_of_anothers_messages(client):
    delivery = sent("tencent", "serial-1")
    post(client, "gateway", "receipts", [{"id": str(delivery.pk), "status": "delivered"}])
    assert status(delivery) == "accepted"


@pytest.mark.parametrize("what", WHAT)
def test_a_stranger_is_refused(client, what):
    delivery = sent()
    said = json.dumps([{"id": str(delivery.pk), "status": "failed", "from": "13800000001", "text": "TD"}]).encode()
    right = signed(said)
    for headers in (
        {},
        {"X-Timestamp": right["X-Timestamp"]},
        right | {"X-Signature": "0" * 64},
        right | {"X-Signature": "签"},
        right | {"X-Timestamp": "９" * 10},
        signed(b"[]"),
        signed(said, ago=301),
        signed(said, ago=-310),
    ):
        answer = post(client, "gateway", what, said, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "bad_signature")
    for provider in ("aliyun", "tencent"):
        for key in (
            "",
            "?key=",
            "?key=0",
            "?key=签",
            callbacks.address("aliyun" if provider == "tencent" else "tencent", what)[-45:],
        ):
            answer = client.post(f"/api/v1/sms/{provider}/{what}/{key}", said, content_type="application/json")
            assert answer.status_code == 403
    assert (status(delivery), Inbound.objects.count()) == ("accepted", 0)


@pytest.mark.parametrize("what", WHAT)
def test_a_provider_that_is_not_in_use_is_unknown_even_with_its_key(client, settings, what):
    settings.SMS_PROVIDERS = ["gateway"]
    for provider in ("tencent", "pigeon"):
        answer = post(client, provider, what, [])
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("said", [b"", b"\xff", b"{", b"[1]", b'"x"', b"null", b"[" * 100_000])
def test_garbage_is_refused(client, what, said):
    answer = post(client, "gateway", what, said)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("what", WHAT)
def test_odd_values_break_nothing(client, what):
    odd = {"id": {"a": 1}, "status": [1], "text": "\0\ud800", "from": 7, "detail": None}
    assert post(client, "gateway", what, [odd, {}]).status_code == 200
    assert post(client, "aliyun", what, [{"out_id": [], "success": "yes", "sequence_id": 9**99}, {}]).status_code == 200
    assert post(client, "tencent", what, {"sid": {}, "report_status": [], "time": "x" * 999}).status_code == 200


@pytest.mark.parametrize("what", WHAT)
def test_what_is_too_big_is_not_read(client, what):
    assert post(client, "gateway", what, b" " * (256 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("gateway", [{"id": "r-1", "from": "+8613800000001", "text": "来"}]),
        ("aliyun", [{"phone_number": "13800000001", "content": "来", "sequence_id": 12345, "dest_code": "10690"}]),
        ("tencent", {"mobile": "13800000001", "nationcode": "86", "text": "来", "time": 1457336869, "sign": "s"}),
    ],
)
def test_a_reply_is_kept_once_and_told_on_once(client, provider, said):
    for _again in range(2):
        assert post(client, provider, "replies", said).status_code == 200
    reply = Inbound.objects.get()
    assert (str(reply.phone), reply.text, reply.provider) == ("+8613800000001", "来", provider)
    assert Event.objects.get(topic="sms.received").subject_id == reply.pk


def test_the_same_word_a_minute_later_is_another_reply(client):
    said = {"mobile": "13800000001", "nationcode": "86", "text": "1", "time": 1457336869}
    post(client, "tencent", "replies", said)
    post(client, "tencent", "replies", said | {"time": 1457336929})
    assert Inbound.objects.count() == 2


def test_a_number_we_never_write_to_is_left_out(client):
    said = [{"id": str(n), "from": phone, "text": "1"} for n, phone in enumerate(["10086", "", "+15550100", "x"])]
    assert post(client, "gateway", "replies", said).status_code == 200
    assert not Inbound.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_eight_reports_of_the_same_replies_at_once_keep_each_once():

    replies = [Reply(str(n), "13800000001", "1") for n in range(20)]
    calls = [
        lambda turn=turn: take(provider="gateway", replies=replies[::turn], now=timezone.now()) for turn in (1, -1)
    ]
    assert sum(acting.at_once(calls * 4)) == 20
    assert (Inbound.objects.count(), Event.objects.filter(topic="sms.received").count()) == (20, 20)


def test_the_addresses_are_printed_for_whoever_sets_up_the_providers(capsys):
    call_command("sms_addresses")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[0] == "gateway receipts: http://127.0.0.1:8000/api/v1/sms/gateway/receipts/"
    assert "?key=" in lines[2]
    assert lines[2].rpartition("=")[2] != lines[4].rpartition("=")[2]


def test_a_receipt_that_comes_twice_and_late_does_no_harm(client):
    delivery = sent()
    for said in ("delivered", "failed", "accepted", "delivered"):
        post(client, "gateway", "receipts", [{"id": str(delivery.pk), "status": said}])
    left = Delivery.objects.get(pk=delivery.pk)
    assert (left.status, left.failure, left.steps.count()) == ("delivered", "", 1)
    assert left.delivered_at - left.created_at < timedelta(minutes=1)
