"""A form with errors comes back with 422, and nothing typed is lost."""

from django.urls import reverse

from mobilize.accounts.models import Challenge
from mobilize.fleets.models import Fleet
from tests.factories import ShiftFactory
from tests.frontend.conftest import htmx


def test_a_bad_number_comes_back_beside_its_field(client, db):
    url = reverse("join", args=[ShiftFactory().pk])
    answer = client.post(url, {"phone": "138 0000", "accept": "on"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="138 0000"' in page
    assert "checked" in page
    assert "请填写正确的手机号" in page
    assert "<title>有误" in page
    assert not Challenge.objects.exists()


def test_htmx_gets_the_form_alone(client, db):
    url = reverse("join", args=[ShiftFactory().pk])
    answer = client.post(url, {"phone": ""}, headers=htmx("sheet"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.lstrip().startswith('<div id="sheet"')
    assert "<html" not in page
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


def test_a_part_the_page_does_not_offer_is_not_given(client, db):
    answer = client.get(reverse("shifts"), headers=htmx("filters"))
    assert "<html" in answer.content.decode()


def test_every_bad_line_of_a_fleet_is_named_and_nothing_is_saved(desk, officer):
    lines = "张三，13800000001，晋A11111，4\n李四，138，晋A22222\n王五，13800000003，牌照"
    answer = desk.post(
        reverse("desk_fleet_new"),
        {
            "union": officer.union_id, "name": "一队", "kind": "taxi", "leader_name": "赵六",
            "leader_phone": "13800000009", "lines": lines,
        },
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 422
    assert lines in page
    assert "第 2 行" in page
    assert "第 3 行" in page
    assert "第 1 行" not in page
    assert not Fleet.objects.exists()


def test_a_wrong_code_says_how_many_tries_are_left(client, db):
    client.post(reverse("sign_in"), {"phone": "13800000001"})
    answer = client.post(reverse("code"), {"code": "000000"})
    assert answer.status_code == 422
    assert "还可以试 4 次" in answer.content.decode()
