from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.core.errors import Forbidden, Invalid, NotFound
from mobilize.fleets import services
from mobilize.unions.states import Role
from tests import acting
from tests.factories import FleetFactory, OfficerFactory

HERE = {"base": "小店南站停车场", "latitude": Decimal("37.75610"), "longitude": Decimal("112.57120")}


@pytest.fixture
def fleet(officer):
    return FleetFactory(union=officer.union)


def set_base(held, fleet, **given):
    return services.set_base(actor=acting.officer(held), fleet_id=fleet.pk, now=timezone.now(), **(HERE | given))


def test_a_dispatcher_says_where_a_fleet_stands(officer, fleet):
    set_base(officer, fleet)
    fleet.refresh_from_db()
    assert (fleet.base, fleet.latitude, fleet.longitude) == tuple(HERE.values())


def test_a_position_comes_whole_or_not_at_all(officer, fleet):
    with pytest.raises(Invalid) as refused:
        set_base(officer, fleet, longitude=None)
    assert refused.value.fields == {"longitude": ["bad_position"]}


def test_a_position_lies_on_the_earth(officer, fleet):
    with pytest.raises(Invalid):
        set_base(officer, fleet, latitude=Decimal("91"))


def test_another_branch_does_not_find_the_fleet(fleet):
    with pytest.raises(NotFound):
        set_base(OfficerFactory(), fleet)


def test_a_viewer_may_not(officer, fleet):
    with pytest.raises(Forbidden):
        set_base(OfficerFactory(union=officer.union, role=Role.VIEWER), fleet)


def test_the_desk_saves_what_is_typed(desk, fleet):
    answer = desk.post(reverse("desk_fleet_base", args=[fleet.pk]), {name: str(value) for name, value in HERE.items()})
    assert answer.status_code == 303
    assert HERE["base"] in desk.get(reverse("desk_fleet", args=[fleet.pk])).content.decode()


def test_half_a_position_comes_back_with_its_sentence(desk, fleet):
    answer = desk.post(reverse("desk_fleet_base", args=[fleet.pk]), {"latitude": "37.8"})
    assert answer.status_code == 422
    assert "请同时填写纬度和经度" in answer.content.decode()


def test_a_stranger_is_led_to_the_sign_in(client, fleet):
    assert client.get(reverse("desk_fleet_base", args=[fleet.pk])).status_code == 303


def test_the_api_replaces_the_base(client, officer, fleet):
    headers = acting.bearer(officer.user, second_factor=True)
    answer = client.put(f"/api/v1/fleets/{fleet.pk}/base/", HERE, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    assert answer.json()["base"] == HERE["base"]
