import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mobilize.channels import claims, sending, services
from mobilize.channels.models import Delivery
from mobilize.channels.states import DeliveryStatus, Outcome, Priority
from tests import acting
from tests.channels.messages import die_in_the_middle, leave, outcomes, queue
from tests.channels.standin import standing_in

pytestmark = pytest.mark.django_db
KEY = "gateway-key"
TAKEN, BUSY = (200, b"{}"), (503, b"")


def rightly_signed(request):
    signed = request.body if request.method == "POST" else request.path.rsplit("/", 1)[1].encode()
    given = request.headers["X-Timestamp"].encode() + b"." + signed
    return hmac.new(KEY.encode(), given, hashlib.sha256).hexdigest() == request.headers["X-Signature"]


@pytest.fixture
def gateway(settings):
    """The SMS gateway: checks the signature and gives the answers in turn; yields what it got."""

    @contextmanager
    def serve(*answers, drops_doubles=True):
        waiting = list(answers)
        with standing_in(lambda request: waiting.pop(0) if rightly_signed(request) else (401, b"{}")) as standin:
            settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = f"{standin.url}/sms", KEY
            settings.SMS_GATEWAY_DROPS_DOUBLES, settings.SMS_PROVIDERS = drops_doubles, ["gateway"]
            yield standin.got

    return serve


def test_a_message_leaves_signed_with_our_id_as_the_idempotency_key(gateway):
    with gateway((200, b'{"id": "gw-1"}')) as got:
        delivery = leave(queue())
    assert json.loads(got[0].body) == {"id": str(delivery.pk), "to": "+8613800000001", "text": "【工会动员】你好"}
    assert got[0].headers["Idempotency-Key"] == str(delivery.pk)
    assert (delivery.status, delivery.provider, delivery.provider_id) == (DeliveryStatus.ACCEPTED, "gateway", "gw-1")


def test_an_invented_person_is_never_messaged_for_real(gateway):
    with gateway() as got:
        delivery = leave(queue(invented=True))
    assert (got, delivery.channel, delivery.status) == ([], "inbox", DeliveryStatus.DELIVERED)
    with pytest.raises(IntegrityError, match="invented_people_are_never_messaged_for_real"):
        Delivery.objects.filter(pk=delivery.pk).update(channel="sms")


def test_a_temporary_failure_is_tried_again_later_and_not_before(gateway):
    with gateway(BUSY, TAKEN) as got:
        delivery = queue()
        assert leave(delivery).status == DeliveryStatus.SENDING
        leave(delivery, after=timedelta(seconds=5))
        assert len(got) == 1
        assert leave(delivery, after=timedelta(minutes=1)).status == DeliveryStatus.ACCEPTED
    assert outcomes(delivery) == [Outcome.TRY_AGAIN]


def test_what_fails_for_four_hours_is_given_up(gateway):
    with gateway(BUSY):
        delivery = queue(expires_at=timezone.now() + timedelta(days=1))
        assert leave(delivery, after=timedelta(hours=4)).status == DeliveryStatus.FAILED
    assert outcomes(delivery) == [Outcome.GAVE_UP]


@pytest.mark.parametrize(
    ("answer", "status"), [((400, b"{}"), DeliveryStatus.FAILED), ((200, b"thanks"), DeliveryStatus.ACCEPTED)]
)
def test_a_refusal_ends_it_and_an_odd_thanks_is_not_sent_twice(gateway, answer, status):
    with gateway(answer) as got:
        delivery = queue()
        assert leave(delivery).status == status
        leave(delivery, after=timedelta(minutes=30))
    assert len(got) == 1


def test_a_gateway_that_is_down_is_a_temporary_failure(gateway, settings):
    with gateway():
        settings.SMS_GATEWAY_URL = "http://127.0.0.1:9/sms"
        delivery = leave(queue())
    assert (delivery.status, outcomes(delivery)) == (DeliveryStatus.SENDING, [Outcome.TRY_AGAIN])


def test_a_message_past_its_time_is_not_sent(gateway):
    with gateway() as got:
        assert leave(queue(), after=timedelta(hours=1)).status == DeliveryStatus.EXPIRED
    assert got == []


def test_the_same_news_for_the_same_time_is_written_down_once():
    first = queue()
    assert queue(subject_id=first.subject_id, due_at=first.due_at) is None


def test_a_message_without_the_transaction_of_its_change_is_refused(transactional_db):
    with pytest.raises(RuntimeError, match="transaction"):
        services.queue_many([], now=timezone.now())


