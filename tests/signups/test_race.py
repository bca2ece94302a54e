"""Sixty people at once on twenty places, and leaving at once, over HTTP, against the server of production."""

from functools import partial

import pytest

from mobilize.outbox.models import Event
from mobilize.signups.models import Signup
from mobilize.signups.states import TAKING_A_PLACE
from tests import acting
from tests.factories import ShiftFactory, WorkerFactory
from tests.serving import call

pytestmark = pytest.mark.django_db(transaction=True)
PLACES, PEOPLE = 20, 60


def rush(port):
    """Everybody signs up at the same instant; returns the shift and each answer with its person's header."""
    shift = ShiftFactory(places=PLACES)
    headers = [acting.bearer(WorkerFactory().user) for _ in range(PEOPLE)]
    path = f"/api/v1/shifts/{shift.pk}/signups/"
    calls = [partial(call, port, "POST", path, {"accepts_covenant": True}, header) for header in headers]
    return shift, list(zip(acting.at_once(calls), headers, strict=True))


def leave(port, answers):
    """Everybody confirmed withdraws at the same instant; returns the statuses."""
    calls = [
        partial(call, port, "POST", f"/api/v1/signups/{body['id']}/withdraw/", {}, header)
        for (status, body), header in answers
        if status == 201 and body["status"] == "confirmed"
    ]
    return [status for status, _ in acting.at_once(calls)]


def confirmed(shift):
    return Signup.objects.filter(shift=shift, status__in=TAKING_A_PLACE).count()


def test_twenty_are_confirmed_and_forty_wait_at_positions_1_to_40(server):
    shift, answers = rush(server)
    assert [status for (status, _), _ in answers] == [201] * PEOPLE
    bodies = [body for (_, body), _ in answers]
    assert sorted(body["position"] for body in bodies if body["status"] == "waitlisted") == list(range(1, 41))
    assert confirmed(shift) == PLACES
    assert Event.objects.filter(topic="signup.confirmed").count() == PLACES
    assert Event.objects.filter(topic="signup.waitlisted").count() == PEOPLE - PLACES


def test_places_given_back_at_once_go_to_as_many_of_those_waiting_in_their_order(server):
    shift, answers = rush(server)
    assert leave(server, answers) == [200] * PLACES
    assert confirmed(shift) == PLACES
    waiting = Signup.objects.filter(shift=shift).exclude(waiting_number=None).order_by("waiting_number")
    assert [row.status for row in waiting] == ["offered"] * PLACES + ["waitlisted"] * PLACES
    assert Event.objects.filter(topic="signup.promoted").count() == PLACES


def test_without_the_lock_the_same_rush_overbooks_and_the_same_leaving_goes_wrong(unguarded_server):
    overbooked, went_wrong = False, False
    for _ in range(20):
        shift, answers = rush(unguarded_server)
        overbooked = overbooked or confirmed(shift) > PLACES
        statuses = leave(unguarded_server, answers)
        went_wrong = went_wrong or set(statuses) != {200} or confirmed(shift) != PLACES
        if overbooked and went_wrong:
            break
    assert overbooked
    assert went_wrong
