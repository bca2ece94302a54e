import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import call_command
from django.utils import timezone

from mobilize.channels.models import Address
from mobilize.channels.providers.browsers import served
from mobilize.channels.states import DeliveryStatus, Outcome
from tests.channels.messages import leave, outcomes, queue
from tests.channels.standin import standing_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
TAKEN = (201, b"")


def coded(raw):
    return urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """A browser that takes push messages: its subscription, and the private key only it has."""

    def __init__(self, user, service, name="x"):
        self.key, self.auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": coded(public), "auth": coded(self.auth)}
        subscription = json.dumps({"endpoint": f"{service}/push/{name}", "keys": keys})
        digest = hashlib.sha256(subscription.encode()).hexdigest()
        self.row = Address.objects.create(
            user=user, channel="push", address=subscription, digest=digest, confirmed_at=timezone.now()
        )

    def read(self, request):
        plain = http_ece.decrypt(request.body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        return json.loads(plain)


def rightly_signed(request, url, secret):
    """The sender's proof, by RFC 8292: a JWT for this service under the key whose public half is given."""
    scheme, _space, rest = request.headers["authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = given["t"].split(".")
    right = ec.derive_private_key(int.from_bytes(decoded(secret)), ec.SECP256R1()).public_key()
    assert decoded(given["k"]) == right.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    r, s = (int.from_bytes(half) for half in (decoded(signature)[:32], decoded(signature)[32:]))
    right.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    told = json.loads(decoded(claims))
    assert (scheme, json.loads(decoded(head))["alg"]) == ("vapid", "ES256")
    assert (told["aud"], told["sub"]) == (url, "mailto:duty@example.org")
    return told["exp"] <= timezone.now().timestamp() + 24 * 3600


@pytest.fixture
def service(settings, capsys):
    """A push service; answers by the last part of the path."""
    call_command("push_key")
    secret = capsys.readouterr().out.strip()

    @contextmanager
    def serve(**answers):
        def answer(request):
            if not rightly_signed(request, standin.url, secret):
                return 403, b""
            return answers[request.path.rsplit("/", 1)[1]]

        with standing_in(answer) as standin:
            settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT = secret, "mailto:duty@example.org"
            settings.PUSH_SERVICES = [standin.url]
            yield standin

    return serve


def push(user, **more):
    return queue(recipient_id=user.pk, channels=["push"], **more)


def test_every_browser_gets_it_so_that_only_the_browser_can_read_it(service):
    user = UserFactory()
    with service(phone=TAKEN, desk=TAKEN) as standin:
        browsers = {name: Browser(user, standin.url, name) for name in ("phone", "desk")}
        Browser(UserFactory(), standin.url, "somebody-elses")
        delivery = leave(push(user))
    assert (delivery.status, delivery.provider) == (DeliveryStatus.ACCEPTED, "webpush")
    assert {urlsplit(request.path).path for request in standin.got} == {"/push/phone", "/push/desk"}
    for request in standin.got:
        notice = browsers[request.path.rsplit("/", 1)[1]].read(request)
        assert (notice["title"], notice["body"], notice["tag"]) == ("工会动员", "你好", str(delivery.pk))
        assert 0 < int(request.headers["ttl"]) <= 3600


def test_a_browser_that_is_gone_is_not_asked_again_and_the_others_still_get_it(service):
    user = UserFactory()
    with service(old=(410, b""), new=TAKEN) as standin:
        old, new = Browser(user, standin.url, "old"), Browser(user, standin.url, "new")
        assert leave(push(user)).status == DeliveryStatus.ACCEPTED
        assert leave(push(user)).status == DeliveryStatus.ACCEPTED
    for browser in (old, new):
        browser.row.refresh_from_db()
    assert (old.row.ended_at is not None, new.row.ended_at) == (True, None)
    assert sorted(request.path for request in standin.got) == ["/push/new", "/push/new", "/push/old"]


def test_whose_browsers_are_all_gone_is_reached_on_the_next_channel(service, settings):
    user = UserFactory()
    with service(old=(404, b"")) as standin, standing_in(lambda request: (200, b"{}")) as gateway:
        settings.SMS_PROVIDERS, settings.SMS_GATEWAY_URL = ["gateway"], gateway.url
        Browser(user, standin.url, "old")
        delivery = leave(queue(recipient_id=user.pk, channels=["push", "sms"]))
    assert (delivery.status, delivery.channel) == (DeliveryStatus.ACCEPTED, "sms")
    assert outcomes(delivery) == [Outcome.NO_ADDRESS]


def test_whose_only_way_is_a_browser_that_is_gone_finds_it_in_the_inbox(service):
    user = UserFactory()
    with service(old=(404, b"")) as standin:
        Browser(user, standin.url, "old")
        delivery = leave(push(user))
    assert (delivery.channel, delivery.status) == ("inbox", DeliveryStatus.DELIVERED)
    assert outcomes(delivery) == [Outcome.NO_ADDRESS]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(429, Outcome.TRY_AGAIN), (503, Outcome.TRY_AGAIN), (500, Outcome.DOUBTFUL), (413, Outcome.REFUSED)],
)
def test_errors_are_told_apart(service, status, outcome):
    user = UserFactory()
    with service(x=(status, b"")) as standin:
        Browser(user, standin.url)
        assert outcomes(leave(push(user))) == [outcome]


def test_a_service_that_cannot_be_reached_is_a_temporary_failure(service, settings):
    user = UserFactory()
    with service():
        settings.PUSH_SERVICES = ["http://127.0.0.1:9"]
        Browser(user, "http://127.0.0.1:9")
        assert outcomes(leave(push(user))) == [Outcome.TRY_AGAIN]


def test_what_cannot_be_told_after_a_doubt_is_never_pushed_again(service):
    user = UserFactory()
    with service(x=(500, b"")) as standin:
        Browser(user, standin.url)
        delivery = push(user)
        for minutes in (0, 1, 4, 30):
            left = leave(delivery, after=timedelta(minutes=minutes))
    assert (len(standin.got), left.status) == (1, DeliveryStatus.UNKNOWN)


@pytest.mark.parametrize(
    ("endpoint", "yes"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://a.push.services.mozilla.com/x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://127.0.0.1/x", False),
        ("https://a.push.services.mozilla.com@127.0.0.1/x", False),
        ("https://127.0.0.1\\.push.services.mozilla.com/x", False),
        ("https://127.0.0.1/.push.services.mozilla.com", False),
        ("https://fcm.googleapis.com.example.org/x", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_known_push_services_are_ever_called(endpoint, yes):
    assert served(endpoint) is yes


def test_a_subscription_to_anywhere_else_is_refused_and_nothing_leaves(service):
    user = UserFactory()
    with service() as standin, standing_in(lambda request: TAKEN) as inside:
        Browser(user, inside.url)
        assert outcomes(leave(push(user))) == [Outcome.REFUSED]
    assert standin.got == inside.got == []
