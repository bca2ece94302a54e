"""An empty list says what it means, and offers only a button that leads somewhere."""

import pytest
from django.urls import reverse

from tests.factories import ShiftFactory, TransportFactory


@pytest.mark.parametrize("name", ["offers", "trips"])
def test_a_sentence_without_a_button_stands_alone_below_a_way_back(phone, name):
    page = phone.get(reverse(name)).content.decode()
    assert 'class="empty"' in page
    assert _buttons(page) == []


def test_the_desks_empty_lists_have_no_nameless_button(desk, officer):
    for url in (
        reverse("desk_task", args=[TransportFactory(union=officer.union).pk]),
        reverse("desk_shift", args=[ShiftFactory(task__union=officer.union).pk]),
    ):
        assert _buttons(desk.get(url).content.decode()) == [], url


def test_an_empty_list_with_a_way_on_names_it(phone):
    assert _buttons(phone.get(reverse("duties")).content.decode()) == ["选择班次"]


def _buttons(page):
    """Return the words of the buttons inside empty states."""
    return [part.split("</a>")[0].split(">", 1)[1] for part in _inside(page) if "</a>" in part]


def _inside(page):
    empty = page.split('<div class="empty">')[1:]
    return [chunk.split("</div>")[0].partition('<a class="button"')[2] for chunk in empty]
