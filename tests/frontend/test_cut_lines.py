"""Cutting pasted lines into people and drivers."""

import pytest
from django.utils.translation import override

from frontend.forms.fleets import DriversForm, driver_line
from frontend.forms.lines import person_line
from mobilize.core.errors import Invalid
from mobilize.fleets.services import check_lines


@pytest.mark.parametrize(
    ("typed", "seats"),
    [("", 4), ("5", 5), ("５", 5), ("many", -1), ("-1", -1), ("4.5", -1), ("9" * 5000, -1), ("0" * 5000, -1)],
)
def test_seats_that_are_no_usable_number_are_left_to_the_domain_to_refuse(typed, seats):
    assert driver_line(f"王师傅,13800000001,晋A88888,{typed}").seats == seats


@pytest.mark.parametrize(
    "typed",
    [
        *("李英,13800000000", "李英，13800000000", "李英\t13800000000", "李英 13800000000", " 李英、13800000000,车间 "),
        *(
            "1,李英,13800000000",
            "1\t李英\t13800000000",
            "12、李英、13800000000",
            "3. 李英 13800000000",
            "李英13800000000",
        ),
        *("李英\t\t13800000000", "(2) 李英，13800000000"),
    ],
)
def test_a_person_is_a_name_and_a_number_however_they_are_separated(typed):
    person = person_line(typed)
    assert (person.name, person.phone) == ("李英", "13800000000")


def test_spaces_inside_a_number_stay_with_it():
    assert person_line("李英，138 0000 0000").phone == "138 0000 0000"


@override("zh-hans")
def test_a_plate_that_stands_twice_names_the_other_line(db):
    form = DriversForm({"lines": "甲,13800000000,晋A12345\n\n乙,13800000001,晋a·12345\n丙,13800000002"})
    assert form.is_valid()
    form.refuse(Invalid(check_lines(form.cleaned_data["lines"])))
    assert [(n, bad["sentences"][0]) for n, bad in form.bad_lines.items()] == [
        (3, "车牌号与第 1 行重复。"),
        (4, "车牌不对，例如 晋A12345。"),
    ]


@pytest.mark.parametrize(
    "typed", ["Li Ying 13800001299", "Li Ying, 13800001299", "1. Li Ying 13800001299", "2,Li Ying,13800001299"]
)
def test_a_name_may_have_spaces(typed):
    person = person_line(typed)
    assert (person.name, person.phone) == ("Li Ying", "13800001299")


@pytest.mark.parametrize(
    ("typed", "name", "phone"),
    [
        ("13800000000", "", "13800000000"),
        (",138 0000 0000", "", "138 0000 0000"),
        ("李英", "李英", ""),
        ("李英,12", "李英", "12"),
        ("1,13800000000", "1", "13800000000"),
        ("", "", ""),
    ],
)
def test_what_is_missing_is_missing_and_nothing_else(typed, name, phone):
    person = person_line(typed)
    assert (person.name, person.phone) == (name, phone)


def test_a_driver_in_a_numbered_list_is_read_without_the_number():
    assert driver_line("1,王师傅,13800000001,晋A88888,5").plate == "晋A88888"
    assert driver_line("王师傅,13800000001,晋A88888,5").seats == 5