def test_after_a_crash_a_provider_that_drops_doubles_gets_it_again_under_the_same_id(gateway):
    with gateway(TAKEN) as got:
        delivery = queue()
        die_in_the_middle(delivery)
        assert leave(delivery, after=claims.CLAIM_LASTS).status == DeliveryStatus.ACCEPTED
    assert [request.headers["Idempotency-Key"] for request in got] == [str(delivery.pk)]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ((200, b'{"status": "delivered", "id": "gw-1"}'), DeliveryStatus.DELIVERED),
        ((200, b'{"status": "failed", "detail": "off"}'), DeliveryStatus.FAILED),
    ],
)
def test_after_a_crash_any_other_provider_is_asked_and_gets_nothing_twice(gateway, answer, status):
    with gateway(answer, drops_doubles=False) as got:
        delivery = queue()
        die_in_the_middle(delivery)
        assert leave(delivery, after=claims.CLAIM_LASTS).status == status
    assert [(request.method, request.path) for request in got] == [("GET", f"/sms/{delivery.pk}")]


def test_after_a_crash_it_is_sent_again_when_the_provider_knows_that_it_never_came(gateway):
    with gateway((404, b""), TAKEN, drops_doubles=False) as got:
        delivery = queue()
        die_in_the_middle(delivery)
        assert leave(delivery, after=claims.CLAIM_LASTS).status == DeliveryStatus.ACCEPTED
    assert [request.method for request in got] == ["GET", "POST"]


def test_after_a_crash_what_nobody_knows_ends_as_unknown_and_is_never_sent_blindly(gateway):
    with gateway(*[(200, b"?")] * 3, drops_doubles=False) as got:
        delivery = queue()
        die_in_the_middle(delivery)
        for minutes in (1, 3, 6):
            left = leave(delivery, after=timedelta(minutes=minutes))
        leave(delivery, after=timedelta(minutes=30))
    assert ({request.method for request in got}, left.status) == ({"GET"}, DeliveryStatus.UNKNOWN)
    assert outcomes(delivery)[-1] == Outcome.UNRESOLVED


def test_an_answer_that_breaks_off_is_a_doubt_and_no_failure(gateway):
    with gateway((504, b"")):
        delivery = leave(queue())
    assert (delivery.doubtful, outcomes(delivery)) == (True, [Outcome.DOUBTFUL])


def test_who_lost_the_claim_meanwhile_cannot_take_the_message_back(gateway):
    with gateway(TAKEN):
        delivery = queue()
        with transaction.atomic():
            mine = claims.claim(codes=False, most=1, now=delivery.created_at)
        claims.recover(now=delivery.created_at + claims.CLAIM_LASTS)
        assert leave(delivery, after=claims.CLAIM_LASTS).status == DeliveryStatus.ACCEPTED
        with transaction.atomic():
            sending.settle([sending.Result(mine[0], Outcome.TRY_AGAIN)], now=timezone.now())
    assert Delivery.objects.get(pk=delivery.pk).status == DeliveryStatus.ACCEPTED


def test_a_secret_is_forgotten_once_it_left_and_kept_while_it_must_be_tried_again(gateway):
    with gateway(BUSY, TAKEN):
        delivery = queue(secret=True, facts={"code": "123456"}, priority=Priority.CODE)
        left = leave(delivery)
        assert (left.body, left.facts) == ("【工会动员】你好", {"code": "123456"})
        left = leave(delivery, after=timedelta(minutes=1))
    assert (left.body, left.facts) == ("", {})


def test_a_fault_nobody_foresaw_is_a_doubt(gateway, settings):
    with gateway():
        settings.SMS_GATEWAY_URL = 7
        assert outcomes(leave(queue())) == [Outcome.DOUBTFUL]


@pytest.mark.django_db(transaction=True)
def test_eight_senders_at_once_send_one_message(gateway):
    with gateway(*[TAKEN] * 8) as got:
        delivery = queue()
        acting.at_once([lambda: sending.pump(codes=False, clock=lambda: delivery.created_at)] * 8)
    assert len(got) == 1


def test_the_urgent_leaves_before_the_bulk():
    bulk, urgent = queue(priority=Priority.BULK), queue(priority=Priority.URGENT)
    with transaction.atomic():
        assert claims.claim(codes=False, most=1, now=urgent.created_at) == [urgent]
        assert claims.claim(codes=True, most=9, now=urgent.created_at) == []
    bulk.refresh_from_db()
    assert bulk.status == DeliveryStatus.QUEUED


def test_every_message_begins_with_its_sender_whatever_it_says():
    assert queue(body="【工行】").body == "【工会动员】【工行】"
