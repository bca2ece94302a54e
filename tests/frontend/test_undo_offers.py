"""Offers made by hand are taken back with one button, as long as no message has left."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.dispatch import services
from mobilize.dispatch.models import Offer
from mobilize.dispatch.states import OfferStatus
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory
from tests.frontend.conftest import BACKEND, show


@pytest.fixture
def batch(desk, officer):
    """Two offers that were made together at the desk."""
    task = TransportFactory(union=officer.union)
    fleets = [FleetFactory(union=officer.union, drivers=2) for _ in range(2)]
    desk.post(reverse("desk_offer_new", args=[task.pk]), {"fleet_ids": [fleet.pk for fleet in fleets]})
    return list(Offer.objects.filter(task=task))


def page(client, batch):
    return client.get(reverse("desk_task", args=[batch[0].task_id])).text


def undo(client, batch):
    return client.post(reverse("desk_offer_undo", args=[batch[0].pk]), follow=True)


def still_open(batch):
    return Offer.objects.filter(pk__in=[offer.pk for offer in batch], status=OfferStatus.OFFERED).count()


def test_the_board_offers_to_take_the_batch_back_and_does(desk, batch):
    assert len(batch) == 2
    assert "消息将于" in page(desk, batch)
    assert "已撤回，没有通知任何人" in undo(desk, batch).text
    assert still_open(batch) == 0
    assert "消息将于" not in page(desk, batch)


def test_it_says_how_many_promised_trips_it_calls_off(desk, batch):
    leader = acting.worker(batch[0].fleet.leader)
    services.accept(actor=leader, offer_id=batch[0].pk, vehicles=2, now=timezone.now())
    assert "2 趟" in undo(desk, batch).text


def test_when_the_messages_have_left_it_is_refused(desk, batch):
    Offer.objects.update(created_at=timezone.now() - timedelta(seconds=11))
    assert "消息将于" not in page(desk, batch)
    assert "消息已经发出" in undo(desk, batch).text
    assert still_open(batch) == 2


def test_the_polled_board_changes_when_the_ten_seconds_are_over(desk, batch):
    address = reverse("desk_task", args=[batch[0].task_id])
    etag = desk.get(address, headers={"HX-Request": "true", "HX-Target": "board"})["ETag"]
    again = {"HX-Request": "true", "HX-Target": "board", "If-None-Match": etag}
    assert desk.get(address, headers=again).status_code == 304
    Offer.objects.update(created_at=timezone.now() - timedelta(seconds=11))
    assert desk.get(address, headers=again).status_code == 200


def test_an_officer_of_another_branch_finds_nothing(client, batch):
    stranger = OfficerFactory()
    client.force_login(stranger.user, BACKEND)
    show(client, stranger.user, "password", "mfa")
    assert undo(client, batch).status_code == 404
    assert still_open(batch) == 2
