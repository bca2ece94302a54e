"""No phone number reaches the log, however it is written."""

import logging
from logging.config import DictConfigurator

import pytest
from django.conf import settings
from django.test import Client
from phonenumber_field.phonenumber import PhoneNumber

from config.logs import hide_personal_data

NUMBERS = [
    *("13812345678", "+8613812345678", "8613812345678", "008613812345678", "138 1234 5678", "138-1234-5678"),
    *("+86 138 1234 5678", "(+86)138.1234.5678", "138\u00a01234\u00a05678", "138\u30001234\u30005678"),
    *("１３８１２３４５６７８", "＋８６１３８１２３４５６７８", "１３８ 1234 ５６７８", "1381 234 5678"),
    *("+447911123456", "+44 7911 123456", "+1-202-555-0134", "+34612345678"),
]


def logged(value):
    return hide_personal_data(None, "", {"event": value})["event"]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_spelling_of_a_number_is_replaced(number):
    for text in (number, f"to {number}, refused", f"号码{number}。", f"phone={number}&code=1"):
        left = logged(text)
        assert "[phone]" in left
        assert not any(part in left for part in ("1234", "１２３４", "5678", "５６７８", "9111", "0134", "3456"))


@pytest.mark.parametrize(
    "text",
    [
        "Forbidden (CSRF cookie not set.): /o/eyJvIjoi:1tAb-c_d:Zz9/",
        '"POST /o/eyJvIjoi:1tAb-c_d:Zz9/ HTTP/1.1" 403',
        "/sign-in/?next=%2Fo%2FeyJvIjoi%3A1tAb-c_d%3AZz9%2F",
        '"GET /calendars/eyJvIjoi.1tAb-c_d_Zz9.ics HTTP/1.1" 200',
    ],
)
def test_no_link_that_answers_an_offer_or_reads_a_calendar_is_logged(text):
    left = logged(text)
    assert "[link]" in left
    assert not any(part in left for part in ("eyJ", "1tAb", "Zz9"))


def test_a_refused_post_to_a_link_is_logged_without_it(caplog):
    Client(enforce_csrf_checks=True).post("/o/eyJvIjoi:1tAb-c_d:Zz9/")
    formatter = DictConfigurator(settings.LOGGING).configure_formatter(settings.LOGGING["formatters"]["structured"])
    (line,) = [formatter.format(each) for each in caplog.records if each.name == "django.security.csrf"]
    assert "/o/[link]/" in line
    assert "1tAb" not in line


@pytest.mark.parametrize("name", ["django", "django.request", "django.security.csrf", "django.server"])
def test_no_logger_of_django_passes_it_by(name):
    logger = logging.getLogger(name)
    assert logger.propagate
    assert not logger.handlers


@pytest.mark.parametrize(
    "value",
    [13812345678, PhoneNumber.from_string("+8613812345678"), ["a", ("13812345678",)], {"a": {"b": "138 1234 5678"}}],
)
def test_it_is_replaced_in_whatever_holds_it(value):
    assert "1234" not in str(logged(value))


@pytest.mark.parametrize(
    "value",
    [
        *("2026-11-24T08:52:51.636152Z", "2022-11-20 07:00 +0800", "019ab3f2-7c1e-7d40-9c1f-5b2d7e8f9a01"),
        *("took 1381 ms of 20000", "+00:00", "62,329", 42, None, True, 1669123456.789),
    ],
)
def test_other_numbers_stay(value):
    assert logged(value) == value
