"""From the poster to giving the place back without touching the screen: Tab, Space and Enter alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from tests.flows.test_join import NUMBER, code, confirmed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_STOPS = 60
IS_FOCUSED = "element => element === document.activeElement"
# what stands out may be drawn on the label that holds a box, and must be within the window
STANDS_OUT = """() => {
  const held = document.activeElement
  const outlined = each => each && getComputedStyle(each).outlineStyle !== 'none'
  const box = held.getBoundingClientRect()
  return (outlined(held) || outlined(held.closest('label'))) && box.bottom > 0 && box.top < innerHeight
}"""


def walk_to(page: Page, target: Locator) -> None:
    """Press Tab until `target` has the focus; each stop on the way must be seen."""
    expect(target).to_be_visible()
    for _ in range(MOST_STOPS):
        if target.evaluate(IS_FOCUSED):
            return
        page.keyboard.press("Tab")
        assert page.evaluate(STANDS_OUT), page.evaluate("document.activeElement.outerHTML")
    raise AssertionError(f"{target} is not reached by Tab")


def enter(page: Page, target: Locator) -> None:
    """Go to a link or button, and press Enter."""
    walk_to(page, target)
    page.keyboard.press("Enter")


def test_a_person_joins_and_gives_the_place_back_by_keyboard_alone(phone, poster):
    phone.goto(poster)
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("link", name="跳到正文")).to_be_focused()
    phone.keyboard.press("Enter")
    enter(phone, phone.get_by_role("link", name=re.compile("^我要报名.*老军营小区$")))
    walk_to(phone, phone.get_by_label("手机号"))
    phone.keyboard.type(NUMBER)
    walk_to(phone, phone.get_by_label("我遵守公约全部 15 条"))
    phone.keyboard.press("Space")
    enter(phone, phone.get_by_role("button", name="获取验证码"))
    expect(phone.get_by_label("短信验证码")).to_be_focused()
    phone.keyboard.type(code())
    expect(phone.get_by_label("您的姓名")).to_be_focused()
    phone.keyboard.type("王晓梅")
    phone.keyboard.press("Enter")
    confirmed(phone)
    enter(phone, phone.get_by_role("link", name="我来不了"))
    enter(phone, phone.get_by_role("button", name="退出", exact=True))
    expect(phone.locator("#flash")).to_be_visible()
    assert Signup.objects.get().status == SignupStatus.WITHDRAWN
