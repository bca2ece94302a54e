from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, NotFound, Unauthenticated
from mobilize.dispatch import services as dispatch
from mobilize.fleets.services import add_drivers, release_driver
from mobilize.tasks.models import Task
from mobilize.unions.states import Role
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory, UserFactory
from tests.fleets.test_create_fleet import LINES

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return OfficerFactory()


def release(actor, driver):
    return release_driver(actor=actor, driver_id=driver.pk, now=timezone.now())


def test_a_driver_leaves_with_her_vehicle_and_both_may_join_another_fleet(officer):
    fleets = [FleetFactory(union=officer.union) for _ in range(2)]
    desk = acting.officer(officer)
    (driver,) = add_drivers(actor=desk, fleet_id=fleets[0].pk, lines=LINES[:1], now=timezone.now())
    release(acting.worker(driver.worker.user), driver)
    (again,) = add_drivers(actor=desk, fleet_id=fleets[1].pk, lines=LINES[:1], now=timezone.now())
    assert again.worker == driver.worker
    with pytest.raises(Conflict):
        release(desk, driver)


def test_trips_she_still_had_are_needed_again_and_she_is_told(officer):
    fleet = FleetFactory(union=officer.union, drivers=1)
    task = TransportFactory(union=officer.union, vehicles_needed=1)
    desk = acting.officer(officer)
    (offer,) = dispatch.offer(actor=desk, task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    dispatch.accept(actor=acting.worker(fleet.leader), offer_id=offer.pk, vehicles=1, now=timezone.now())
    acting.run_outbox(after=timedelta(seconds=11))
    driver = fleet.drivers.get()
    release(desk, driver)
    acting.run_outbox()  # first that she drives, then that she need not
    task = Task.objects.get(pk=task.pk)
    assert (task.status, task.vehicles_left) == ("published", 1)
    assert len(acting.messages_to(driver.worker.user)) == 2


def test_others_may_not(officer):
    driver = FleetFactory(union=officer.union, drivers=1).drivers.get()
    for actor, error in [
        (STRANGER, Unauthenticated),
        (acting.worker(UserFactory()), NotFound),
        (acting.officer(OfficerFactory()), NotFound),
        (acting.officer(OfficerFactory(union=officer.union, role=Role.VIEWER)), Forbidden),
    ]:
        with pytest.raises(error):
            release(actor, driver)
