"""A browser asks for push messages, gets one, shows it, and is taken off the list.

Chromium without a screen reaches no push service, so `subscribe` is a stand-in's: its keys are real ones, our server
encrypts for them and posts to a stand-in push service, and what was decrypted is handed to the real service worker.
"""

import json
import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone
from playwright.sync_api import expect

from mobilize.channels.models import Address
from tests import acting
from tests.channels.standin import standing_in
from tests.channels.test_addresses import coded
from tests.flows.conftest import press, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STAND_IN = """
(() => {
  let subscription = null;
  const given = %s;
  const made = (key) => ({
    endpoint: given.endpoint, options: { applicationServerKey: key.buffer }, toJSON: () => given,
    unsubscribe: async () => { subscription = null; delete localStorage.subscribed; return true; },
  });
  if (localStorage.subscribed) {
    subscription = made(Uint8Array.from(JSON.parse(localStorage.subscribed)));
  }
  PushManager.prototype.getSubscription = async () => subscription;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    localStorage.subscribed = JSON.stringify(Array.from(applicationServerKey));
    return subscription = made(applicationServerKey);
  };
})();
"""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const until = performance.now() + 5000;
  let shown = [];
  while (!shown.length && performance.now() < until) {
    await new Promise(requestAnimationFrame);
    shown = await registration.getNotifications();
  }
  return shown.map(({ title, body, data }) => [title, body, data.url]);
}"""


@pytest.fixture
def service(settings):
    with standing_in(lambda request: (201, b"")) as standin:
        settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT = coded(b"\1" * 32), "mailto:duty@example.org"
        settings.PUSH_SERVICES = [standin.url]
        yield standin


def test_a_browser_is_switched_on_shows_a_message_and_is_switched_off(open_context, service, live_server, seen):
    key, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    given = {"endpoint": f"{service.url}/push/me", "keys": {"p256dh": coded(public), "auth": coded(auth)}}
    context = open_context(permissions=["notifications"])
    context.add_init_script(STAND_IN % json.dumps(given))
    page = context.new_page()
    sign_in(page, "+8613800000001")
    page.goto("/me/addresses/")
    press(page, "在本浏览器接收消息")
    expect(page.get_by_text("本浏览器", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="在本浏览器接收消息")).to_be_hidden()
    seen(page, "10-push-on")

    press(page, "发一条测试消息")
    expect(page.get_by_text("测试消息已发出")).to_be_visible()
    acting.send_messages(now=timezone.now())
    notice = http_ece.decrypt(service.got[0].body, private_key=key, auth_secret=auth, version="aes128gcm").decode()
    devtools = context.new_cdp_session(page)
    registrations = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: registrations.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    page.wait_for_function("navigator.serviceWorker.controller")
    given = {"origin": live_server.url, "registrationId": registrations[-1]["registrationId"], "data": notice}
    for _ in range(3):  # a Chromium without a screen may take a notice down before anybody has looked
        devtools.send("ServiceWorker.deliverPushMessage", given)
        if shown := page.evaluate(SHOWN):
            break
    assert shown == [["工会动员", "这是一条测试：消息能到这里。", json.loads(notice)["url"]]]

    press(page, "移除")
    expect(page.get_by_text("已移除", exact=True)).to_be_visible()
    assert Address.objects.get().removed_at
    press(page, "恢复")
    expect(page.get_by_text("本浏览器", exact=True)).to_be_visible()

    assert page.evaluate("localStorage.subscribed")
    page.goto("/accounts/logout/")
    press(page, "退出登录")
    expect(page).to_have_url(f"{live_server.url}/")
    assert page.evaluate("localStorage.subscribed") is None
