"""Twenty drivers accept the last five places at the same instant, again and again, against the server of production.

`LAST_PLACES_ROUNDS` sets how often; `make prove-offers` does it 50 times.
"""

import os
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from mobilize.dispatch import services
from mobilize.tasks.models import Task
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory
from tests.serving import call

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = int(os.environ.get("LAST_PLACES_ROUNDS", "25"))
PLACES, DRIVERS, GIVEN = 5, 20, 3
HOURS = timedelta(hours=1)


class Crowd:
    """Twenty drivers with their tokens, and a leader who has promised the first vehicles of each need."""

    def __init__(self):
        self.officer = OfficerFactory()
        self.drivers = list(FleetFactory(union=self.officer.union, drivers=DRIVERS).drivers.all())
        self.headers = {driver.pk: acting.bearer(driver.worker.user) for driver in self.drivers}
        self.others = FleetFactory(union=self.officer.union, drivers=GIVEN)

    def rush(self, port, number):
        """Offer a need with five places left to all, and let all accept at once."""
        now = timezone.now()
        starts_at = now + timedelta(days=number) + 3 * HOURS  # so that nobody is busy with an earlier round, or tired
        task = TransportFactory(
            union=self.officer.union, vehicles_needed=GIVEN + PLACES, starts_at=starts_at, ends_at=starts_at + HOURS
        )
        ask = {"actor": acting.officer(self.officer), "task_id": task.pk, "now": now}
        (whole,) = services.offer(**ask, fleet_ids=[self.others.pk])
        services.accept(actor=acting.worker(self.others.leader), offer_id=whole.pk, vehicles=GIVEN, now=now)
        offers = services.offer(**ask, driver_ids=[driver.pk for driver in self.drivers])
        answers = acting.at_once([partial(say_yes, port, offer, self.headers[offer.driver_id]) for offer in offers])
        return task, answers


def say_yes(port, offer, header):
    return call(port, "POST", f"/api/v1/dispatch/offers/{offer.pk}/accept/", {"vehicles": 1}, header)


def test_never_six_and_nobody_sees_an_error(server):
    crowd = Crowd()
    for number in range(ROUNDS):
        task, answers = crowd.rush(server, number)
        assert Counter(status for status, _ in answers) == {200: PLACES, 409: DRIVERS - PLACES}
        assert {body["code"] for status, body in answers if status == 409} <= {"need_is_filled", "wrong_status"}
        assert task.trips.count() == Task.objects.get(pk=task.pk).vehicles_accepted == GIVEN + PLACES
        assert not task.offers.filter(status="offered").exists()


def test_without_the_guards_the_same_rush_accepts_six_and_more(unguarded_server):
    crowd = Crowd()
    assert any(crowd.rush(unguarded_server, number)[0].trips.count() > GIVEN + PLACES for number in range(20))
