"""Lists ask the database as often for many rows as for few."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mobilize.channels import services as channels
from mobilize.channels.models import Address
from mobilize.core.ids import uuid7
from mobilize.signups.models import SignupGroup
from tests.factories import (
    CampaignFactory,
    DutyFactory,
    FleetFactory,
    ServiceRecordFactory,
    ShiftFactory,
    SignupFactory,
    TransportFactory,
    WorkerFactory,
)
from tests.frontend.conftest import htmx


def queries(client, url):
    client.get(url)  # fills the caches every reader shares
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def grows(client, url, more):
    """Return by how many queries a page grows when `more` has added rows."""
    before = queries(client, url)
    more()
    return queries(client, url) - before


def test_the_appeal_and_the_shifts(client, db):
    campaign = CampaignFactory()

    def more():
        for _ in range(4):
            ShiftFactory(task__campaign=campaign)

    more()
    assert grows(client, reverse("home"), more) == 0
    assert grows(client, reverse("shifts"), more) == 0
    assert queries(client, reverse("shifts")) <= 4


def test_my_duties(phone, worker):
    def more():
        for _ in range(3):
            first = timezone.now() + timedelta(days=worker.signups.count() + 2)
            led = SignupGroup.objects.create(shift=ShiftFactory(starts_at=first), name="一车间", leader=worker.user)
            SignupFactory(shift=led.shift, worker=worker, group=led)

    more()
    assert grows(phone, reverse("duties"), more) == 0


def test_my_addresses(phone, worker):
    def more():
        known = worker.user.addresses.count()
        for n in range(known, known + 3):
            Address.objects.create(user=worker.user, channel="email", address=f"n{n}@example.org", digest=uuid7().hex)

    more()
    assert grows(phone, reverse("my_addresses"), more) == 0


@pytest.mark.parametrize("name", ["desk", "desk_fleets", "desk_tasks"])
def test_the_desk(desk, officer, name):
    def more():
        FleetFactory(union=officer.union, drivers=2)
        TransportFactory(union=officer.union)

    more()
    assert grows(desk, reverse(name), more) == 0


def test_a_shifts_sign_ups_and_a_groups_members(desk, officer):
    shift = ShiftFactory(task__union=officer.union, places=50)
    led = SignupGroup.objects.create(shift=shift, name="一车间", leader=officer.user)

    def more():
        for _ in range(3):
            SignupFactory(shift=shift, worker=WorkerFactory(), signed_up_by=WorkerFactory().user)
            SignupFactory(shift=shift, worker=WorkerFactory(), signed_up_by=officer.user)
            another = SignupGroup.objects.create(shift=shift, name="二车间", leader=WorkerFactory().user)
            SignupFactory(shift=shift, worker=WorkerFactory(), group=another)
            SignupFactory(shift=shift, worker=WorkerFactory(), group=led)

    more()
    for url in ("desk_shift", "enrol"):
        assert grows(desk, reverse(url, args=[shift.pk]), more) == 0, url
    assert grows(desk, reverse("group", args=[led.pk]), more) == 0


def test_all_past_duties_can_be_reached(phone, worker):
    first = timezone.now() - timedelta(days=40)
    for day in range(21):
        shift = ShiftFactory(starts_at=first + timedelta(days=day), post__site__name=f"点位第{day:02}日")
        SignupFactory(shift=shift, worker=worker, status="attended")
    assert pages(phone, "duties", "点位第00日") == [False, True]


def test_all_open_needs_of_a_branch_can_be_reached(desk, officer):
    for number in range(13):
        TransportFactory(union=officer.union, title=f"转运第{number:02}批")
    assert [pages(desk, "desk", f"转运第{number:02}批").count(True) for number in range(13)] == [1] * 13


def test_all_messages_of_the_demonstration_can_be_reached_and_a_page_renews_itself(client, db):
    now = timezone.now()
    for number in range(21):
        draft = channels.Draft(
            kind="test",
            phone="+8619900000002",
            body=f"第{number:02}条",
            subject_id=uuid7(),
            invented=True,
            due_at=now,
            expires_at=now + timedelta(hours=1),
        )
        channels.queue(draft, now=now + timedelta(seconds=number))
    assert pages(client, "demo", "第00条") == [False, True]
    part = client.get(reverse("demo"), {"page": 2}, headers=htmx("inbox")).content.decode()
    assert "第00条" in part
    assert f'hx-get="{reverse("demo")}?page=2"' in part


def pages(client, name, word):
    """Return on which of two pages a word stands; the first page links to the second."""
    first, second = (client.get(reverse(name), {"page": page}).content.decode() for page in (1, 2))
    assert "?page=2" in first
    return [word in first, word in second]


def test_what_a_person_has_served_stands_on_her_page_once_there_is_some(phone, worker):
    assert "累计服务" not in phone.get(reverse("duties")).content.decode()
    ServiceRecordFactory(worker=worker, services=3, person_trips=12, minutes=150)
    ServiceRecordFactory(services=500)
    page = phone.get(reverse("duties")).content.decode()
    assert "累计服务" in page
    assert counted(page) == {"服务次数": "3", "转运人次": "12", "服务小时": "2.5"}


@pytest.mark.parametrize("factory", [DutyFactory, TransportFactory])
def test_a_task_shows_the_four_counts_of_the_evening(desk, officer, factory):
    task = factory(union=officer.union)
    ServiceRecordFactory(task=task, services=40, person_trips=1360, flights=15, incidents=2)
    ServiceRecordFactory(services=500)
    page = desk.get(reverse("desk_task", args=[task.pk])).content.decode()
    wanted = {"转运人次": "1,360", "服务次数": "40", "保障航班": "15", "处置突发情况": "2"}
    assert wanted.items() <= counted(page).items()


def counted(page):
    """Return the counters of a page, label and value."""
    return dict(re.findall(r"<dt>([^<]+)</dt>\s*<dd>\s*([^<]+?)\s*</dd>", page))
