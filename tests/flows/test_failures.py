"""What goes wrong on the way is said in place, and the form keeps what was typed."""

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.factories import WorkerFactory
from tests.flows.conftest import press
from tests.frontend.conftest import BACKEND

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worker():
    return WorkerFactory()


@pytest.fixture
def typed(phone: Page, client, live_server, worker) -> Page:
    """The profile of a signed-in worker with a new name typed and not sent."""
    client.force_login(worker.user, BACKEND)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    phone.goto("/me/profile/")
    phone.get_by_label("姓名").fill("赵一")
    return phone


def is_kept(page: Page) -> None:
    expect(page.locator("header.bar")).to_have_count(1)
    expect(page.get_by_label("姓名")).to_have_value("赵一")


def test_a_fault_or_a_lost_connection_says_so(typed, worker, seen):
    for outcome in (lambda route: route.fulfill(status=500, body="oops"), lambda route: route.abort()):
        typed.route("**/me/profile/", outcome)
        press(typed, "保存")
        expect(typed.get_by_text("没有发送成功")).to_be_visible()
        is_kept(typed)
        typed.unroute("**/me/profile/")
        typed.evaluate("document.getElementById('flash').replaceChildren()")
    press(typed, "保存")
    expect(typed.get_by_text("已保存")).to_be_visible()
    worker.user.refresh_from_db()
    assert worker.user.name == "赵一"


def test_a_lost_token_costs_one_more_tap(typed, seen):
    typed.context.clear_cookies(name="csrftoken")
    press(typed, "保存")
    expect(typed.get_by_text("请再提交一次")).to_be_visible()
    is_kept(typed)
    seen(typed, "3-outdated")
    press(typed, "保存")
    expect(typed.get_by_text("已保存")).to_be_visible()


def test_a_lost_session_leaves_the_form_and_leads_to_the_sign_in_in_a_new_tab(typed, seen):
    typed.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    press(typed, "保存")
    is_kept(typed)
    seen(typed, "3-signed-out")
    with typed.context.expect_page() as opened:
        typed.get_by_role("link", name="在新标签页登录").click()
    expect(opened.value.get_by_label("手机号")).to_be_visible()
