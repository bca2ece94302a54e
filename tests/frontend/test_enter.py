"""Who gets into which page."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.signups.models import SignupGroup
from mobilize.unions.states import Role
from tests.factories import (
    DutyFactory,
    FleetFactory,
    OfficerFactory,
    ShiftFactory,
    SignupFactory,
    TransportFactory,
    UnionFactory,
    WorkerFactory,
)
from tests.frontend.conftest import BACKEND, show


@pytest.mark.parametrize("name", ["duties", "profile", "offers", "trips"])
def test_a_stranger_is_sent_to_the_sign_in_by_code(client, db, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 303
    assert answer["Location"] == f"/sign-in/?{urlencode({'next': reverse(name)})}"


@pytest.mark.parametrize("name", ["desk", "desk_unions", "desk_fleets", "desk_tasks"])
def test_a_stranger_is_sent_to_the_officers_sign_in(client, db, name):
    assert client.get(reverse(name))["Location"].startswith("/accounts/login/")


def test_a_worker_without_an_office_is_refused_at_the_desk(phone):
    answer = phone.get(reverse("desk"))
    assert answer.status_code == 403
    assert "工作台只对工会干部开放" in answer.content.decode()


def test_an_officer_without_a_password_is_sent_to_get_one(client, officer):
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "code")
    assert client.get(reverse("desk"))["Location"].startswith("/accounts/password/forgotten/")


def test_an_officer_who_came_by_phone_code_is_asked_for_her_password(client, officer):
    officer.user.set_password("correct-horse-battery")
    officer.user.save()
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "code")
    assert client.get(reverse("desk"))["Location"].startswith("/accounts/reauthenticate/")


def test_an_officer_without_a_second_factor_is_sent_to_set_it_up(client, officer):
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "password")
    assert client.get(reverse("desk"))["Location"] == reverse("mfa_activate_totp")


def test_another_branch_is_not_there(desk):
    fleet, task = FleetFactory(), TransportFactory()
    shift = ShiftFactory(task=DutyFactory())
    for name, row in [("desk_fleet", fleet), ("desk_task", task), ("desk_shift", shift)]:
        assert desk.get(reverse(name, args=[row.pk])).status_code == 404
    assert desk.post(reverse("desk_task_publish", args=[task.pk])).status_code == 404
    assert fleet.name not in desk.get(reverse("desk_fleets")).content.decode()


def test_the_branch_below_is_there(desk, officer):
    below = UnionFactory(parent=officer.union, level="district")
    fleet = FleetFactory(union=below, drivers=1)
    assert desk.get(reverse("desk_fleet", args=[fleet.pk])).status_code == 200
    assert below.name in desk.get(reverse("desk_unions")).content.decode()


def test_a_viewer_changes_nothing(client, db):
    viewer = OfficerFactory(role=Role.VIEWER)
    client.force_login(viewer.user, BACKEND)
    show(client, viewer.user, "password", "mfa")
    task = DutyFactory(union=viewer.union)
    answer = client.post(reverse("desk_task_close", args=[task.pk]))
    assert answer.status_code == 403
    assert "您在该工会的角色不能做这一步" in answer.content.decode()


def test_another_persons_sign_up_is_not_there(phone):
    theirs = SignupFactory(shift=ShiftFactory(), worker=WorkerFactory())
    assert phone.get(reverse("signup", args=[theirs.pk])).status_code == 404
    assert phone.post(reverse("withdraw", args=[theirs.pk])).status_code == 404


def test_phone_numbers_are_masked_at_the_desk(desk, officer):
    fleet = FleetFactory(union=officer.union, drivers=2)
    page = desk.get(reverse("desk_fleet", args=[fleet.pk])).content.decode()
    phones = [str(driver.worker.user.phone) for driver in fleet.drivers.all()] + [str(fleet.leader.phone)]
    assert not [phone for phone in phones if phone[3:] in page]
    assert "139****" in page


def test_the_demonstration_shows_officer_and_administrator_and_numbers_in_groups(client, db):
    page = client.get(reverse("demo")).content.decode()
    for words in ("林静", "199 0000 0001", "陈立", "199 0000 0003", "taiyuan-admin-2022", 'href="/admin/"'):
        assert words in page


def test_the_demonstration_leads_to_a_group_and_to_a_shift_that_opens_later(client, db):
    assert "看一看" not in client.get(reverse("demo")).content.decode()
    leader = WorkerFactory(user__phone="+8619900000002")
    group = SignupGroup.objects.create(shift=ShiftFactory(), name="小店社区突击队", leader=leader.user)
    later = ShiftFactory(opens_at=timezone.now() + timedelta(days=1))
    page = client.get(reverse("demo")).content.decode()
    assert f"next={reverse('group', args=[group.pk])}" in page
    assert reverse("shift", args=[later.pk]) in page


def test_production_has_no_demonstration(client, db, settings):
    assert client.get(reverse("demo")).status_code == 200
    settings.DEMO = False
    assert client.get(reverse("demo")).status_code == 404


def test_nobody_is_led_to_another_site(client, db):
    page = client.get("/sign-in/?next=https://example.org/").content.decode()
    assert '<input type="hidden" name="next" value="/me/">' in page
