"""A shift's row that somebody holds costs nobody a thread, and nobody what she typed."""

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from frontend.joining import STATE
from mobilize.signups import groups, turns, waiting
from mobilize.signups.models import Signup, SignupGroup
from mobilize.signups.services import release, set_places, withdraw
from mobilize.tasks.models import Shift
from mobilize.workers.models import Worker
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, SignupFactory, UnionFactory, UserFactory, WorkerFactory
from tests.signups.lists import bring, people
from tests.signups.test_sign_up import join
from tests.signups.test_turns import held, nobody_waits  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def impatient():
    """This thread's connection gives up early, so that the test does not wait for its patience to end."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    yield
    connection.close()


def test_every_connection_has_limited_patience_with_locks():
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("2s",)


@pytest.mark.usefixtures("impatient")
def test_every_way_to_a_held_row_gives_up_and_changes_nothing():
    shift = ShiftFactory(places=3)
    mine, theirs = join(shift, WorkerFactory()), join(shift, WorkerFactory())
    officer = acting.officer(OfficerFactory(union=shift.task.union))
    now = timezone.now()
    before = list(Signup.objects.values_list("pk", "status"))
    ways = [
        lambda: bring(shift, WorkerFactory(), 2),
        lambda: groups.enrol(actor=officer, shift_id=shift.pk, members=people(1, 50), accepts_covenant=True, now=now),
        lambda: set_places(actor=officer, shift_id=shift.pk, places=5, now=now),
        lambda: withdraw(actor=acting.worker(mine.worker.user), signup_id=mine.pk, now=now),
        lambda: release(actor=officer, signup_id=mine.pk, why="电话", now=now),
        lambda: waiting.accept(actor=officer, signup_id=theirs.pk, now=now),
        lambda: waiting.decline(actor=officer, signup_id=theirs.pk, now=now),
    ]
    with held(shift):
        for way in ways:
            with pytest.raises(OperationalError):
                way()
    assert list(Signup.objects.values_list("pk", "status")) == before
    assert Shift.objects.get(pk=shift.pk).places == 3


@pytest.mark.usefixtures("impatient")
def test_a_group_whose_shift_is_held_gets_its_list_back(client):
    shift, leader = ShiftFactory(places=9), WorkerFactory()
    client.force_login(leader.user)
    typed = {"name": "一车间", "with_me": "on", "lines": "李英，13800000000", "accept": "on"}
    with held(shift):
        answer = client.post(reverse("group_new", args=[shift.pk]), typed)
    assert answer.status_code == 503
    assert "请稍等片刻再提交一次" in answer.text
    assert "李英，13800000000" in answer.text
    assert not SignupGroup.objects.exists()
    assert client.post(reverse("group_new", args=[shift.pk]), typed).status_code == 303


def introduce(client, shift):
    """A newcomer who accepted the covenant and came by code says who she is."""
    client.force_login(UserFactory(name=""))
    session = client.session
    session[STATE] = {"shift": str(shift.pk), "accepted": True}
    session.save()
    return client.post(reverse("about"), {"name": "王晓梅", "union": UnionFactory().pk, "consent": "on"})


def test_a_newcomer_gets_a_turn_too_and_keeps_what_she_typed(client):
    shift = ShiftFactory(places=1)
    with held(shift):
        ticket = introduce(client, shift)["Location"]
        assert "下一个就是您" in client.get(ticket).text
    assert Worker.objects.get().user.name == "王晓梅"
    turns.serve(now=timezone.now())
    assert Signup.objects.get().status == "confirmed"


def test_a_newcomer_queues_behind_those_who_wait(client):
    shift = ShiftFactory(places=1)
    first = WorkerFactory()
    turns.take(actor=acting.worker(first.user), shift_id=shift.pk, accepts_covenant=True, via="")
    assert "前面还有 1 人" in client.get(introduce(client, shift)["Location"]).text
    turns.serve(now=timezone.now())
    assert Signup.objects.get(worker=first).status == "confirmed"


@pytest.mark.usefixtures("impatient")
def test_a_held_shift_holds_up_no_other_whose_offers_lapse():
    signups = [SignupFactory(status="offered", answer_by=timezone.now()) for _ in range(3)]
    first, *others = sorted(signups, key=lambda signup: signup.shift_id)
    with held(first.shift):
        assert waiting.lapse(now=timezone.now()) == len(others)
    assert waiting.lapse(now=timezone.now()) == 1
