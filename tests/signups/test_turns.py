"""The database is held up or away: a sign-up becomes a turn and is served in its order as soon as it can be."""

import http.client
import re
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from mobilize.core.errors import NotFound
from mobilize.signups import turns
from mobilize.signups.models import Signup
from mobilize.tasks.models import Shift
from tests import acting
from tests.factories import ShiftFactory, WorkerFactory
from tests.serving import database_url, served

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    monkeypatch.setattr(turns, "_looked_at", float("-inf"))


@pytest.fixture(autouse=True)
def little_patience(monkeypatch):
    monkeypatch.setattr("mobilize.core.postgresql.base.PATIENCE", "100ms")
    connection.close()
    yield
    connection.close()


@contextmanager
def held(shift):
    """Another transaction holds the shift's row."""
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT FROM tasks_shift WHERE id = %s FOR UPDATE", [shift.pk])
        yield
        other.rollback()


def tap(client, shift, worker):
    client.force_login(worker.user)
    return client.post(reverse("join", args=[shift.pk]), {"accept": "on"})


def test_a_sign_up_that_cannot_be_served_at_once_keeps_its_turn_and_later_ones_queue_behind_it(client):
    shift = ShiftFactory(places=1)
    first, second = WorkerFactory(), WorkerFactory()
    with held(shift):
        ticket = tap(client, shift, first)["Location"]
        waiting = client.get(ticket)
        assert (waiting.status_code, waiting["Refresh"]) == (200, "3")
        assert "下一个就是您" in waiting.text
        assert re.search(r'href="/me/" aria-current="page"', waiting.text)  # where the answer will be found
    later = tap(client, shift, second)["Location"]  # the row is free again, but somebody waits
    assert "前面还有 1 人" in client.get(later).text
    assert turns.serve(now=timezone.now()) == 2
    mine, theirs = Signup.objects.get(worker=first), Signup.objects.get(worker=second)
    assert (mine.status, theirs.status) == ("confirmed", "waitlisted")
    assert client.get(ticket)["Location"] == reverse("signup", args=[mine.pk])


def test_a_second_tap_keeps_the_same_turn(client):
    shift, worker = ShiftFactory(), WorkerFactory()
    with held(shift):
        assert tap(client, shift, worker)["Location"] == tap(client, shift, worker)["Location"]
    assert turns.serve(now=timezone.now()) == 1


def test_a_turn_that_is_refused_says_why_and_leads_back(client):
    shift, worker = ShiftFactory(), WorkerFactory()
    with held(shift):
        ticket = tap(client, shift, worker)["Location"]
    Shift.objects.filter(pk=shift.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    turns.serve(now=timezone.now())
    page = client.get(ticket).text
    assert "这个班次已经开始" in page
    assert reverse("shift", args=[shift.pk]) in page


def test_a_turn_served_twice_is_one_sign_up():
    shift, worker = ShiftFactory(), WorkerFactory()
    ticket = turns.take(actor=acting.worker(worker.user), shift_id=shift.pk, accepts_covenant=True, via="")
    turns.serve(now=timezone.now())
    cache.decr("turns:served")  # the server died before it noted what it had done
    cache.set("turns:1", turns.Turn(user_id=worker.user_id, shift_id=shift.pk, accepts_covenant=True, via=""))
    turns.serve(now=timezone.now())
    assert turns.look(ticket)[0].signup_id == Signup.objects.get().pk


def test_a_number_whose_turn_was_never_written_holds_nobody_up_for_long():
    shift, worker = ShiftFactory(), WorkerFactory()
    cache.set("turns:last", 1, None)
    cache.set("turns:served", 0, None)
    turns.take(actor=acting.worker(worker.user), shift_id=shift.pk, accepts_covenant=True, via="")
    now = timezone.now()
    assert turns.serve(now=now) == 0
    assert turns.serve(now=now + timedelta(seconds=turns.WRITTEN_WITHIN)) == 2
    assert Signup.objects.count() == 1


def test_a_made_up_ticket_is_not_found(client):
    with pytest.raises(NotFound):
        turns.look("1:made-up")
    assert client.get(reverse("turn", args=["1:made-up"])).status_code == 404


def send(port, method, path, cookies, body=""):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    link.request(method, path, body, headers)
    answer = link.getresponse()
    answer.read()
    link.close()
    return answer


@contextmanager
def database_away():
    """Nobody can connect, and whoever was connected is not any more."""
    name = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(database_url("postgres"), autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_while_the_database_is_away_a_tap_is_kept_and_served_when_it_is_back(client):
    shift, worker = ShiftFactory(), WorkerFactory()
    client.force_login(worker.user)
    secret = "a" * 32
    cookies = f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}; csrftoken={secret}"
    path = reverse("join", args=[shift.pk])
    with served(workers=1, threads=1) as port:
        assert send(port, "GET", path, cookies).status == 200
        with database_away():
            answer = send(port, "POST", path, cookies, f"csrfmiddlewaretoken={secret}&accept=on")
            assert (answer.status, answer.headers["Location"][:6]) == (303, "/turn/")
            assert send(port, "GET", answer.headers["Location"], cookies).status == 200
            assert send(port, "GET", path, cookies).status == 503
    assert turns.serve(now=timezone.now()) == 1
    assert Signup.objects.get().worker == worker


def test_a_turn_that_fails_on_our_side_is_told_so_and_holds_nobody_up(client):
    shift, worker = ShiftFactory(), WorkerFactory()
    broken = turns.take(actor=acting.worker(WorkerFactory().user), shift_id="no-id", accepts_covenant=True, via="")
    turns.take(actor=acting.worker(worker.user), shift_id=shift.pk, accepts_covenant=True, via="")
    assert turns.serve(now=timezone.now()) == 2
    assert turns.look(broken)[0].refusal == "fault"
    assert Signup.objects.get().worker == worker


def test_a_turn_that_waits_or_was_refused_is_found_under_my_duties_until_it_became_a_sign_up(client):
    shift, refused, worker = ShiftFactory(), ShiftFactory(), WorkerFactory()
    client.force_login(worker.user)
    for wanted in (shift, refused):
        turns.take(actor=acting.worker(worker.user), shift_id=wanted.pk, accepts_covenant=True, via="")
    assert client.get(reverse("duties")).text.count("您的顺序已保留") == 2
    Shift.objects.filter(pk=refused.pk).update(starts_at=timezone.now() - timedelta(minutes=1))
    turns.serve(now=timezone.now())
    page = client.get(reverse("duties")).text
    assert "您的顺序已保留" not in page
    assert page.count("有一次报名未成功") == 1
    [(ticket, _)] = turns.of_person(worker.user_id)
    assert reverse("turn", args=[ticket]) in page
    client.force_login(WorkerFactory().user)
    assert "有一次报名未成功" not in client.get(reverse("duties")).text
