"""What a session or a token leads to is read with it, and never older than its row for that."""

import pytest
from django.core.cache import cache

from mobilize.core.copies import CHANGED, Copies, fetch, lead


@pytest.fixture
def rows():
    return {"anna": "worker"}


@pytest.fixture
def people(rows):
    """Copies of rows, to one of which a session leads."""
    people = Copies("read-ahead", rows.get)
    cache.set("session", "anna's")
    people.get("anna")
    lead("session", people.place("anna"))
    return people


def reads():
    """How often the cache was asked by now."""
    commands = cache._cache.get_client().info("commandstats")
    return sum(commands.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("get", "mget"))


def test_both_come_in_one_round_trip(people):
    before = reads()
    assert (fetch("session"), people.get("anna")) == ("anna's", "worker")
    assert reads() - before == 1


def test_a_session_that_leads_to_nobody_yet_is_read_alone(people):
    cache.set("new", "stranger's")
    before = reads()
    assert (fetch("new"), people.get("anna")) == ("stranger's", "worker")
    assert reads() - before == 2


@pytest.mark.django_db
def test_a_change_in_between_is_seen(people, rows):
    fetch("session")
    rows["anna"] = "officer"
    people.drop("anna")
    assert people.get("anna") == "officer"


def test_what_was_read_ahead_serves_once(people):
    fetch("session")
    assert people.get("anna") == "worker"
    cache.set(people.place("anna"), CHANGED)
    assert people.get("anna") == "worker"  # from the row, because a mark is no copy
    cache.set(people.place("anna"), "officer")
    assert people.get("anna") == "officer"


def test_what_was_read_ahead_long_ago_is_read_again(people, monkeypatch):
    monkeypatch.setattr("mobilize.core.copies.AHEAD_LASTS", 0)
    fetch("session")
    cache.set(people.place("anna"), "officer")
    assert people.get("anna") == "officer"


def test_somebody_elses_copy_is_not_taken_for_hers(people, rows):
    rows["bela"] = "driver"
    fetch("session")
    assert people.get("bela") == "driver"


def test_a_connection_that_broke_is_not_noticed(people):
    fetch("session")
    cache._cache._connection._sock.close()
    assert fetch("session") == "anna's"
    assert fetch("session") == "anna's"
