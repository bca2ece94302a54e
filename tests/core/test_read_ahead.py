"""What a session or a token leads to is read with it, and never older than its row for that."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from redis import Connection

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


@pytest.fixture
def reads(monkeypatch):
    """What this process alone asks the cache from now on: other tests share the server."""
    asked, send = [], Connection.send_packed_command

    def noted(connection, command, **options):
        name = command[0].split(b"\r\n")[2]
        asked.extend({name} & {b"GET", b"MGET", b"EVALSHA"})
        return send(connection, command, **options)

    monkeypatch.setattr(Connection, "send_packed_command", noted)
    return asked


def test_both_come_in_one_round_trip(people, reads):
    assert (fetch("session"), people.get("anna")) == ("anna's", "worker")
    assert len(reads) == 1


def test_a_session_that_leads_to_nobody_yet_is_read_alone(people, reads):
    cache.set("new", "stranger's")
    assert (fetch("new"), people.get("anna")) == ("stranger's", "worker")
    assert len(reads) == 2


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


def test_what_a_session_leads_to_is_known_to_every_process(people, rows, reads):
    def another():  # has its own connection, and has read nothing yet
        return fetch("session"), people.get("anna")

    with ThreadPoolExecutor() as pool:
        assert pool.submit(another).result() == ("anna's", "worker")
    assert len(reads) == 1


def test_a_cache_that_was_restarted_is_not_noticed(people):
    fetch("session")
    cache._cache.get_client().script_flush()
    assert (fetch("session"), people.get("anna")) == ("anna's", "worker")


def test_a_connection_that_broke_is_not_noticed(people):
    fetch("session")
    cache._cache._connection._sock.close()
    assert fetch("session") == "anna's"
    assert fetch("session") == "anna's"
