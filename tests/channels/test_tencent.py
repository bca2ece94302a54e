import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from mobilize.channels.states import DeliveryStatus, Outcome
from tests.channels.messages import die_in_the_middle, leave, outcomes, queue
from tests.channels.standin import standing_in

pytestmark = pytest.mark.django_db
ID, KEY = "secret-id", "secret-key"
LETTER = {"kind": "password_invitation", "facts": {"link": "https://example.org/x", "union": "总工会"}}


def rightly_signed(request):
    """Tencent Cloud's signature TC3, as its documentation describes it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    scheme, _space, rest = headers["authorization"].partition(" ")
    given = dict(part.split("=", 1) for part in rest.split(", "))
    names = given["SignedHeaders"].split(";")
    day = datetime.fromtimestamp(int(headers["x-tc-timestamp"]), UTC).strftime("%Y-%m-%d")
    scope = f"{day}/sms/tc3_request"
    assert (scheme, given["Credential"]) == ("TC3-HMAC-SHA256", f"{ID}/{scope}")
    assert {"content-type", "host"} <= set(names)
    canonical = "\n".join(
        [
            request.method,
            request.path,
            "",
            *[f"{name}:{headers[name].strip()}" for name in names],
            "",
            given["SignedHeaders"],
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    key = f"TC3{KEY}".encode()
    for part in (day, "sms", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    to_sign = "\n".join([scheme, headers["x-tc-timestamp"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.compare_digest(hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest(), given["Signature"])


def says(**answer):
    return 200, json.dumps({"Response": {"RequestId": "r-1"} | answer}).encode()


def sent(code="Ok"):
    return says(SendStatusSet=[{"SerialNo": "serial-1", "Code": code, "Message": ""}])


def error(code):
    return says(Error={"Code": code, "Message": ""})


@pytest.fixture
def tencent(settings):
    @contextmanager
    def serve(*answers):
        waiting = list(answers)

        def answer(request):
            return waiting.pop(0) if rightly_signed(request) else error("AuthFailure.SignatureFailure")

        with standing_in(answer) as standin:
            settings.SMS_PROVIDERS, settings.TENCENT_SMS_URL = ["tencent"], standin.url
            settings.TENCENT_SMS_SECRET_ID, settings.TENCENT_SMS_SECRET_KEY = ID, KEY
            settings.TENCENT_SMS_APP, settings.TENCENT_SMS_SIGN = "1400006666", "工会动员"
            settings.TENCENT_SMS_TEMPLATES = {
                "password_invitation": ["1001", "union", "link"],
                "test": ["1002", "when"],
            }
            yield standin.got

    return serve


def test_a_message_leaves_by_its_template_with_its_facts_in_their_places(tencent):
    with tencent(sent()) as got:
        delivery = leave(queue(**LETTER))
    assert got[0].headers["X-TC-Action"] == "SendSms"
    assert json.loads(got[0].body) == {
        "SmsSdkAppId": "1400006666",
        "SignName": "工会动员",
        "TemplateId": "1001",
        "TemplateParamSet": ["总工会", "https://example.org/x"],
        "PhoneNumberSet": ["+8613800000001"],
        "SessionContext": str(delivery.pk),
    }
    assert (delivery.status, delivery.provider_id) == (DeliveryStatus.ACCEPTED, "serial-1")


def test_a_wrong_key_is_a_refusal(tencent, settings):
    with tencent():
        settings.TENCENT_SMS_SECRET_KEY = "another"
        delivery = leave(queue(**LETTER))
    assert (delivery.status, delivery.failure) == (DeliveryStatus.FAILED, "AuthFailure.SignatureFailure")


@pytest.mark.parametrize(("kind", "why"), [("test", "the template needs when"), ("other", "no template for other")])
def test_what_no_template_can_say_is_refused_and_nothing_leaves(tencent, kind, why):
    with tencent() as got:
        delivery = leave(queue(kind=kind))
    assert (got, delivery.status, delivery.failure) == ([], DeliveryStatus.FAILED, why)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (sent("LimitExceeded.PhoneNumberThirtySecondLimit"), Outcome.TRY_AGAIN),
        (error("RequestLimitExceeded.UinLimitExceeded"), Outcome.TRY_AGAIN),
        (sent("LimitExceeded.PhoneNumberDailyLimit"), Outcome.REFUSED),
        (sent("FailedOperation.PhoneNumberInBlacklist"), Outcome.REFUSED),
        (error("UnauthorizedOperation"), Outcome.REFUSED),
        (error("InternalError.Timeout"), Outcome.DOUBTFUL),
        ((502, b"<html>"), Outcome.DOUBTFUL),
        ((200, b"<html>"), Outcome.DOUBTFUL),
        (says(), Outcome.DOUBTFUL),
    ],
)
def test_errors_are_told_apart(tencent, answer, outcome):
    with tencent(answer):
        assert outcomes(leave(queue(**LETTER))) == [outcome]


def test_a_provider_that_cannot_be_reached_is_a_temporary_failure(tencent, settings):
    with tencent():
        settings.TENCENT_SMS_URL = "http://127.0.0.1:9"
        assert outcomes(leave(queue(**LETTER))) == [Outcome.TRY_AGAIN]


def left_behind(tencent):
    with tencent():
        delivery = queue(**LETTER)
        die_in_the_middle(delivery)
    return delivery


@pytest.mark.parametrize(("report", "status"), [("SUCCESS", DeliveryStatus.DELIVERED), ("FAIL", DeliveryStatus.FAILED)])
def test_after_a_crash_it_is_asked_and_gets_nothing_twice(tencent, report, status):
    delivery = left_behind(tencent)
    mine = {"SessionContext": str(delivery.pk), "ReportStatus": report, "SerialNo": "serial-1", "Description": "d"}
    with tencent(says(PullSmsSendStatusSet=[{"SessionContext": "other"}, mine])) as got:
        assert leave(delivery, after=timedelta(minutes=1)).status == status
    assert [request.headers["X-TC-Action"] for request in got] == ["PullSmsSendStatusByPhoneNumber"]
    question = json.loads(got[0].body)
    assert question["PhoneNumber"] == "+8613800000001"
    assert question["BeginTime"] <= delivery.created_at.timestamp() <= question["EndTime"]


@pytest.mark.parametrize("answer", [says(PullSmsSendStatusSet=[]), error("FailedOperation"), (500, b"?")])
def test_after_a_crash_what_it_does_not_know_ends_as_unknown_and_is_never_sent_blindly(tencent, answer):
    delivery = left_behind(tencent)
    with tencent(*[answer] * 3) as got:
        for minutes in (1, 3, 6, 30):
            left = leave(delivery, after=timedelta(minutes=minutes))
    assert {request.headers["X-TC-Action"] for request in got} == {"PullSmsSendStatusByPhoneNumber"}
    assert left.status == DeliveryStatus.UNKNOWN
