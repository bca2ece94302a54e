"""Cutting pasted lines into drivers."""

import pytest

from frontend.forms.fleets import driver_line


@pytest.mark.parametrize(
    ("typed", "seats"),
    [("", 4), ("5", 5), ("５", 5), ("many", -1), ("-1", -1), ("4.5", -1), ("9" * 5000, -1), ("0" * 5000, -1)],
)
def test_seats_that_are_no_usable_number_are_left_to_the_domain_to_refuse(typed, seats):
    assert driver_line(f"王师傅,13800000001,晋A88888,{typed}").seats == seats
