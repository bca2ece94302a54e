"""A need of 40 vehicles is filled from the keyboard alone, in well under a minute."""

import time

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from mobilize.dispatch.models import Offer, Plan, Search
from tests.factories import CampaignFactory, FleetFactory, OfficerFactory, SiteFactory, TransportFactory
from tests.flows.conftest import DESK, press
from tests.frontend.conftest import BACKEND, show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def task(officer):
    airport = SiteFactory(name="太原武宿国际机场", latitude=37.7469, longitude=112.6284, union=officer.union)
    campaign = CampaignFactory(union=officer.union)
    TransportFactory(union=officer.union, campaign=campaign, title="物资配送", vehicles_needed=3)
    for name, drivers in (("晋阳湖出租车队", 28), ("天龙山网约车队", 14), ("汾河出租车队", 9)):
        FleetFactory(name=name, union=officer.union, drivers=drivers, latitude=37.75, longitude=112.6)
    return TransportFactory(union=officer.union, campaign=campaign, title="机场旅客转运", urgency=3, site=airport)


@pytest.fixture
def page(open_context, officer, live_server):
    """The desk at 1280 x 800, signed in with password and second factor."""
    client = Client()
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "password", "mfa")
    context = open_context(DESK)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return context.new_page()


class Keys:
    """A keyboard that counts; `pace` is the time a person needs for each press, in seconds."""

    pace = 1.0

    def __init__(self, page):
        self.page, self.pressed = page, 0

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1


def test_forty_vehicles_are_asked_for_with_five_keys(page, task, seen):
    page.goto("/desk/dispatch/")
    begun, keys = time.monotonic(), Keys(page)
    keys.press("j", "x")
    expect(page.get_by_text("已选 1 个需求，共 40 辆")).to_be_visible()
    seen(page, "4-board")
    keys.press("p")
    expect(page.get_by_role("heading", name="派车方案")).to_be_visible()
    seen(page, "4-proposal")
    keys.press("c")
    expect(page.get_by_text("再按一次 c 即发出。")).to_be_visible()
    assert not Offer.objects.exists()
    keys.press("c")
    expect(page.get_by_text("已派 40 辆")).to_be_visible()
    seconds = time.monotonic() - begun
    seen(page, "4-sent")
    assert keys.pressed == 5
    assert seconds + keys.pressed * keys.pace < 60
    assert sum(Offer.objects.filter(task=task).values_list("vehicles_offered", flat=True)) == 40
    print(f"{keys.pressed} keys, {seconds:.1f} s of the machine, screenshots included")  # noqa: T201

    keys.press("u")
    expect(page.get_by_text("已撤回，没有通知任何人。")).to_be_visible()
    assert set(Offer.objects.values_list("status", flat=True)) == {"cancelled"}


def test_what_is_chosen_outlives_a_refresh(page, task):
    page.goto("/desk/dispatch/")
    Keys(page).press("j", "x")
    type(task).objects.filter(pk=task.pk).update(title="机场旅客转运（改）")
    expect(page.get_by_role("link", name="机场旅客转运（改）")).to_be_visible()
    expect(page.locator(f"#pick-{task.pk}")).to_be_checked()
    expect(page.locator(f"#need-{task.pk}")).to_be_focused()


def test_enter_on_a_checkbox_asks_for_a_proposal(page, task):
    page.goto("/desk/dispatch/")
    page.locator(f"#pick-{task.pk}").check()
    page.locator(f"#pick-{task.pk}").press("Enter")
    expect(page.get_by_role("heading", name="派车方案")).to_be_visible()
    assert not Search.objects.filter(locked_at__isnull=False).exists()


def test_what_is_chosen_outlives_a_filter_and_is_proposed_with_the_rest(page, task):
    page.goto("/desk/dispatch/")
    page.locator(f"#pick-{task.pk}").check()
    page.get_by_label("任务或地点").fill("物资")
    page.get_by_label("任务或地点").press("Enter")
    expect(page.get_by_text("已选 1 个需求，共 40 辆，其中 1 个不在当前列表中")).to_be_visible()
    page.reload()
    page.locator("[name=task_ids][type=checkbox]").check()
    page.get_by_role("button", name="提出方案").click()
    expect(page.get_by_role("heading", name="派车方案")).to_be_visible()
    assert Plan.objects.get().tasks.count() == 2
    page.goto("/desk/dispatch/")
    expect(page.locator(f"#pick-{task.pk}")).not_to_be_checked()


def test_what_is_chosen_is_let_go_at_once(page, task):
    page.goto("/desk/dispatch/")
    page.locator(f"#pick-{task.pk}").check()
    page.get_by_role("button", name="全部取消").click()
    expect(page.locator(f"#pick-{task.pk}")).not_to_be_checked()
    expect(page.get_by_role("button", name="提出方案")).to_be_hidden()


def test_a_board_that_cannot_be_refreshed_says_so_above_everything(page, task):
    page.goto("/desk/dispatch/")
    page.route("**/desk/dispatch/", lambda route: route.abort())
    notice = page.locator(".stale")
    expect(notice).to_be_visible()
    assert notice.bounding_box()["y"] < page.locator(".board__figures").bounding_box()["y"]
    assert notice.bounding_box()["width"] == page.locator(".board").bounding_box()["width"]


@pytest.mark.parametrize(("width", "height", "rows"), [(360, 740, 1), (1280, 800, 3)])
def test_the_first_needs_are_on_the_first_screen(page, task, officer, width, height, rows):
    TransportFactory.create_batch(3, union=officer.union, urgency=1)
    page.set_viewport_size({"width": width, "height": height})
    page.goto("/desk/dispatch/")
    row = page.locator("[data-row]").nth(rows - 1).bounding_box()
    covered = 0 if width > 800 else page.locator(".tabs").bounding_box()["height"]
    assert row["y"] + row["height"] <= height - covered


def test_a_question_that_is_too_long_is_refused_beside_the_field(page, task):
    page.goto("/desk/dispatch/")
    page.get_by_label("任务或地点").fill("长" * 5000)
    page.get_by_label("任务或地点").press("Enter")
    expect(page.locator("#q-error")).to_contain_text("60")


def test_single_keys_can_be_switched_off(page, task):
    page.goto("/desk/dispatch/")
    keys = Keys(page)
    keys.press("?")
    page.get_by_label("启用单键操作").uncheck()
    keys.press("Escape", "j", "x")
    expect(page.locator(f"#pick-{task.pk}")).not_to_be_checked()


def test_a_fleets_base_is_pressed_on_the_map(page, officer):
    fleet = FleetFactory(union=officer.union)
    page.goto(f"/desk/fleets/{fleet.pk}/base/")
    press(page, "在地图上选")
    page.locator("#map").click()
    expect(page.get_by_label("纬度")).not_to_have_value("")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(f"**/desk/fleets/{fleet.pk}/")
    fleet.refresh_from_db()
    assert abs(float(fleet.latitude) - 37.86) < 0.2
