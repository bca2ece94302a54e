"""A crowded address: the phone proves its work by itself, and its owner gets the code."""

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from mobilize.accounts import code_limits
from tests.flows.conftest import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def crowded():
    """The browsers' address has used its free codes up."""
    for limit in code_limits._shared("+8613700009001", "127.0.0.1")[:1]:
        cache.set(limit.key, 20, 300)


def ask(page):
    page.goto("/sign-in/")
    page.get_by_label("手机号").fill("137 0000 9001")
    press(page, "获取验证码")


def test_the_phone_does_the_work_and_the_code_is_sent(phone):
    said = []
    phone.on("console", lambda message: said.append(message.text))
    ask(phone)
    expect(phone.get_by_text("137****9001")).to_be_visible()
    assert [text for text in said if "Content Security Policy" in text or "Uncaught" in text] == []


def test_while_it_works_it_says_so_and_what_was_typed_stays(phone, seen):
    phone.add_init_script("crypto.subtle.digest = () => new Promise(() => {})")
    ask(phone)
    expect(phone.get_by_role("status")).to_contain_text("手机正在后台完成一次验证")
    expect(phone.get_by_label("手机号")).to_have_value("137 0000 9001")
    seen(phone, "proof-working")


def test_without_scripts_the_page_says_what_to_do(open_context, seen):
    page = open_context(java_script_enabled=False).new_page()
    ask(page)
    expect(page.get_by_role("status")).to_contain_text("请 5 分钟后再试")
    expect(page.get_by_label("手机号")).to_have_value("137 0000 9001")
    seen(page, "proof-without-scripts")
