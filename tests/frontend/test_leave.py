"""A driver leaves a fleet, a person takes her data with her or goes for good."""

import json

import pytest
from django.urls import reverse

from mobilize.unions.states import Role
from tests.factories import DriverFactory, FleetFactory, WorkerFactory


def remove(driver):
    return reverse("desk_driver_release", args=[driver.fleet_id, driver.pk])


def test_a_dispatcher_is_asked_once_and_removes_a_driver(desk, officer):
    driver = DriverFactory(fleet=FleetFactory(union=officer.union))
    fleet_page = reverse("desk_fleet", args=[driver.fleet_id])
    assert remove(driver) in desk.get(fleet_page).content.decode()
    assert driver.vehicle.plate in desk.get(remove(driver)).content.decode()
    driver.refresh_from_db()
    assert driver.active
    desk.post(remove(driver))
    driver.refresh_from_db()
    assert not driver.active
    assert driver.worker.user.name not in desk.get(fleet_page).content.decode()
    assert desk.post(remove(driver)).status_code == 404


def test_nobody_else_removes_her(desk, officer):
    assert desk.post(remove(DriverFactory())).status_code == 404
    officer.role = Role.VIEWER
    officer.save()
    driver = DriverFactory(fleet=FleetFactory(union=officer.union))
    assert desk.get(remove(driver)).status_code == 403
    assert remove(driver) not in desk.get(reverse("desk_fleet", args=[driver.fleet_id])).content.decode()
    driver.refresh_from_db()
    assert driver.active


def test_a_driver_leaves_by_herself(phone, worker):
    driver = DriverFactory(worker=worker)
    assert reverse("leave_fleet") in phone.get(reverse("profile")).content.decode()
    assert driver.fleet.name in phone.get(reverse("leave_fleet")).content.decode()
    phone.post(reverse("leave_fleet"))
    driver.refresh_from_db()
    assert not driver.active
    assert reverse("leave_fleet") not in phone.get(reverse("profile")).content.decode()
    assert phone.post(reverse("leave_fleet")).status_code == 303


def test_a_person_downloads_what_is_kept_about_her_and_nobody_else(phone, worker):
    other = WorkerFactory()
    answer = phone.get(reverse("download"))
    assert answer["Content-Disposition"].startswith("attachment")
    kept = json.loads(answer.content)
    assert (kept["phone"], kept["name"]) == (str(worker.user.phone), worker.user.name)
    assert str(other.user.phone) not in answer.content.decode()


def test_a_closed_account_is_signed_out_and_forgotten(phone, worker):
    name = worker.user.name
    assert "不含姓名" in phone.get(reverse("close_account")).content.decode()
    worker.user.refresh_from_db()
    assert worker.user.name == name
    answer = phone.post(reverse("close_account"), follow=True)
    assert "账号已注销" in answer.content.decode()
    worker.user.refresh_from_db()
    assert (worker.user.name, worker.user.is_active) == ("", False)
    assert phone.get(reverse("profile")).status_code == 303


@pytest.mark.parametrize("name", ["download", "leave_fleet", "close_account"])
def test_a_stranger_is_sent_to_the_sign_in(client, db, name):
    assert client.get(reverse(name))["Location"].startswith("/sign-in/")
