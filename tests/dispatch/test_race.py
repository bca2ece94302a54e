"""Fleets that accept at the same instant, over HTTP, against the server of production."""

from functools import partial

import pytest
from django.utils import timezone

from mobilize.dispatch import services
from mobilize.dispatch.models import Trip
from mobilize.tasks.models import Task
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory
from tests.serving import call

pytestmark = pytest.mark.django_db(transaction=True)
NEEDED = 40


def say_yes(port, offer, header, vehicles):
    return call(port, "POST", f"/api/v1/dispatch/offers/{offer.pk}/accept/", {"vehicles": vehicles}, header)


def rush(port):
    """Twelve fleets promise six vehicles each, at once."""
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union, vehicles_needed=NEEDED)
    fleets = [FleetFactory(union=officer.union, drivers=6) for _ in range(12)]
    offers = services.offer(
        actor=acting.officer(officer), task_id=task.pk, fleet_ids=[f.pk for f in fleets], now=timezone.now()
    )
    answers = acting.at_once(
        [partial(say_yes, port, offer, acting.bearer(offer.fleet.leader), vehicles=6) for offer in offers]
    )
    return task, answers


def test_never_more_vehicles_are_accepted_than_needed_and_nobody_sees_an_error(server):
    task, answers = rush(server)
    assert sorted(status for status, _ in answers) == [200] * 6 + [409] * 6
    assert {body["code"] for status, body in answers if status == 409} == {"need_is_filled"}
    assert Task.objects.get(pk=task.pk).vehicles_accepted == Trip.objects.filter(task=task).count() == 36


def test_without_the_guards_the_same_rush_accepts_too_many(unguarded_server):
    assert any(Trip.objects.filter(task=rush(unguarded_server)[0]).count() > NEEDED for _ in range(20))


def test_one_offer_answered_ten_times_at_once_is_answered_once(server):
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union, vehicles_needed=NEEDED)
    fleet = FleetFactory(union=officer.union, drivers=8)
    (offer,) = services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    header = acting.bearer(fleet.leader)
    answers = acting.at_once([partial(say_yes, server, offer, header, vehicles=4)] * 10)
    assert sorted(status for status, _ in answers) == [200] + [409] * 9
    assert Trip.objects.filter(task=task).count() == 4
