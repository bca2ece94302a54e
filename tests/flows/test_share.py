"""In the browser: the poster fits one sheet, the phone's position finds shifts, a refusal says what to do."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import CampaignFactory, ShiftFactory, UnionFactory
from tests.flows.conftest import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def campaign():
    shift = ShiftFactory(task__campaign=CampaignFactory(), post__site__name="柳巷社区")
    return shift.task.campaign


def test_a_poster_is_printed_on_one_sheet_whatever_its_words(phone, campaign):
    campaign.title = "无疫社区，工会在行动，全市职工在行动，人人都在行动" * 2
    campaign.save()
    union = UnionFactory(name="太原市巡游网约车行业工会联合会第三分会" * 2)
    phone.goto(f"/c/{campaign.slug}/u/{union.code}/poster/")
    expect(phone.get_by_role("button", name="打印")).to_be_visible()
    sheets = re.findall(rb"/Type\s*/Page\b", phone.pdf(prefer_css_page_size=True))
    assert len(sheets) == 1


def test_a_phone_that_tells_its_position_sees_distances(open_context, campaign, seen):
    context = open_context(geolocation={"latitude": 37.8752, "longitude": 112.5501}, permissions=["geolocation"])
    page = context.new_page()
    page.goto("/")
    press(page, "离我最近")
    page.wait_for_url("**/shifts/?near=37.875%2C112.550**")
    expect(page.locator("#results")).to_contain_text("600 米")
    page.locator("main").get_by_label("只看有名额的").check()
    page.wait_for_url("**free=on&q=&near=37.875**")
    expect(page.locator("#results")).to_contain_text("600 米")
    seen(page, "near")


def test_a_refusal_points_to_the_districts(phone, campaign):
    phone.goto("/")
    press(phone, "离我最近")
    expect(phone.get_by_text("请改选所在的区")).to_be_visible()


def test_the_link_is_copied(open_context, campaign):
    context = open_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/c/{campaign.slug}/u/{campaign.union.code}/")
    press(page, "复制链接")
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"/c/{campaign.slug}/u/{campaign.union.code}/")
