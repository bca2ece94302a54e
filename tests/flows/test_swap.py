"""She cannot come, sends a link to colleagues, and one of them comes or swaps; all on phones."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from mobilize.signups.models import Signup
from tests.factories import DutyFactory, ShiftFactory, WorkerFactory
from tests.flows.conftest import press, sign_in
from tests.signups.test_sign_up import join

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people():
    """Two with a duty each, and one without."""
    task = DutyFactory()
    names = ["王芳", "李强", "赵敏"]
    workers = [WorkerFactory(user__name=name, user__phone=f"+861380000000{n}") for n, name in enumerate(names, start=1)]
    for day, worker in enumerate(workers[:2], start=2):
        join(ShiftFactory(task=task, starts_at=timezone.now() + timedelta(days=day)), worker)
    return workers


def look_for_somebody(page, signup):
    sign_in(page, "+8613800000001")
    page.goto(f"/signups/{signup.pk}/")
    press(page, "换班或找人接替")
    press(page, "开始找人")
    link = page.get_by_role("link", name=f"/swaps/{signup.pk}/").get_attribute("href")
    return link.removeprefix(settings.PUBLIC_URL)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_a_colleague_opens_the_link_signs_in_and_comes(people, open_context, seen, scripts):
    signup = Signup.objects.get(worker=people[0])
    hers, his = (open_context(java_script_enabled=scripts).new_page() for _ in range(2))
    link = look_for_somebody(hers, signup)
    if scripts:
        seen(hers, "11-swap-link")
    sign_in(his, "+8613800000003")
    his.goto(link)
    expect(his.get_by_text("王芳不能到岗，正在找人接替。")).to_be_visible()
    if scripts:
        seen(his, "12-swap-take")
    his.get_by_label("我遵守").check()
    press(his, "好，由我接替")
    expect(his.get_by_text("这个班次由您负责了")).to_be_visible()
    hers.goto(f"/signups/{signup.pk}/")
    expect(hers.get_by_text("由赵敏接替到岗。")).to_be_visible()
    his.goto(link)  # it is hers now, and the link says so
    expect(his.get_by_text("报名成功")).to_be_visible()
    third = open_context(java_script_enabled=scripts).new_page()
    WorkerFactory(user__phone="+8613800000004")
    sign_in(third, "+8613800000004")
    third.goto(link)
    expect(third.get_by_role("heading", name="这个班次已不再找人接替")).to_be_visible()


def test_two_swap(people, open_context, seen):
    signup, other = (Signup.objects.get(worker=worker) for worker in people[:2])
    hers, his = open_context().new_page(), open_context().new_page()
    link = look_for_somebody(hers, signup)
    sign_in(his, "+8613800000002")
    press(his, "1 个班次在找人接替")
    seen(his, "13-swaps")
    his.get_by_role("link", name=signup.shift.post.site.name).click()
    expect(his).to_have_url(f"{his.url.split('/swaps')[0]}{link}")
    his.get_by_role("radio").last.check()
    seen(his, "14-swap-propose")
    press(his, "好，由我接替")
    expect(his.get_by_text("已提出。")).to_be_visible()
    seen(his, "15-swap-proposed")
    hers.reload()
    expect(hers.get_by_text("李强用这个班次交换")).to_be_visible()
    seen(hers, "16-swap-answer")
    press(hers, "同意交换")
    expect(hers.get_by_text("已交换。")).to_be_visible()
    assert {(one.worker, one.shift) for one in Signup.objects.filter(status="confirmed")} == {
        (people[0], other.shift),
        (people[1], signup.shift),
    }
