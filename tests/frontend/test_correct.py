"""Corrections at the desk: what a draft and a live task still allow."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.tasks.states import TaskStatus
from tests.factories import DutyFactory, SiteFactory, TransportFactory
from tests.frontend.conftest import htmx

LIVE = {"title": "转运居民（加派）", "description": "带口罩", "urgency": 3, "vehicles_needed": 50}


def edit(client, task, form):
    return client.post(reverse("desk_task_edit", args=[task.pk]), form)


def local(moment):
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def test_of_a_live_task_title_text_urgency_and_need_change_and_nothing_else(desk, officer):
    task = TransportFactory(union=officer.union, vehicles_needed=40)
    page = desk.get(reverse("desk_task_edit", args=[task.pk])).content.decode()
    assert 'name="vehicles_needed" value="40"' in page
    assert 'name="site"' not in page
    assert edit(desk, task, LIVE | {"site": SiteFactory().pk}).status_code == 303
    site = task.site_id
    task.refresh_from_db()
    assert (task.title, task.urgency, task.vehicles_needed, task.site_id) == ("转运居民（加派）", 3, 50, site)


def test_a_need_below_what_is_accepted_is_refused_beside_its_field(desk, officer):
    task = TransportFactory(union=officer.union, vehicles_accepted=12)
    answer = edit(desk, task, LIVE | {"vehicles_needed": 11})
    assert answer.status_code == 422
    assert "已接单的车辆比这个数多" in answer.content.decode()


def test_a_draft_changes_in_every_respect_but_its_union(desk, officer):
    task = DutyFactory(union=officer.union, status=TaskStatus.DRAFT)
    site, start = SiteFactory(), timezone.now() + timedelta(days=1)
    form = {
        "title": "夜间值守", "site": site.pk, "starts_at": local(start), "urgency": 1,
        "ends_at": local(start + timedelta(hours=6)), "union": DutyFactory().union_id,
    }  # fmt: skip
    assert edit(desk, task, form).status_code == 303
    task.refresh_from_db()
    assert (task.title, task.site_id, task.union_id) == ("夜间值守", site.pk, officer.union_id)
    assert local(task.starts_at) == local(start)


def test_a_draft_saved_unchanged_stays_as_it_is(desk, officer):
    task = TransportFactory(union=officer.union, status=TaskStatus.DRAFT)
    page = desk.get(reverse("desk_task_edit", args=[task.pk])).content.decode()
    assert f'value="{local(task.starts_at)}"' in page
    assert f'<option value="{task.destination_id}" selected>' in page


@pytest.mark.parametrize("status", [TaskStatus.CLOSED, TaskStatus.CANCELLED])
def test_what_is_over_is_not_corrected(desk, officer, status):
    task = TransportFactory(union=officer.union, status=status)
    assert desk.get(reverse("desk_task_edit", args=[task.pk])).status_code == 409


@pytest.mark.parametrize("count", ["-5", "0", "1001", "9" * 5000, "许多"])
def test_an_odd_number_of_vehicles_gets_a_sentence_without_a_hole(desk, officer, count):
    task = TransportFactory(union=officer.union)
    answer = edit(desk, task, LIVE | {"vehicles_needed": count})
    assert answer.status_code == 422
    assert "请填写 1 到 1,000 之间的车辆数" in answer.content.decode()


def test_a_task_without_times_is_told_which_is_missing(desk, officer):
    answer = desk.post(reverse("desk_task_new", args=["duty"]), {"title": "值守", "urgency": 1}, headers=htmx("sheet"))
    page = answer.content.decode()
    assert "请填写开始时间" in page
    assert "请填写结束时间" in page
    assert "该字段是必填项" not in page
