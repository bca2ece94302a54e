"""Shifts near me: the nearest first, and a position that cannot be read stops nobody."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from frontend.templatetags.ui import distance
from tests.factories import ShiftFactory

HERE = "37.871,112.551"


@pytest.fixture
def shifts(db):
    """Shifts at places 5, 1 and 0.2 km to the north, in another order of time."""
    return {
        name: ShiftFactory(
            post__site__name=name, post__site__latitude=37.871 + km / 111.2, post__site__longitude=112.551
        )
        for name, km in (("最远点", 5), ("中间点", 1), ("最近点", 0.2))
    }


def listed(client, **asked):
    page = client.get("/shifts/", asked).content.decode()
    return re.findall("· (最远点|中间点|最近点)<", page), page


def test_the_nearest_comes_first_with_its_distance(client, shifts):
    names, page = listed(client, near=HERE)
    assert names == ["最近点", "中间点", "最远点"]
    assert re.findall(r"[\d.]+ (?:公里|米)", page) == ["200 米", "1.0 公里", "5.0 公里"]
    assert "由近到远" in page
    assert listed(client)[0] == ["最远点", "中间点", "最近点"]


@pytest.mark.parametrize(("km", "words"), [(0.0, "100 米"), (0.93, "900 米"), (0.96, "1.0 公里"), (12.3, "12 公里")])
def test_a_distance_reads_as_people_say_it(km, words):
    assert distance(km) == words


@pytest.mark.parametrize(
    "near", ["", "x", "37.871", "91,112", "37,181", "nan,nan", "1e3,2", "37,112,5", "３７,112", "37\0,1", "9" * 500]
)
def test_a_position_that_cannot_be_read_is_ignored_with_a_sentence(client, shifts, near):
    answer = client.get("/shifts/", {"near": near})
    if "\0" in near:
        assert answer.status_code == 400
        return
    page = answer.content.decode()
    assert answer.status_code == 200
    assert ("这个位置无法识别" in page) == bool(near)
    assert re.findall("· (最远点|中间点|最近点)<", page) == ["最远点", "中间点", "最近点"]


def test_the_position_stays_through_pages_and_filters_and_costs_no_more_queries(client, db):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get("/shifts/", {"near": HERE, "free": "on"})
        return len(captured)

    ShiftFactory()
    few = queries()
    for _ in range(25):
        ShiftFactory()
    assert queries() == few
    page = client.get("/shifts/", {"near": HERE, "free": "on"}).content.decode()
    assert re.search(r'href="\?near=37.871%2C112.551&amp;free=on&amp;page=2#results"', page)
    assert re.search(r'<input[^>]+name="near"[^>]+value="37.871,112.551"', page)
    assert client.get("/shifts/", {"near": HERE, "page": "2"}).context["page"].number == 2
    assert 'href="?free=on"' in page  # by time instead


def test_the_appeal_offers_it_beside_the_districts_and_hides_what_needs_a_script(client, shifts):
    page = client.get("/").content.decode()
    assert re.search(r'<button[^>]+data-near="/shifts/"[^>]*hidden', page)
    assert "/shifts/?district=" in page
