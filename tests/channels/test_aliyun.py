import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from django.utils import timezone

from mobilize.channels.states import DeliveryStatus, Outcome, Priority
from tests.channels.messages import die_in_the_middle, leave, outcomes, queue
from tests.channels.standin import standing_in

pytestmark = pytest.mark.django_db
KEY_ID, SECRET = "key-id", "key-secret"
TAKEN = (200, {"Code": "OK", "BizId": "biz-1"})
CODE = {"kind": "sign_in_code", "facts": {"code": "123456"}}


def rightly_signed(request):
    """Alibaba Cloud's signature, version 3, as its documentation describes it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    scheme, _space, rest = headers["authorization"].partition(" ")
    given = dict(part.split("=", 1) for part in rest.split(","))
    names = given["SignedHeaders"].split(";")
    assert {"host", "x-acs-action", "x-acs-date", "x-acs-signature-nonce"} <= set(names)
    address = urlsplit(request.path)
    query = sorted(parse_qsl(address.query, keep_blank_values=True))
    hashed = hashlib.sha256(request.body).hexdigest()
    lines = [
        request.method,
        address.path,
        "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query),
        *[f"{name}:{headers[name].strip()}" for name in names],
        "",
        given["SignedHeaders"],
        hashed,
    ]
    canonical = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    right = hmac.new(SECRET.encode(), f"{scheme}\n{canonical}".encode(), hashlib.sha256).hexdigest()
    assert (scheme, given["Credential"], headers["x-acs-content-sha256"]) == ("ACS3-HMAC-SHA256", KEY_ID, hashed)
    return hmac.compare_digest(right, given["Signature"])


def asked(request):
    return dict(parse_qsl(urlsplit(request.path).query))


@pytest.fixture
def aliyun(settings):
    @contextmanager
    def serve(*answers):
        waiting = list(answers)

        def answer(request):
            if not rightly_signed(request):
                return 403, b'{"Code": "SignatureDoesNotMatch"}'
            status, body = waiting.pop(0)
            return status, body if isinstance(body, bytes) else json.dumps(body).encode()

        with standing_in(answer) as standin:
            settings.SMS_PROVIDERS, settings.ALIYUN_SMS_URL = ["aliyun"], standin.url
            settings.ALIYUN_SMS_KEY_ID, settings.ALIYUN_SMS_KEY_SECRET = KEY_ID, SECRET
            settings.ALIYUN_SMS_SIGN = "工会动员"
            settings.ALIYUN_SMS_TEMPLATES = {"sign_in_code": ["SMS_1"], "sign_in_code:en": ["SMS_2"]}
            yield standin.got

    return serve


def test_a_message_leaves_by_its_template_signed_with_our_id(aliyun):
    with aliyun(TAKEN) as got:
        delivery = leave(queue(**CODE))
    sent = asked(got[0])
    assert got[0].headers["x-acs-action"] == "SendSms"
    assert sent == {
        "PhoneNumbers": "13800000001",
        "SignName": "工会动员",
        "TemplateCode": "SMS_1",
        "TemplateParam": '{"code": "123456"}',
        "OutId": str(delivery.pk),
    }
    assert (delivery.status, delivery.provider, delivery.provider_id) == (DeliveryStatus.ACCEPTED, "aliyun", "biz-1")


def test_a_wrong_secret_is_a_refusal(aliyun, settings):
    with aliyun():
        settings.ALIYUN_SMS_KEY_SECRET = "another"
        delivery = leave(queue(**CODE))
    assert (delivery.status, delivery.failure) == (DeliveryStatus.FAILED, "SignatureDoesNotMatch")


def test_a_template_of_the_language_goes_first(aliyun):
    with aliyun(TAKEN) as got:
        leave(queue(**CODE, language="en"))
    assert asked(got[0])["TemplateCode"] == "SMS_2"


def test_a_kind_without_a_template_is_refused_and_nothing_leaves(aliyun):
    with aliyun() as got:
        delivery = leave(queue())
    assert (got, delivery.status, delivery.failure) == ([], DeliveryStatus.FAILED, "no template for test")


def test_another_text_of_a_kind_has_a_template_of_its_own(aliyun, settings):
    with aliyun(TAKEN, TAKEN) as got:
        settings.ALIYUN_SMS_TEMPLATES = {"hour_before": ["SMS_1"], "hour_before.other": ["SMS_2"]}
        for variant in ("", "other"):
            leave(queue(kind="hour_before", variant=variant))
    assert [asked(request)["TemplateCode"] for request in got] == ["SMS_1", "SMS_2"]


def test_what_leaves_late_takes_the_template_of_its_late_text(aliyun, settings):
    with aliyun(TAKEN) as got:
        settings.ALIYUN_SMS_TEMPLATES = {"hour_before": ["SMS_1"], "hour_before.other": ["SMS_2"]}
        late_after = timezone.now() + timedelta(minutes=5)
        delivery = queue(kind="hour_before", late_after=late_after, late_body="现在上岗。", late_variant="other")
        leave(delivery, after=timedelta(minutes=6))
    assert asked(got[0])["TemplateCode"] == "SMS_2"


def test_another_text_without_one_never_leaves_under_the_usual_one_but_by_the_next_way(aliyun, settings):
    with aliyun() as got, standing_in(lambda request: (200, b"{}")) as gateway:
        settings.SMS_PROVIDERS, settings.SMS_GATEWAY_URL = ["aliyun", "gateway"], gateway.url
        settings.ALIYUN_SMS_TEMPLATES = {"hour_before": ["SMS_1"], "hour_before:en": ["SMS_3"]}
        delivery = leave(queue(kind="hour_before", variant="other", language="en"))
    assert (got, delivery.status, delivery.provider) == ([], DeliveryStatus.ACCEPTED, "gateway")
    step = delivery.steps.get()
    assert (step.outcome, step.detail) == (Outcome.REFUSED, "no template for hour_before.other")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((200, {"Code": "isv.BUSINESS_LIMIT_CONTROL"}), Outcome.TRY_AGAIN),
        ((200, {"Code": "isp.SYSTEM_ERROR"}), Outcome.TRY_AGAIN),
        ((400, {"Code": "Throttling.User"}), Outcome.TRY_AGAIN),
        ((503, {"Code": "ServiceUnavailable"}), Outcome.TRY_AGAIN),
        ((200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}), Outcome.REFUSED),
        ((200, {"Code": "isv.DAY_LIMIT_CONTROL"}), Outcome.REFUSED),
        ((404, {"Code": "InvalidAccessKeyId.NotFound"}), Outcome.REFUSED),
        ((500, {"Code": "InternalError"}), Outcome.DOUBTFUL),
        ((502, b"<html>"), Outcome.DOUBTFUL),
        ((200, b"<html>"), Outcome.DOUBTFUL),
        ((200, {}), Outcome.DOUBTFUL),
    ],
)
def test_errors_are_told_apart(aliyun, answer, outcome):
    with aliyun(answer):
        assert outcomes(leave(queue(**CODE))) == [outcome]


def test_a_provider_that_cannot_be_reached_is_a_temporary_failure(aliyun, settings):
    with aliyun():
        settings.ALIYUN_SMS_URL = "http://127.0.0.1:9"
        assert outcomes(leave(queue(**CODE))) == [Outcome.TRY_AGAIN]


def left_behind():
    delivery = queue(**CODE, priority=Priority.NORMAL)
    die_in_the_middle(delivery)
    return delivery


@pytest.mark.parametrize(
    ("state", "status"), [(1, DeliveryStatus.ACCEPTED), (2, DeliveryStatus.FAILED), (3, DeliveryStatus.DELIVERED)]
)
def test_after_a_crash_it_is_asked_and_gets_nothing_twice(aliyun, state, status):
    others = [{"OutId": f"other-{number}", "SendStatus": 3} for number in range(50)]
    with aliyun() as got:
        delivery = left_behind()
    mine = {"OutId": str(delivery.pk), "SendStatus": state, "ErrCode": "DELIVERED"}
    pages = [(200, {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": page}}) for page in (others, [mine])]
    with aliyun(*pages) as got:
        assert leave(delivery, after=timedelta(minutes=1)).status == status
    assert [request.headers["x-acs-action"] for request in got] == ["QuerySendDetails"] * 2
    assert [asked(request)["CurrentPage"] for request in got] == ["1", "2"]


@pytest.mark.parametrize("answer", [(200, {"Code": "OK"}), (200, {"Code": "isp.RAM_PERMISSION_DENY"}), (500, b"?")])
def test_after_a_crash_what_it_does_not_know_ends_as_unknown_and_is_never_sent_blindly(aliyun, answer):
    with aliyun():
        delivery = left_behind()
    with aliyun(*[answer] * 3) as got:
        for minutes in (1, 3, 6, 30):
            left = leave(delivery, after=timedelta(minutes=minutes))
    assert {request.headers["x-acs-action"] for request in got} == {"QuerySendDetails"}
    assert left.status == DeliveryStatus.UNKNOWN
