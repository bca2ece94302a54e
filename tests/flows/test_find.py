"""In the browser: long lists are narrowed, ticked and paged without losing one's place."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.factories import FleetFactory, OfficerFactory, ShiftFactory, SignupFactory, TransportFactory
from tests.flows.conftest import DESK, press
from tests.frontend.conftest import BACKEND, show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def desk(open_context, client, officer, live_server):
    """A page of an officer who has shown password and second factor."""
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "password", "mfa")
    context = open_context(DESK)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return context.new_page()


def test_fleets_are_found_by_a_word_and_ticked_at_once(desk, officer):
    for number in range(11):
        FleetFactory(union=officer.union, name=f"{'北城' if number % 2 else '南城'}车队{number}", drivers=1)
    task = TransportFactory(union=officer.union)
    desk.goto(f"/desk/tasks/{task.pk}/offers/")
    desk.get_by_label("在列表中查找").fill("北城")
    expect(desk.get_by_label("南城车队0")).to_be_hidden()
    press(desk, "全选")
    expect(desk.get_by_text("已选 5")).to_be_visible()
    desk.get_by_label("在列表中查找").fill("")
    expect(desk.get_by_label("南城车队0")).not_to_be_checked()
    press(desk, "发出派单")
    expect(desk.get_by_text("已派给 5 支车队。")).to_be_visible()


def test_a_search_says_how_much_it_found_and_the_next_page_begins_at_the_list(phone):
    for _ in range(21):
        ShiftFactory(post__site__district="迎泽区")
    ShiftFactory(post__site__district="小店区")
    phone.goto("/shifts/")
    phone.get_by_label("区县").select_option("迎泽区")
    expect(phone.locator("#said")).to_have_text("共 21 个班次")
    press(phone, "下一页")
    phone.wait_for_url("**page=2#results")
    expect(phone.locator("#results h2")).to_be_in_viewport()


def test_a_long_name_leaves_the_links_beside_it_whole(desk, officer):
    signup = SignupFactory(
        shift__task__union=officer.union,
        worker__user__name="迪丽热巴·买买提江·阿卜杜拉" * 3,
        worker__union__name="工会" * 20,
    )
    desk.goto(f"/desk/shifts/{signup.shift_id}/")
    link = desk.locator(".rows__do a").bounding_box()
    assert link["width"] > 30


def test_a_name_on_a_phone_breaks_between_its_words(phone):
    ShiftFactory(post__site__name="东山煤电职工小区卡口")
    phone.goto("/shifts/")
    lines = phone.locator(".card h3 a").evaluate(
        """link => {
            const range = document.createRange(), tops = [];
            const at = link.textContent.indexOf("东山");
            for (let i = at; i < link.textContent.length; i += 1) {
                range.setStart(link.firstChild, i); range.setEnd(link.firstChild, i + 1);
                tops.push(Math.round(range.getBoundingClientRect().top));
            }
            return new Set(tops).size;
        }"""
    )
    assert lines == 1
