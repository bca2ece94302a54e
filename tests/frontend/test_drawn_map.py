"""The board's drawn map: all within the picture, as far apart as on the ground, names where there is room."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.maps import HIGH, WIDE, drawn

LATITUDES, LONGITUDES = st.floats(37.6, 38.2), st.floats(112.2, 112.9)
PLACES = st.lists(LATITUDES.flatmap(lambda lat: LONGITUDES.map(lambda lng: [lat, lng])), min_size=2, max_size=2)
KILOMETRES = 111.2  # of a degree of latitude


def need(at, to=None, *, left=4, site="武宿机场"):
    return {"at": at, "to": to or at, "left": left, "site": site}


def apart(one, other):
    lat = radians((one[0] + other[0]) / 2)
    return hypot(one[0] - other[0], (one[1] - other[1]) * cos(lat)) * KILOMETRES


@given(st.lists(PLACES, min_size=1, max_size=20))
def test_every_need_and_where_it_leads_is_within_the_picture(places):
    for mark in drawn([need(*each) for each in places], [])["needs"]:
        for x, y in ((mark.x, mark.y), mark.to):
            assert 0 <= x <= WIDE
            assert 0 <= y <= HIGH


@given(PLACES)
def test_twice_as_far_on_the_ground_is_twice_as_far_in_the_picture(places):
    north, east = [37.9, 112.5], [37.8, 112.7]
    marks = {
        mark.what["site"]: mark
        for mark in drawn([need(at, site=str(at)) for at in (north, east, *places)], [])["needs"]
    }

    def drawn_apart(one, other):
        first, second = marks[str(one)], marks[str(other)]
        return hypot(first.x - second.x, first.y - second.y)

    scale = drawn_apart(north, east) / apart(north, east)
    assert drawn_apart(*places) == pytest.approx(apart(*places) * scale, rel=0.02, abs=0.3)


def test_north_is_above_and_east_is_right():
    marks = drawn([need([37.9, 112.6], site="东北"), need([37.8, 112.5], site="西南")], [])["needs"]
    assert marks[0].y < marks[1].y
    assert marks[0].x > marks[1].x


def test_names_do_not_run_into_each_other_or_over_the_edge():
    crowd = [need([37.86, 112.55 + step / 2000], site=f"第{step}社区", left=step) for step in range(9)]
    marks = drawn(crowd, [])["needs"]
    named = [mark for mark in marks if mark.label]
    assert 1 <= len(named) < len(marks)
    at_the_edge = drawn([need([37.9, 112.7], site="东山"), need([37.8, 112.5], site="西山")], [])["needs"]
    assert {mark.label: mark.before for mark in at_the_edge} == {"东山": True, "西山": False}


def test_a_site_with_two_needs_is_named_once():
    marks = drawn([need([37.86, 112.55]), need([37.86, 112.55], left=1), need([37.9, 112.6], site="南站")], [])["needs"]
    assert sorted(mark.label for mark in marks) == ["", "南站", "武宿机场"]


def test_fleets_that_stand_elsewhere_are_left_out_unless_nothing_is_needed():
    near, far = {"at": [37.86, 112.55]}, {"at": [39.9, 116.4]}
    assert [mark.what for mark in drawn([need([37.86, 112.56])], [near, far])["bases"]] == [near]
    assert len(drawn([], [near, far])["bases"]) == 2
    assert drawn([], [])["bases"] == []
