"""From chosen needs to offers: what the page says before and after, and what it says when something changed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from frontend import reasons
from mobilize.dispatch import plans
from mobilize.dispatch.models import Offer, Plan
from tests.factories import FleetFactory, OfficerFactory, TransportFactory
from tests.frontend.conftest import BACKEND, show


@pytest.fixture
def task(officer):
    return TransportFactory(union=officer.union, vehicles_needed=8)


@pytest.fixture
def fleet(officer):
    return FleetFactory(union=officer.union, drivers=6, latitude=37.86, longitude=112.55)


@pytest.fixture
def plan(desk, task, fleet):
    desk.post(reverse("desk_propose"), {"task_ids": [task.pk], "mode": "auto"})
    return Plan.objects.get()


def page(desk, plan):
    return desk.get(reverse("desk_plan", args=[plan.pk])).content.decode()


def test_a_proposal_says_who_why_and_what_stays_open(desk, plan, task, fleet):
    text = page(desk, plan)
    assert fleet.name in text
    assert "距离" in text
    assert "还缺 2 辆" in text
    assert not Offer.objects.exists()


def test_sending_it_makes_the_offers_and_it_can_be_taken_back(desk, plan, fleet):
    desk.post(reverse("desk_plan_commit", args=[plan.pk]))
    assert Offer.objects.get().vehicles_offered == 6
    assert "data-undo" in page(desk, plan)
    desk.post(reverse("desk_plan_undo", args=[plan.pk]))
    assert Offer.objects.get().status == "cancelled"
    assert "已撤回" in page(desk, plan)


def strike(desk, plan, struck="1"):
    args = [plan.pk, plan.assignments.get().pk]
    return desk.post(reverse("desk_plan_strike", args=args), {"struck": struck}, follow=True).content.decode()


def test_whoever_is_struck_out_stays_on_the_page_and_is_not_sent(desk, plan):
    text = strike(desk, plan)
    assert "已划去" in text
    assert "换人重新提出" in text
    assert reverse("desk_plan_commit", args=[plan.pk]) not in text
    assert "已划去" not in strike(desk, plan, struck="0")


def test_nobody_sends_another_proposal_than_she_looked_at(desk, plan, fleet):
    seen = plans.version(plan)
    plan.assignments.update(vehicles=3)
    second = plan.assignments.get()
    second.pk, second.driver, second.fleet, second.vehicles = None, fleet.drivers.first(), None, 1
    second.save()
    answer = desk.post(reverse("desk_plan_commit", args=[plan.pk]), {"seen": seen})
    assert answer.status_code == 409
    assert "请看过再发出" in answer.content.decode()
    assert not Offer.objects.exists()


def test_the_next_trips_of_a_driver_are_said_to_follow(desk, officer):
    FleetFactory(union=officer.union, drivers=1)
    start = timezone.now() + timedelta(hours=1)
    needs = [
        TransportFactory(
            union=officer.union,
            vehicles_needed=1,
            starts_at=start + timedelta(hours=3 * n),
            ends_at=start + timedelta(hours=3 * n + 1),
        )
        for n in range(2)
    ]
    desk.post(reverse("desk_propose"), {"task_ids": [task.pk for task in needs], "mode": "drivers"})
    plan = Plan.objects.get()
    assert "接下前一趟后才派出" in page(desk, plan)
    assert "第 2 趟" in page(desk, plan)
    desk.post(reverse("desk_plan_commit", args=[plan.pk]))
    board = desk.get(reverse("desk_dispatch")).content.decode()
    assert "接续 1" in board
    assert "待派" not in board


def test_a_long_proposal_has_pages_and_a_decision_leads_back_to_its_own(desk, officer, monkeypatch):
    monkeypatch.setattr("frontend.views.desk_plans.A_PAGE", 2)
    FleetFactory(union=officer.union, drivers=5)
    tasks = [TransportFactory(union=officer.union, vehicles_needed=1) for _ in range(5)]
    desk.post(reverse("desk_propose"), {"task_ids": [task.pk for task in tasks], "mode": "drivers"})
    plan = Plan.objects.get()
    assert "1 / 3" in page(desk, plan)
    last = plan.assignments.order_by("-task__urgency", "task__starts_at", "task").last()
    args = [plan.pk, last.pk]
    assert "3 / 3" in desk.post(reverse("desk_plan_pin", args=args), {"pinned": "1"}, follow=True).content.decode()


def test_it_is_too_late_to_take_back_after_ten_seconds(desk, plan):
    desk.post(reverse("desk_plan_commit", args=[plan.pk]))
    Plan.objects.update(committed_at=timezone.now() - timedelta(seconds=11))
    answer = desk.post(reverse("desk_plan_undo", args=[plan.pk]))
    assert answer.status_code == 409
    assert "data-undo" not in page(desk, plan)


def test_what_changed_since_is_named_in_place(desk, plan, task):
    type(task).objects.update(vehicles_needed=9)
    answer = desk.post(reverse("desk_plan_commit", args=[plan.pk]))
    assert answer.status_code == 409
    assert f"“{task.title}”需要的车辆数变了。" in answer.content.decode()
    assert not Offer.objects.exists()


def test_a_pin_stays_in_the_next_proposal(desk, plan, fleet):
    pinned = plan.assignments.get()
    desk.post(reverse("desk_plan_pin", args=[plan.pk, pinned.pk]), {"pinned": "1"})
    answer = desk.post(reverse("desk_plan_again", args=[plan.pk]), {})
    made = Plan.objects.exclude(pk=plan.pk).get()
    assert answer["Location"] == reverse("desk_plan", args=[made.pk])
    assert made.assignments.get().pinned


def test_nothing_left_to_plan_says_why(desk, task):
    type(task).objects.update(status="draft")
    answer = desk.post(reverse("desk_propose"), {"task_ids": [task.pk], "mode": "auto"}, follow=True)
    assert "未发布" in answer.content.decode()


@pytest.mark.parametrize("chosen", [[], ["nonsense"]])
def test_nothing_chosen_says_so(desk, chosen):
    answer = desk.post(reverse("desk_propose"), {"task_ids": chosen, "mode": "auto"}, follow=True)
    assert "请先选择至少一个需求" in answer.content.decode()


def test_another_branch_does_not_find_the_plan(client, plan):
    other = OfficerFactory()
    client.force_login(other.user, BACKEND)
    show(client, other.user, "password", "mfa")
    assert client.get(reverse("desk_plan", args=[plan.pk])).status_code == 404
    assert client.post(reverse("desk_plan_commit", args=[plan.pk])).status_code == 404


def test_a_stranger_is_led_to_the_sign_in(client, plan):
    client.logout()
    assert client.get(reverse("desk_plan", args=[plan.pk])).status_code == 303


def test_a_large_proposal_costs_few_queries(desk, officer, fleet, django_assert_max_num_queries):
    tasks = [TransportFactory(union=officer.union, vehicles_needed=1) for _ in range(6)]
    desk.post(reverse("desk_propose"), {"task_ids": [task.pk for task in tasks], "mode": "drivers"})
    plan = Plan.objects.get()
    with django_assert_max_num_queries(18):
        page(desk, plan)


def test_reasons_are_sentences_of_their_data():
    told = reasons.because({"km": 3.24, "minutes": 8.1, "late": 0, "hours_served": 2.0, "rested": 120.0, "free": 28})
    assert told == "距离 3.2 公里，约 8 分钟；空闲 28 辆；当天已出车 2 小时；此前已休息 2 小时"
    assert reasons.why_left({"rule": "seats", "by": 2.0}) == "空闲车辆座位不够，最接近的还差 2 座"
    assert reasons.why_left({}) == "没有找到人"
