"""Without network my duties are readable, as of their time, by nobody but me; with one all is fresh."""

import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from frontend.views import service_worker
from tests.factories import ShiftFactory, SignupFactory, WorkerFactory
from tests.flows.conftest import press
from tests.flows.test_access import violations
from tests.frontend.conftest import BACKEND

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AS_OF = re.compile(r"没有网络，或网络太慢。本页内容截至 \d+月\d+日 \d\d:\d\d。")
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) found.push([name, new URL(url).pathname]);
  }
  return found;
}"""
SIZE = """async (src) => {
  const picture = Object.assign(new Image(), { src });
  await picture.decode();
  return picture.naturalWidth;
}"""
# What the worker does after an answer is waited for in the page itself: a predicate that is a promise counts as true.
UNTIL = f"""async (wanted) => {{
  const until = performance.now() + 10000;
  let kept;
  do {{
    await new Promise(requestAnimationFrame);
    kept = (await ({KEPT})()).filter(([name]) => name.startsWith("pages-")).map(([, path]) => path).sort();
  }} while (JSON.stringify(kept) !== JSON.stringify(wanted) && performance.now() < until);
  return kept;
}}"""


@pytest.fixture
def sign_in_as(client, live_server):
    """Return a function that lets a person's session take the place of the one a browser had."""

    def _sign_in_as(context, worker):
        client.logout()
        client.force_login(worker.user, BACKEND)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])

    return _sign_in_as


@pytest.fixture
def signup(db):
    return SignupFactory(shift=ShiftFactory(post__site__name="迎泽大街卡口"))


@pytest.fixture
def page(open_context, sign_in_as, signup):
    """A phone on which my duties were opened once with a network."""
    context = open_context(has_touch=True, is_mobile=True)
    sign_in_as(context, signup.worker)
    page = context.new_page()
    page.goto("/me/")
    page.wait_for_selector("html[data-kept]")
    return page


def kept(page, *wanted):
    """Tell whether these pages and no others come to be kept."""
    return page.evaluate(UNTIL, sorted(wanted)) == sorted(wanted)


