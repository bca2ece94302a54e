"""A duty is taken over or swapped by a tap; the same tap again says the same."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mobilize.signups import swaps
from mobilize.signups.models import Signup
from tests import acting
from tests.factories import DutyFactory, ShiftFactory, WorkerFactory
from tests.frontend.conftest import BACKEND
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    signup = join(ShiftFactory(task=DutyFactory(), places=2), WorkerFactory())
    return swaps.look_for_somebody(actor=acting.worker(signup.worker.user), signup_id=signup.pk, now=timezone.now())


def of(worker):
    client = Client()
    client.force_login(worker.user, BACKEND)
    return client


def test_whoever_took_a_duty_over_is_led_to_it_however_often_she_says_so(place):
    taker = of(WorkerFactory())
    path = reverse("wanted_place", args=[place.pk])
    first = taker.post(path, {"accept": "on"})
    mine = reverse("signup", args=[Signup.objects.get(status="confirmed").pk])
    assert first["Location"] == mine
    assert taker.post(path, {"accept": "on"})["Location"] == mine
    assert taker.get(path)["Location"] == mine


def test_who_is_too_late_reads_that_nobody_is_looked_for_any_more(place):
    path = reverse("wanted_place", args=[place.pk])
    of(WorkerFactory()).post(path, {"accept": "on"})
    answer = of(WorkerFactory()).post(path, {"accept": "on"})
    assert answer.status_code == 404
    assert "不再找人接替" in answer.content.decode()


@pytest.mark.parametrize("ending", ["accepted already", "taken back"])
def test_an_answer_to_what_is_settled_leads_to_her_duty_as_it_is(place, ending):
    other = join(ShiftFactory(task=place.shift.task, starts_at=place.shift.ends_at), WorkerFactory())
    proposal = swaps.propose(
        actor=acting.worker(other.worker.user), signup_id=place.pk, in_return_id=other.pk, now=timezone.now()
    )
    hers, path = of(place.worker), reverse("accept_swap", args=[proposal.pk])
    if ending == "taken back":
        swaps.decline(actor=acting.worker(other.worker.user), proposal_id=proposal.pk)
        assert hers.post(path)["Location"] == reverse("swap", args=[place.pk])
        return
    first = hers.post(path)["Location"]
    assert Signup.objects.get(pk=first.split("/")[-2]).worker == place.worker
    assert hers.post(path)["Location"] == first
    assert of(WorkerFactory()).post(path).status_code == 404
