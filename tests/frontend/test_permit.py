"""A page shows only what its reader may do, and refuses before anything is typed."""

import re

import pytest
from django.urls import reverse

from mobilize.unions.states import Role
from tests.factories import (
    DutyFactory,
    FleetFactory,
    HonourFactory,
    OfficerFactory,
    ShiftFactory,
    SignupFactory,
    TransportFactory,
)

STEPS = "new|edit|cancel|drivers|enrol|places|signups"
CHANGES = rf'<form[^>]*method="post"|/({STEPS})/|/offers/"'


@pytest.fixture
def rows(officer):
    union = officer.union
    fleet = FleetFactory(union=union, drivers=2)
    transport, duty = TransportFactory(union=union), DutyFactory(union=union)
    shift = ShiftFactory(task=duty)
    signup = SignupFactory(shift=shift)
    honour = HonourFactory(worker__union=union)
    return {"fleet": fleet, "transport": transport, "duty": duty, "honour": honour, "shift": shift, "signup": signup}


@pytest.fixture
def viewer(desk, officer):
    officer.role = Role.VIEWER
    officer.save()
    return desk


def pages(rows):
    yield from map(reverse, ["desk", "desk_fleets", "desk_tasks", "desk_officers", "desk_honours", "desk_unions"])
    yield reverse("desk_fleet", args=[rows["fleet"].pk])
    yield from (reverse("desk_task", args=[rows[kind].pk]) for kind in ("transport", "duty"))
    yield reverse("desk_shift", args=[rows["shift"].pk])


def changing(rows):
    yield reverse("desk_fleet_new")
    yield from (reverse("desk_task_new", args=[kind]) for kind in ("transport", "duty"))
    yield reverse("desk_drivers_new", args=[rows["fleet"].pk])
    yield reverse("desk_offer_new", args=[rows["transport"].pk])
    yield reverse("desk_shift_new", args=[rows["duty"].pk])
    yield from (
        reverse(name, args=[rows["duty"].pk]) for name in ("desk_task_cancel", "desk_task_close", "desk_task_edit")
    )
    yield from (
        reverse(name, args=[rows["shift"].pk])
        for name in ("desk_enrol", "desk_places", "desk_shift_edit", "desk_shift_cancel")
    )
    yield reverse("desk_signup", args=[rows["signup"].pk])


def test_a_viewers_pages_lead_to_no_change(viewer, rows):
    for url in pages(rows):
        main = viewer.get(url).content.decode().split("<main", 1)[1].split("</main>")[0]
        assert re.findall(CHANGES, main) == [], url


def test_a_viewer_is_refused_before_she_types(viewer, rows):
    for url in changing(rows):
        assert viewer.get(url).status_code == 403, url


def test_a_dispatcher_sees_and_opens_every_one(desk, rows):
    shown = "".join(desk.get(url).content.decode() for url in pages(rows))
    for url in changing(rows):
        assert f'"{url}"' in shown, url
        assert desk.get(url).status_code == 200, url


def test_a_dispatcher_is_refused_what_administrators_do(desk, officer, rows):
    other = OfficerFactory(union=officer.union)
    for name, row in [
        ("desk_officer", other),
        ("desk_officer_dismiss", other),
        ("desk_honour_revoke", rows["honour"]),
    ]:
        assert desk.get(reverse(name, args=[row.pk])).status_code == 403, name


def test_an_officer_chooses_only_unions_where_she_dispatches(desk, officer):
    seen_only = OfficerFactory(user=officer.user, role=Role.VIEWER).union
    for url in (reverse("desk_fleet_new"), reverse("desk_task_new", args=["duty"])):
        page = desk.get(url).content.decode()
        assert str(officer.union_id) in page
        assert str(seen_only.pk) not in page