def test_my_duties_open_without_network_and_say_as_of_when(page, seen, signup):
    expect(page.locator("#as-of")).to_be_hidden()
    page.context.set_offline(True)
    page.goto("/me/")
    expect(page.locator("#as-of")).to_contain_text(AS_OF)
    expect(page.get_by_text("迎泽大街卡口").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.bar')).borderTopWidth") == "4px"  # it has its looks
    assert violations(page) == []
    seen(page, "11-offline-duties")

    page.context.set_offline(False)
    signup.shift.post.site.name = "双塔西街卡口"
    signup.shift.post.site.save()
    page.locator("#as-of").get_by_role("link", name="再试一次").click()
    expect(page.get_by_text("双塔西街卡口").first).to_be_visible()
    expect(page.locator("#as-of")).to_be_hidden()


def test_a_duty_she_has_opened_is_there_too_and_back_leads_back(page, signup):
    page.goto(f"/signups/{signup.pk}/")
    page.context.set_offline(True)
    page.goto("/me/")
    page.locator(f"a[href='/signups/{signup.pk}/']").first.click()
    expect(page.get_by_text(signup.reference)).to_be_visible()
    expect(page.locator("#as-of")).to_contain_text(AS_OF)
    page.go_back()
    expect(page.get_by_role("heading", name="我的任务")).to_be_visible()


def test_any_other_page_says_that_there_is_no_network_and_leads_to_my_duties(page, seen):
    page.context.set_offline(True)
    page.goto("/shifts/")
    expect(page.get_by_role("heading", name="现在没有网络")).to_be_visible()
    assert violations(page) == []
    seen(page, "11-offline-shell")
    page.get_by_role("link", name="我的任务").click()
    expect(page.locator("#as-of")).to_contain_text(AS_OF)
    page.go_back()
    page.context.set_offline(False)
    page.get_by_role("link", name="再试一次").click()
    expect(page.get_by_role("heading", name="现在没有网络")).to_be_hidden()
    expect(page.locator("nav.tabs")).to_be_visible()


def test_whoever_signs_out_leaves_nothing_behind(page):
    page.goto("/accounts/logout/")
    press(page, "退出登录")
    expect(page).not_to_have_url(re.compile("logout"))
    assert kept(page)
    page.context.set_offline(True)
    page.goto("/me/")
    expect(page.get_by_role("heading", name="现在没有网络")).to_be_visible()
    expect(page.get_by_role("link", name="我的任务")).to_be_hidden()


def test_whoever_is_signed_out_by_others_leaves_nothing_behind_either(page, client):
    client.logout()  # her session, ended from elsewhere
    page.goto("/me/")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert kept(page)


def test_whoever_begins_to_sign_in_finds_nothing_of_the_one_before(page):
    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.get_by_label("手机号").fill("13800000002")
    press(page, "获取验证码")
    expect(page.get_by_label("短信验证码")).to_be_visible()
    assert kept(page)


def test_another_person_never_sees_the_first_ones(page, sign_in_as, signup):
    page.goto(f"/signups/{signup.pk}/")
    assert kept(page, "/me/", f"/signups/{signup.pk}/")
    sign_in_as(page.context, WorkerFactory())
    page.goto("/me/")
    assert kept(page, "/me/")
    page.context.set_offline(True)
    page.goto("/me/")
    expect(page.locator("#as-of")).to_contain_text(AS_OF)
    expect(page.get_by_text("迎泽大街卡口")).to_have_count(0)
    page.goto(f"/signups/{signup.pk}/")
    expect(page.get_by_role("heading", name="现在没有网络")).to_be_visible()


def test_nothing_with_a_code_and_no_page_of_others_is_kept(page):
    for path in ("/", "/shifts/", "/me/profile/", "/me/messages/", "/sign-in/", "/certificates/"):
        page.goto(path)
    assert kept(page, "/me/")


def test_no_more_than_twelve_pages_are_kept_and_my_duties_are_one_of_them(page, signup):
    now = timezone.now()
    days = [
        ShiftFactory(starts_at=now + timedelta(days=n), ends_at=now + timedelta(days=n, hours=2)) for n in range(3, 17)
    ]
    paths = [f"/signups/{SignupFactory(worker=signup.worker, shift=day).pk}/" for day in days]
    for path in paths:
        page.goto(path)
        page.wait_for_selector("html[data-kept]")
    assert kept(page, "/me/", *paths[-11:])


def test_a_new_version_takes_over_brings_the_pages_along_and_clears_what_the_old_one_kept(page, monkeypatch):
    old = {name for name, _path in page.evaluate(KEPT)}
    text, version = service_worker._script()
    newer = (text.replace(version, "newer"), "newer")
    monkeypatch.setattr(service_worker, "_script", lambda: newer)
    page.evaluate("caches.open('odd').then((odd) => odd.put('/odd', new Response('')))")
    page.evaluate("""async () => {
      const registration = await (await navigator.serviceWorker.ready).update();
      const until = performance.now() + 10000;
      do await new Promise(requestAnimationFrame);
      while ((registration.installing || registration.waiting || registration.active.state !== "activated")
        && performance.now() < until);
    }""")
    assert old == {f"files-{version}", f"pages-{version}"}
    assert {name for name, _path in page.evaluate(KEPT)} == {"files-newer", "pages-newer"}
    page.context.set_offline(True)
    page.goto("/me/")
    expect(page.get_by_text("迎泽大街卡口").first).to_be_visible()


def test_it_goes_on_a_home_screen_and_no_page_asks_for_what_only_that_needs(page, live_server):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/me/")
    assert not [url for url in asked if "manifest" in url or url.endswith(".png")]
    devtools = page.context.new_cdp_session(page)
    told = devtools.send("Page.getAppManifest")
    description = json.loads(told["data"])
    assert (told["errors"], description["name"], description["display"]) == ([], "工会动员", "standalone")
    assert description["start_url"] == "/me/"
    for icon in description["icons"]:
        size = page.evaluate(SIZE, icon["src"])
        assert icon["sizes"] == f"{size}x{size}"
    wrong = {one["errorId"] for one in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert wrong <= {"in-incognito"}  # as every browser of a test is


def test_in_a_window_of_its_own_back_means_back(browser, chromium, tmp_path, sign_in_as, live_server, signup):
    window = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=chromium, args=["--no-sandbox", f"--app={live_server.url}/sign-in/"], locale="zh-CN"
    )
    try:
        sign_in_as(window, signup.worker)
        page = window.pages[0]
        page.goto(f"{live_server.url}/me/")
        assert page.evaluate("matchMedia('(display-mode: standalone)').matches")
        page.locator("nav.tabs").get_by_role("link", name="班次").click()
        page.wait_for_url("**/shifts/")
        page.evaluate("history.back()")
        expect(page.get_by_role("heading", name="我的任务")).to_be_visible()
    finally:
        window.close()
