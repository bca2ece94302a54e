"""From the poster to a confirmed place: four taps beside the digits and the name, two page loads."""

import re

import pytest
from playwright.sync_api import expect

from mobilize.accounts.services import MOST_GUESSES
from mobilize.campaigns.models import Campaign
from mobilize.channels.models import Delivery
from mobilize.signups.models import Signup
from tests.factories import WorkerFactory
from tests.flows.conftest import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = "+8613700009001"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2183A Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240501 MicroMessenger/8.0.50.2701(0x28003253) "
    "WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"
)


def choose_shift(page):
    page.get_by_role("link", name=re.compile("^我要报名.*老军营小区$")).click()


class Thumb:
    """Counts what a person taps, and the documents her phone loads."""

    def __init__(self, page):
        self.page, self.taps, self.loads = page, 0, 0
        page.on("load", self._loaded)

    def _loaded(self, _page):
        self.loads += 1

    def choose_shift(self):
        self.taps += 1
        choose_shift(self.page)

    def press(self, words):
        self.taps += 1
        press(self.page, words)

    def tick(self, words):
        self.taps += 1
        self.page.get_by_label(words).check()


def code():
    return re.search(r"\d{6}", Delivery.objects.filter(phone=NUMBER).latest("created_at").body)[0]


def to_the_code(thumb, poster):
    thumb.page.goto(poster)
    thumb.choose_shift()
    thumb.page.get_by_label("手机号").fill(NUMBER)
    thumb.tick("我遵守公约全部 15 条")
    thumb.press("获取验证码")
    expect(thumb.page.get_by_label("短信验证码")).to_be_focused()
    thumb.page.keyboard.type(code())


def confirmed(page):
    expect(page.get_by_role("heading", name="报名成功")).to_be_visible()
    expect(page.get_by_text(Signup.objects.get().reference)).to_be_visible()
    expect(page).to_have_title(re.compile("我的报名"))


@pytest.mark.parametrize("browser_name", ["a browser", "WeChat"])
def test_a_new_person_needs_four_taps_and_two_page_loads(open_context, poster, browser_name, seen):
    options = {"user_agent": WECHAT} if browser_name == "WeChat" else {}
    page = open_context(has_touch=True, is_mobile=True, **options).new_page()
    thumb = Thumb(page)
    to_the_code(thumb, poster)
    expect(page.get_by_label("您的姓名")).to_be_focused()
    expect(page.get_by_label("迎泽区总工会")).to_be_checked()
    seen(page, "17-join-about")
    page.keyboard.type("王晓梅")
    thumb.press("同意并确认报名")
    confirmed(page)
    assert thumb.taps <= 4
    assert thumb.loads <= 2
    worker = Signup.objects.get().worker
    assert (worker.user.name, worker.union.name) == ("王晓梅", "迎泽区总工会")
    assert worker.consented_at


def test_a_known_person_needs_four_taps_and_two_page_loads(phone, poster):
    WorkerFactory(user__phone=NUMBER)
    thumb = Thumb(phone)
    to_the_code(thumb, poster)
    thumb.press("确认报名")
    confirmed(phone)
    assert thumb.taps <= 4
    assert thumb.loads <= 2


def test_an_empty_form_moves_to_what_is_wrong_and_its_links_lead_to_the_fields(phone, poster):
    phone.goto(poster)
    choose_shift(phone)
    press(phone, "获取验证码")
    summary = phone.locator(".summary")
    expect(summary).to_be_focused()
    expect(phone).to_have_title(re.compile("^有误"))
    summary.get_by_role("link").first.click()
    expect(phone.get_by_label("手机号")).to_be_focused()
    summary.get_by_role("link").last.click()
    expect(phone.get_by_label("我遵守公约全部 15 条")).to_be_focused()


