"""A person asks to be forgotten: what is hers goes, what others rely on is set right."""

import pytest
from django.utils import timezone

from mobilize.accounts.models import Challenge
from mobilize.accounts.services import request_code
from mobilize.channels.models import Delivery
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Unauthenticated
from mobilize.fleets.models import Fleet
from mobilize.signups.models import Signup
from mobilize.workers.services import erase_me
from tests import acting
from tests.factories import FleetFactory, ShiftFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def erase(person):
    erase_me(actor=acting.worker(person.user))
    acting.run_outbox()
    person.user.refresh_from_db()


def test_name_and_number_are_gone_from_the_person_her_codes_and_her_messages():
    worker = WorkerFactory(user__name="李英", user__phone="+8613800000001")
    request_code(phone="13800000001", now=timezone.now())
    join(ShiftFactory(), worker)
    acting.run_outbox()
    erase(worker)
    assert (worker.user.name, worker.user.is_active) == ("", False)
    assert not Challenge.objects.filter(phone="+8613800000001").exists()
    assert not Delivery.objects.filter(phone="+8613800000001").exists()
    assert not Delivery.objects.exclude(body="").exists()


def test_her_place_goes_to_who_waits():
    shift, worker, next_one = ShiftFactory(places=1), WorkerFactory(), WorkerFactory()
    join(shift, worker)
    waiting = join(shift, next_one)
    erase(worker)
    assert Signup.objects.get(pk=waiting.pk).status == "offered"
    assert len(acting.messages_to(next_one.user)) == 1


def test_a_driver_leaves_the_roster_and_a_fleet_without_its_leader_gets_no_offers():
    fleet = FleetFactory(drivers=1)
    driver = fleet.drivers.get()
    erase(driver.worker)
    assert not fleet.drivers.filter(active=True).exists()
    erase(WorkerFactory(user=fleet.leader))
    assert Fleet.objects.get(pk=fleet.pk).status == "suspended"


def test_the_number_may_begin_anew():
    worker = WorkerFactory(user__phone="+8613800000002")
    erase(worker)
    assert WorkerFactory(user__phone="+8613800000002").user_id != worker.user_id


def test_a_stranger_has_nothing_to_erase():
    with pytest.raises(Unauthenticated):
        erase_me(actor=STRANGER)
