"""Odd values in the environment stop the start with one sentence."""

from collections.abc import Callable

import pytest

from config import env

ODD = [
    (lambda: env.text("X"), None, "is required"),
    (lambda: env.flag("X", False), "maybe", "true or false"),
    (lambda: env.flag("X", False), "", "true or false"),
    (lambda: env.number("X", 1, least=1, most=9), "10", "from 1 to 9"),
    (lambda: env.number("X", 1, least=1, most=9), "-1", "whole number"),
    (lambda: env.number("X", 1, least=1, most=9), "1.5", "whole number"),
    (lambda: env.number("X", 1, least=1, most=9), "9" * 5000, "whole number"),
    (lambda: env.span("X", "22:00-06:30"), "22-6", "two times such as 22:00-06:30"),
    (lambda: env.span("X", "22:00-06:30"), "24:00-06:30", "two times"),
    (lambda: env.span("X", "22:00-06:30"), "06:30-06:30", "two times"),
    (lambda: env.url("X", "", {"https"}), "http://city.example", "https://"),
    (lambda: env.url("X", "", {"https"}), "https://[::1", "not an address"),
    (lambda: env.postgres("X", None), None, "is required"),
    (lambda: env.postgres("X", None), "", "no database"),
    (lambda: env.postgres("X", None), "mysql://db/city", "postgresql://"),
    (lambda: env.postgres("X", None), "postgresql://db:many/city", "port"),
    (lambda: env.postgres("X", None), "postgresql://db/", "no database"),
]


@pytest.mark.parametrize(("read", "value", "problem"), ODD)
def test_an_odd_value_ends_the_process_with_a_sentence_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], object], value: str | None, problem: str
) -> None:
    if value is None:
        monkeypatch.delenv("X", raising=False)
    else:
        monkeypatch.setenv("X", value)
    with pytest.raises(SystemExit) as stopped:
        read()
    assert "setting X" in str(stopped.value)
    assert problem in str(stopped.value)


def test_a_database_address_keeps_its_socket_options_and_escaped_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "postgres://us%20er:p%40ss@/city?host=%2Frun%2Fdb&sslmode=require")
    database = env.postgres("X", None)
    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("us er", "p@ss", "/run/db")
    assert database["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    ("demo", "key", "expected"), [(None, None, True), (None, "k", False), ("1", "k", True), ("0", None, False)]
)
def test_it_is_the_demonstration_until_a_secret_key_is_set_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, demo: str | None, key: str | None, expected: bool
) -> None:
    for name, value in (("DEMO", demo), ("SECRET_KEY", key)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert env.demo() is expected
