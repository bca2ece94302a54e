"""Path 2: an officer enrols a fleet and fills a need of 40 vehicles from two of them."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.utils import timezone
from playwright.sync_api import expect

from mobilize.dispatch.models import Trip
from mobilize.tasks.models import Task
from mobilize.unions.states import Level, Role
from tests import acting
from tests.factories import CampaignFactory, FleetFactory, OfficerFactory, SiteFactory, UnionFactory, UserFactory
from tests.flows.conftest import DESK, press, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD, SECRET = "correct-horse-battery", "JBSWY3DPEHPK3PXP"
LINES = "\n".join(f"司机{n}，137{n:08d}，晋A{n + 50000}，4" for n in range(1, 31))


@pytest.fixture
def city():
    city = UnionFactory(name="太原市总工会")
    CampaignFactory(union=city)
    taxi = UnionFactory(name="巡游网约车行业工会联合会", parent=city, level=Level.INDUSTRY)
    UnionFactory(name="小店区总工会", parent=city, level=Level.DISTRICT)
    SiteFactory(name="太原武宿国际机场", union=city)
    SiteFactory(name="老军营小区", union=city)
    return taxi


@pytest.fixture
def officer(city):
    held = OfficerFactory(union=city, role=Role.DISPATCHER, user__phone="+8613700000900", user__name="林静")
    held.user.set_password(PASSWORD)
    held.user.save()
    TOTP.activate(held.user, SECRET)
    return held


@pytest.fixture
def desk(open_context, officer):
    """The officer's page, signed in with password and second factor, on a phone."""
    page = open_context().new_page()
    page.goto("/desk/")
    page.locator("[name=login]").fill("137 0000 0900")
    page.locator("[name=password]").fill(PASSWORD)
    press(page, "继续")
    page.locator("[name=code]").fill(format_hotp_value(hotp_value(SECRET, int(time.time()) // 30)))
    expect(page.get_by_role("heading", name="当前需求")).to_be_visible()
    return page


def enrol(desk, seen):
    desk.goto("/desk/fleets/")
    press(desk, "编入车队")
    desk.get_by_label("车队名称").fill("晋阳湖出租车队")
    desk.get_by_label("负责人姓名").fill("赵建国")
    desk.get_by_label("负责人手机号").fill("137 0000 0801")
    desk.get_by_label("司机与车辆").fill(LINES + "\n张三，139，晋A1")
    press(desk, "编入")
    expect(desk.get_by_text("第 31 行")).to_be_visible()
    seen(desk, "2-fleet-errors")
    desk.get_by_label("司机与车辆").fill(LINES)
    press(desk, "编入")
    expect(desk.get_by_text("已编入，共 30 名司机。")).to_be_visible()
    seen(desk, "2-fleet")


def publish(desk, seen):
    desk.goto("/desk/tasks/")
    press(desk, "新建运输任务")
    desk.get_by_label("任务名称").fill("机场旅客转运")
    desk.get_by_label("出发地").select_option(label="太原武宿国际机场")
    desk.get_by_label("目的地").select_option(label="老军营小区")
    start = timezone.localtime() + timedelta(hours=1)
    desk.get_by_label("开始").fill(f"{start:%Y-%m-%dT%H:%M}")
    desk.get_by_label("结束").fill(f"{start + timedelta(hours=6):%Y-%m-%dT%H:%M}")
    desk.get_by_label("运送对象").select_option(label="航班旅客")
    desk.get_by_label("需要车辆").fill("40")
    desk.get_by_label("每车至少座位数").fill("4")
    seen(desk, "2-task-new")
    press(desk, "存为草稿")
    press(desk, "发布")
    expect(desk.get_by_text("已发布。")).to_be_visible()


def offer(desk, seen):
    press(desk, "派给车队")
    desk.get_by_label("晋阳湖出租车队 空闲 30 辆").check()
    desk.get_by_label("天龙山网约车队 空闲 14 辆").check()
    seen(desk, "2-offer")
    press(desk, "发出派单")
    expect(desk.get_by_text("已派给 2 支车队。")).to_be_visible()


def accept(leader, number, vehicles, seen, name):
    sign_in(leader, number)
    seen(leader, f"2-{name}-duties")
    press(leader, "1 个派单等您答复")
    press(leader, "机场旅客转运")
    leader.get_by_label("能派出几辆车？").fill("99")
    press(leader, "接单")
    expect(leader.get_by_role("alert").first).to_contain_text("请填写 1 到")
    leader.get_by_label("能派出几辆车？").fill(str(vehicles))
    seen(leader, f"2-{name}-offer")
    press(leader, "接单")
    expect(leader.get_by_text("感谢！已通知司机。")).to_be_visible()


def drive(leader, count, persons, seen, name):
    press(leader, "我们出发了")
    expect(leader.get_by_text(f"已报告 {count} 辆车。")).to_be_visible()
    press(leader, "我们到了")
    press(leader, "人员已上车")
    leader.get_by_label("每车运送人数").fill(str(persons))
    leader.get_by_label("接收人").fill("隔离酒店前台")
    seen(leader, f"2-{name}-loaded")
    press(leader, "行程完成")
    expect(leader.get_by_role("button", name="行程完成")).to_be_hidden()


def test_an_officer_fills_a_need_of_40_vehicles_from_two_fleets(desk, open_context, city, seen):
    FleetFactory(name="别的车队", drivers=3)
    FleetFactory(
        name="天龙山网约车队", union=city, drivers=14, leader=UserFactory(phone="+8613700000802", name="李卫东")
    )
    seen(desk, "2-desk")
    desk.goto("/desk/unions/")
    expect(desk.get_by_text("巡游网约车行业工会联合会")).to_be_visible()
    expect(desk.get_by_text("小店区总工会")).to_be_hidden()
    seen(desk, "2-unions")
    enrol(desk, seen)
    publish(desk, seen)
    offer(desk, seen)
    acting.run_outbox()
    wide = open_context(DESK, storage_state=desk.context.storage_state()).new_page()
    wide.goto(desk.url)
    expect(wide.get_by_text("别的车队")).to_be_hidden()

    first, second = open_context().new_page(), open_context().new_page()
    accept(first, "+8613700000801", 28, seen, "first")
    accept(second, "+8613700000802", 12, seen, "second")
    task = Task.objects.get()
    assert (task.vehicles_accepted, task.status) == (40, "fulfilled")
    expect(wide.locator(".big")).to_have_text("40")

    drive(first, 28, 4, seen, "first")
    press(second, "我们出发了")
    expect(second.get_by_text("已报告 12 辆车。")).to_be_visible()
    seen(wide, "2-board-wide")
    press(second, "我们到了")
    second.get_by_text("已经交接完毕？").click()
    second.get_by_label("每车运送人数").fill("3")
    press(second, "行程完成")
    expect(second.get_by_role("alert").first).to_be_visible()  # no hand-over without a recipient
    second.get_by_label("接收人").fill("隔离酒店前台")
    press(second, "行程完成")
    expect(second.get_by_role("button", name="行程完成")).to_be_hidden()

    assert Trip.objects.filter(task=task, status="completed").count() == 40
    desk.reload()
    counters = desk.locator(".counter")
    expect(counters.filter(has_text="已完成")).to_contain_text("40")
    expect(counters.filter(has_text="转运人次")).to_contain_text(str(28 * 4 + 12 * 3))
    seen(desk, "2-board")
