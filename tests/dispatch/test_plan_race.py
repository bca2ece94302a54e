"""Plans committed at the same instant."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from mobilize.core import locks
from mobilize.core.errors import Conflict
from mobilize.dispatch import plans
from mobilize.dispatch.models import Offer, Plan
from mobilize.dispatch.states import PlanMode
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory

pytestmark = pytest.mark.django_db(transaction=True)


def proposed(officer, task, mode=PlanMode.DRIVERS):
    return plans.propose(actor=acting.officer(officer), task_ids=[task.pk], mode=mode, now=timezone.now())


def committing(officer, plan):
    return partial(plans.commit, actor=acting.officer(officer), plan_id=plan.pk, now=timezone.now())


def need(officer, vehicles):
    return TransportFactory(union=officer.union, vehicles_needed=vehicles, ends_at=timezone.now() + timedelta(hours=3))


def outcome(answers):
    """How many were committed, and the codes of the others."""
    refused = [answer.code for answer in answers if isinstance(answer, Conflict)]
    done = [answer for answer in answers if isinstance(answer, Plan)]
    assert len(done) + len(refused) == len(answers), answers
    return len(done), sorted(set(refused))


def test_one_plan_committed_eight_times_at_once_is_committed_once():
    officer = OfficerFactory()
    FleetFactory(union=officer.union, drivers=5)
    plan = proposed(officer, need(officer, 4))
    assert outcome(acting.at_once([committing(officer, plan)] * 8)) == (1, ["wrong_status"])
    assert Offer.objects.count() == 4


def two_plans_for_one_task():
    """Each gives the whole task to another fleet. Return the outcome, and the vehicles offered."""
    officer = OfficerFactory()
    fleets = [FleetFactory(union=officer.union, drivers=4) for _ in range(2)]
    task = need(officer, 4)
    both = [proposed(officer, task, PlanMode.FLEETS) for _ in fleets]
    for plan, fleet in zip(both, fleets, strict=True):
        plan.assignments.update(fleet=fleet)
    answers = acting.at_once([committing(officer, plan) for plan in both])
    return outcome(answers), sum(Offer.objects.filter(task=task).values_list("vehicles_offered", flat=True))


def test_two_plans_for_one_task_do_not_both_ask_for_all_it_needs():
    for _ in range(5):
        assert two_plans_for_one_task() == ((1, ["plan_is_stale"]), 4)


def test_without_the_locks_they_do(monkeypatch):
    monkeypatch.setattr(plans, "guarded", lambda rows: rows)
    monkeypatch.setattr(locks, "guarded", lambda rows: rows)
    assert max(two_plans_for_one_task()[1] for _ in range(8)) == 8


def test_plans_that_want_the_same_fleet_for_different_tasks_do_not_both_get_it():
    officer = OfficerFactory()
    FleetFactory(union=officer.union, drivers=4)
    both = [proposed(officer, need(officer, 4), PlanMode.FLEETS) for _ in range(2)]
    assert outcome(acting.at_once([committing(officer, plan) for plan in both])) == (1, ["plan_is_stale"])


def test_plans_that_want_the_same_drivers_for_different_tasks_do_not_both_get_them():
    officer = OfficerFactory()
    FleetFactory(union=officer.union, drivers=4)
    both = [proposed(officer, need(officer, 4)) for _ in range(2)]
    assert outcome(acting.at_once([committing(officer, plan) for plan in both])) == (1, ["plan_is_stale"])
    assert Offer.objects.count() == 4
