"""Sixty people at once on twenty places, over HTTP, against the server of production."""

import pytest

from mobilize.outbox.models import Event
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from tests import acting
from tests.factories import ShiftFactory, WorkerFactory
from tests.serving import call, served

pytestmark = pytest.mark.django_db(transaction=True)
PLACES, PEOPLE = 20, 60


def rush(port):
    shift = ShiftFactory(places=PLACES)
    headers = [acting.bearer(WorkerFactory().user) for _ in range(PEOPLE)]
    path = f"/api/v1/shifts/{shift.pk}/signups/"
    answers = acting.at_once(
        [lambda h=header: call(port, "POST", path, {"accepts_covenant": True}, h) for header in headers]
    )
    return shift, answers


def test_twenty_are_confirmed_and_forty_wait_at_positions_1_to_40():
    with served() as port:
        shift, answers = rush(port)
    assert [status for status, _ in answers] == [201] * PEOPLE
    bodies = [body for _, body in answers]
    assert sorted(body["position"] for body in bodies if body["status"] == "waitlisted") == list(range(1, 41))
    confirmed = Signup.objects.filter(shift=shift, status=SignupStatus.CONFIRMED)
    assert confirmed.count() == PLACES
    assert Event.objects.filter(topic="signup.confirmed").count() == PLACES
    assert Event.objects.filter(topic="signup.waitlisted").count() == PEOPLE - PLACES


def test_without_the_lock_the_same_rush_overbooks():
    with served("tests.unguarded:application") as port:
        most = max(Signup.objects.filter(shift=rush(port)[0], status=SignupStatus.CONFIRMED).count() for _ in range(3))
    assert most > PLACES