def test_five_wrong_codes_are_the_end_and_there_is_a_way_on(phone, poster):
    Campaign.objects.update(hotline="0351-12345678")
    phone.goto(poster)
    choose_shift(phone)
    phone.get_by_label("手机号").fill(NUMBER)
    phone.get_by_label("我遵守公约全部 15 条").check()
    press(phone, "获取验证码")
    field = phone.get_by_label("短信验证码")
    expect(field).to_be_visible()
    right = code()
    wrong = "000000" if right != "000000" else "111111"
    for left in reversed(range(MOST_GUESSES)):
        with phone.expect_response(re.compile("/join/code/")):
            field.fill(wrong)
        expect(phone.locator(".summary")).to_be_focused()
        if left:
            expect(phone.locator(".summary")).to_contain_text(f"还可以试 {left} 次")
    expect(field).to_have_count(0)
    expect(phone.get_by_role("link", name="致电组织方")).to_have_attribute("href", "tel:0351-12345678")
    press(phone, "重新发送")
    expect(phone.locator("#flash")).to_contain_text("秒后再获取验证码")
    expect(phone.get_by_role("button", name="重新发送")).to_be_visible()


def test_who_is_called_away_finds_the_sign_up_again_that_is_not_done(phone, poster):
    to_the_code(Thumb(phone), poster)
    expect(phone.get_by_label("您的姓名")).to_be_focused()
    phone.goto("/me/")
    expect(phone.get_by_text("您的报名还没有完成")).to_be_visible()
    press(phone, "继续报名")
    phone.get_by_label("您的姓名").fill("王晓梅")
    press(phone, "同意并确认报名")
    confirmed(phone)
    phone.goto("/me/")
    expect(phone.get_by_text("您的报名还没有完成")).to_have_count(0)


def test_an_answer_that_is_lost_is_asked_for_again_and_is_the_same_confirmation(phone, poster):
    to_the_code(Thumb(phone), poster)
    phone.get_by_label("您的姓名").fill("王晓梅")

    def lose(route):
        route.fetch()
        route.abort()

    phone.route("**/join/about/", lose, times=1)
    with phone.expect_event("requestfailed"):
        press(phone, "同意并确认报名")
    expect(phone.locator("#flash")).to_contain_text("没有收到回复")
    press(phone, "同意并确认报名")
    confirmed(phone)


def test_who_finds_no_union_of_hers_is_taken_in_by_the_citys(phone, poster):
    phone.goto(poster.partition("u/")[0])
    choose_shift(phone)
    phone.get_by_label("手机号").fill(NUMBER)
    phone.get_by_label("我遵守公约全部 15 条").check()
    press(phone, "获取验证码")
    expect(phone.get_by_label("短信验证码")).to_be_visible()
    phone.get_by_label("短信验证码").fill(code())
    phone.get_by_label("您的姓名").fill("王晓梅")
    phone.get_by_label("您的工会").fill("没有这家工会")
    phone.get_by_label("没有工会或找不到").check()
    press(phone, "同意并确认报名")
    confirmed(phone)
    assert Signup.objects.get().worker.union.parent is None


def test_back_is_back_at_every_step(phone, poster):
    phone.goto(poster)
    choose_shift(phone)
    phone.get_by_label("手机号").fill(NUMBER)
    phone.get_by_label("我遵守公约全部 15 条").check()
    press(phone, "获取验证码")
    expect(phone.get_by_label("短信验证码")).to_be_visible()
    phone.go_back()
    expect(phone.get_by_label("手机号")).to_be_visible()
    phone.go_back()
    expect(phone.get_by_role("link", name=re.compile("^我要报名.*老军营小区$"))).to_be_visible()
    expect(phone).to_have_url(re.compile(f"{poster}$"))
    phone.go_forward()
    expect(phone.get_by_label("手机号")).to_be_visible()


def test_after_the_sign_up_neither_back_nor_refresh_signs_up_again(phone, poster):
    WorkerFactory(user__phone=NUMBER)
    to_the_code(Thumb(phone), poster)
    press(phone, "确认报名")
    confirmed(phone)
    with phone.expect_response(re.compile("/signups/")):
        phone.go_back()
    confirmed(phone)
    phone.reload()
    confirmed(phone)


def test_without_javascript_it_is_the_same_way_with_a_page_for_each_step(open_context, poster):
    page = open_context(java_script_enabled=False).new_page()
    page.goto(poster)
    choose_shift(page)
    page.get_by_label("手机号").fill(NUMBER)
    page.get_by_label("我遵守公约全部 15 条").check()
    press(page, "获取验证码")
    page.get_by_label("短信验证码").fill(code())
    press(page, "继续")
    expect(page.get_by_label("迎泽区总工会")).to_be_checked()
    page.get_by_label("您的姓名").fill("王晓梅")
    press(page, "同意并确认报名")
    confirmed(page)
