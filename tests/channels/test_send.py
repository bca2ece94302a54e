import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mobilize.channels import services
from mobilize.channels.models import Delivery
from mobilize.channels.states import DeliveryStatus
from tests import acting

pytestmark = pytest.mark.django_db
KEY = "gateway-key"


@contextmanager
def gateway(*answers):
    """A stand-in for the SMS gateway: checks the signature, gives the answers in turn, keeps what it got."""
    got, waiting = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signed = self.headers["X-Timestamp"].encode() + b"." + body
            good = hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest() == self.headers["X-Signature"]
            got.append((self.headers["Idempotency-Key"], json.loads(body)))
            status, answer = waiting.pop(0) if good else (401, b"{}")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sms", got
    finally:
        server.shutdown()
        server.server_close()


def queue(**more):
    now = timezone.now()
    given = {
        "kind": "test",
        "phone": "+8613800000001",
        "body": "你好",
        "subject_id": uuid4(),
        "now": now,
        "expires_at": now + timedelta(hours=1),
    }
    with transaction.atomic():
        return services.queue(**(given | more))


@pytest.fixture
def sms(settings):
    @contextmanager
    def serve(*answers):
        with gateway(*answers) as (url, got):
            settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = url, KEY
            yield got

    return serve


def test_a_message_leaves_signed_with_our_id_as_the_idempotency_key(sms):
    with sms((200, b'{"id": "gw-1"}')) as got:
        delivery = queue()
        assert services.send(delivery_id=delivery.pk, now=timezone.now()) == DeliveryStatus.ACCEPTED
    assert got == [(str(delivery.pk), {"id": str(delivery.pk), "to": "+8613800000001", "text": "【工会动员】你好"})]
    delivery.refresh_from_db()
    assert delivery.provider_id == "gw-1"


def test_an_invented_person_is_never_messaged_for_real(sms):
    with sms() as got:
        delivery = queue(invented=True)
        services.send(delivery_id=delivery.pk, now=timezone.now())
    assert (got, delivery.channel) == ([], "inbox")
    with pytest.raises(IntegrityError, match="invented_people_are_never_messaged_for_real"):
        Delivery.objects.filter(pk=delivery.pk).update(channel="sms")


def test_a_temporary_failure_is_tried_again_later_and_not_before(sms):
    with sms((503, b""), (200, b"{}")):
        delivery = queue()
        now = delivery.due_at
        assert services.send(delivery_id=delivery.pk, now=now) == DeliveryStatus.QUEUED
        assert services.send(delivery_id=delivery.pk, now=now + timedelta(seconds=5)) is None
        assert services.due(now=now + timedelta(minutes=1)) == [delivery.pk]
        assert services.send(delivery_id=delivery.pk, now=now + timedelta(minutes=1)) == DeliveryStatus.ACCEPTED


@pytest.mark.parametrize(
    ("answer", "status"), [((400, b"{}"), DeliveryStatus.FAILED), ((200, b"thanks"), DeliveryStatus.ACCEPTED)]
)
def test_a_refusal_ends_it_and_an_odd_thanks_is_not_sent_twice(sms, answer, status):
    with sms(answer) as got:
        delivery = queue()
        assert services.send(delivery_id=delivery.pk, now=timezone.now()) == status
        assert services.send(delivery_id=delivery.pk, now=timezone.now()) is None
    assert len(got) == 1


def test_a_gateway_that_is_down_is_a_temporary_failure(settings):
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = "http://127.0.0.1:9/sms", KEY
    delivery = queue()
    assert services.send(delivery_id=delivery.pk, now=timezone.now()) == DeliveryStatus.QUEUED


def test_a_message_past_its_time_is_not_sent():
    delivery = queue()
    assert services.send(delivery_id=delivery.pk, now=delivery.expires_at) == DeliveryStatus.EXPIRED


def test_the_same_news_for_the_same_time_is_queued_once():
    first = queue()
    assert queue(subject_id=first.subject_id, now=first.due_at) is None


def test_a_sender_that_died_after_the_claim_is_relieved():
    delivery, now = queue(), timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(status="sending", next_try_at=now)
    assert services.settle_doubtful(now=now) == 1
    assert services.send(delivery_id=delivery.pk, now=now) == DeliveryStatus.DELIVERED


def test_a_secret_is_forgotten_once_it_left_and_kept_while_it_must_be_tried_again(sms):
    with sms((503, b""), (200, b"{}")):
        delivery = queue(secret=True)
        services.send(delivery_id=delivery.pk, now=delivery.due_at)
        assert Delivery.objects.get(pk=delivery.pk).body == "【工会动员】你好"
        services.send(delivery_id=delivery.pk, now=delivery.due_at + timedelta(minutes=1))
    assert Delivery.objects.get(pk=delivery.pk).body == ""


def test_a_fault_nobody_foresaw_is_tried_again_later(settings):
    settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = "http://127.0.0.1:9/", KEY
    delivery = queue()
    settings.SMS_GATEWAY_URL = "nonsense"
    assert services.send(delivery_id=delivery.pk, now=delivery.due_at) == DeliveryStatus.QUEUED


@pytest.mark.django_db(transaction=True)
def test_eight_senders_at_once_send_one_message(sms):
    with sms(*[(200, b"{}")] * 8) as got:
        delivery, now = queue(), timezone.now()
        acting.at_once([lambda: services.send(delivery_id=delivery.pk, now=now)] * 8)
    assert len(got) == 1


def test_every_message_begins_with_its_sender_whatever_it_says():
    assert queue(body="【工行】").body == "【工会动员】【工行】"
