"""A real Chromium against the project, with the city's people as small as they can be."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from mobilize.campaigns.models import CovenantArticle
from tests.factories import CampaignFactory, ShiftFactory, UnionFactory

ARTEFACTS = Path(settings.ROOT) / "artefacts"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; the tests still read the database from it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_context(browser: Browser, live_server) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a browser of its own for one person."""
    contexts = []

    def _open(viewport: dict[str, int] = PHONE, **options: object) -> BrowserContext:
        context = browser.new_context(base_url=live_server.url, viewport=viewport, locale="zh-CN", **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context

    yield _open
    for context in contexts:
        context.close()


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext]) -> Page:
    """A page on a phone of 360 x 740."""
    return open_context(has_touch=True, is_mobile=True).new_page()


@pytest.fixture
def poster() -> str:
    """The address on the poster of a union in a city where one shift has two places."""
    city = UnionFactory(name="太原市总工会")
    union = UnionFactory(name="迎泽区总工会", code="140106", parent=city, level="district")
    campaign = CampaignFactory(union=city)
    CovenantArticle.objects.create(campaign=campaign, number=1, text="听从带队人安排，按时到岗。")
    start = timezone.now() + timedelta(days=1)
    ShiftFactory(task__campaign=campaign, task__union=city, post__site__name="老军营小区", starts_at=start, places=2)
    return f"/c/{campaign.slug}/u/{union.code}/"


@pytest.fixture
def seen(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Return a function that keeps a screenshot and refuses a page that scrolls sideways."""

    def _seen(page: Page, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
            f"{name} scrolls sideways"
        )

    return _seen


def press(page: Page, words: str) -> None:
    """Press the button or link with these words."""
    page.locator("main").get_by_role("button", name=words, exact=True).or_(
        page.locator("main").get_by_role("link", name=words, exact=True)
    ).first.click()


def type_code(page: Page, number: str) -> None:
    """Type the newest code for a number, read from the demonstration's inbox in a tab of its own.

    The last digit sends it, except without scripts.
    """
    field = page.get_by_label("短信验证码")
    expect(field).to_be_visible()
    tab = page.context.new_page()
    tab.goto("/demo/")
    body = tab.locator(f'[data-phone="{number}"] p', has_text="验证码").first.inner_text()
    tab.close()
    scripts = page.evaluate("'htmx' in window")
    field.fill(re.search(r"\d{6}", body)[0])
    if not scripts:
        press(page, "继续")


def sign_in(page: Page, number: str) -> None:
    """Sign in by phone code."""
    page.goto("/sign-in/")
    page.get_by_label("手机号").fill(number)
    press(page, "获取验证码")
    type_code(page, number)
    expect(page.get_by_role("heading", name="我的任务")).to_be_visible()
