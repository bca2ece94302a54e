"""Path 1: a worker signs up from a phone, and gives the place back."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from mobilize.campaigns.models import CovenantArticle, ViewTally
from mobilize.signups.models import Signup
from tests import acting
from tests.factories import CampaignFactory, FleetFactory, ShiftFactory, UnionFactory, WorkerFactory
from tests.flows.conftest import press, type_code
from tests.frontend.conftest import BACKEND

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=False)]
NUMBER = "+8613700009001"


@pytest.fixture
def shift():
    city = UnionFactory(name="太原市总工会")
    UnionFactory(name="迎泽区总工会", parent=city, level="district")
    campaign = CampaignFactory(
        union=city,
        appeal="全市各级工会组织、工会干部、劳模工匠和广大职工：\n\n守好社区这道门，需要每一双手。",
    )
    ViewTally.objects.create(campaign=campaign, day=timezone.localdate(), count=1_780_000)
    for number in range(1, 16):
        CovenantArticle.objects.create(campaign=campaign, number=number, text="听从带队人安排，按时到岗。")
    FleetFactory(union=city, drivers=2)
    start = (timezone.localtime() + timedelta(days=1)).replace(hour=7, minute=0)
    return ShiftFactory(
        task__campaign=campaign, task__union=city, post__site__name="老军营小区", post__site__union=city,
        starts_at=start, ends_at=start + timedelta(hours=4), places=12,
    )  # fmt: skip


def test_a_worker_signs_up_from_a_phone_and_withdraws(phone, shift, seen):
    phone.goto("/")
    expect(phone.get_by_text("1,780,000")).to_be_visible()
    seen(phone, "1-appeal")
    press(phone, "我要报名")
    seen(phone, "1-shifts")
    press(phone, "秩序维护 · 老军营小区")
    seen(phone, "1-shift")
    press(phone, "我要报名")

    press(phone, "获取验证码")
    expect(phone.get_by_role("alert")).to_contain_text("请填写手机号")
    seen(phone, "1-join-errors")
    phone.get_by_label("手机号").fill("137 0000 9001")
    phone.get_by_label("我遵守公约全部 15 条").check()
    press(phone, "获取验证码")
    expect(phone.get_by_text("137****9001")).to_be_visible()
    seen(phone, "1-code")
    type_code(phone, NUMBER)

    phone.get_by_label("您的姓名").fill("王晓梅")
    phone.get_by_label("您的工会").press_sequentially("迎泽")
    phone.get_by_label("迎泽区总工会").check()
    seen(phone, "1-about")
    press(phone, "同意并确认报名")

    expect(phone.get_by_role("heading", name="报名成功")).to_be_visible()
    signup = Signup.objects.get()
    expect(phone.get_by_text(signup.reference)).to_be_visible()
    seen(phone, "1-confirmed")
    acting.run_outbox()
    assert any("报名成功" in body for body in acting.messages_to(signup.worker.user))

    press(phone, "我的任务")
    expect(phone.get_by_role("link", name="秩序维护 · 老军营小区")).to_be_visible()
    seen(phone, "1-duties")
    press(phone, "秩序维护 · 老军营小区")
    press(phone, "我来不了")
    seen(phone, "1-withdraw")
    press(phone, "退出")
    expect(phone.get_by_text("已退出。谢谢您提前告知。")).to_be_visible()
    signup.refresh_from_db()
    assert signup.status == "withdrawn"


def test_a_union_typed_before_the_page_could_listen_is_found_all_the_same(phone, client, live_server):
    worker = WorkerFactory(union__name="太原市总工会")
    UnionFactory(name="迎泽区总工会")
    client.force_login(worker.user, BACKEND)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    late = []
    phone.route("**/htmx-2.min.js", lambda route: late.append(route))
    with phone.expect_request("**/htmx-2.min.js"):
        phone.goto("/me/profile/", wait_until="commit")
    phone.get_by_label("您的工会").fill("迎泽")
    late[0].continue_()
    phone.get_by_label("迎泽区总工会").check()
    press(phone, "保存")
    expect(phone.get_by_text("已保存。")).to_be_visible()
    worker.refresh_from_db()
    assert worker.union.name == "迎泽区总工会"


def test_it_works_without_javascript(open_context, shift):
    phone = open_context(java_script_enabled=False).new_page()
    phone.goto(f"/shifts/{shift.pk}/")
    press(phone, "我要报名")
    phone.get_by_label("手机号").fill("137 0000 9001")
    phone.get_by_label("我遵守公约全部 15 条").check()
    press(phone, "获取验证码")
    type_code(phone, NUMBER)
    phone.get_by_label("您的姓名").fill("王晓梅")
    phone.get_by_label("您的工会").fill("工会")
    press(phone, "同意并确认报名")
    expect(phone.get_by_text("请从列表中选择您的工会。").first).to_be_visible()
    phone.get_by_label("迎泽区总工会").check()
    press(phone, "同意并确认报名")
    expect(phone.get_by_role("heading", name="报名成功")).to_be_visible()
