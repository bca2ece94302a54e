"""Proposing, committing and taking back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.dispatch import plans
from mobilize.dispatch.models import Offer
from mobilize.dispatch.states import PlanMode
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return OfficerFactory()


def need(officer, vehicles=2, **more):
    """A task of two hours."""
    more.setdefault("ends_at", timezone.now() + timedelta(hours=3))
    return TransportFactory(union=officer.union, vehicles_needed=vehicles, **more)


def propose(officer, *tasks, mode=PlanMode.DRIVERS, **more):
    more.setdefault("now", timezone.now())
    return plans.propose(actor=acting.officer(officer), task_ids=[task.pk for task in tasks], mode=mode, **more)


def commit(officer, plan, now=None):
    return plans.commit(actor=acting.officer(officer), plan_id=plan.pk, now=now or timezone.now())


def test_a_proposal_names_a_driver_for_each_vehicle_and_changes_nothing(officer):
    task, fleet = need(officer), FleetFactory(union=officer.union, drivers=3)
    plan = propose(officer, task)
    drivers = {each.driver_id for each in plan.assignments.all()}
    assert len(drivers) == 2
    assert drivers <= set(fleet.drivers.values_list("pk", flat=True))
    assert not plan.unserved.all()
    assert not Offer.objects.exists()


def test_committing_offers_and_undoing_takes_back(officer):
    task = need(officer)
    FleetFactory(union=officer.union, drivers=3)
    now = timezone.now()
    plan = commit(officer, propose(officer, task, now=now), now)
    assert set(plan.offers.values_list("status", flat=True)) == {"offered"}
    undone = plans.undo(actor=acting.officer(officer), plan_id=plan.pk, now=now + timedelta(seconds=10))
    assert undone.status == "undone"
    assert set(plan.offers.values_list("status", flat=True)) == {"cancelled"}
