"""A dispatch by hand is taken back within ten seconds, and nobody hears of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.channels.models import Delivery
from mobilize.core.errors import Conflict, Forbidden, NotFound
from mobilize.dispatch import queries, search, services
from mobilize.dispatch.models import Offer
from mobilize.dispatch.states import UNDO_WITHIN
from mobilize.unions.states import Role
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory, UserFactory


@pytest.fixture
def officer(db):
    return OfficerFactory()


@pytest.fixture
def batch(officer):
    task = TransportFactory(union=officer.union, vehicles_needed=9)
    fleets = [FleetFactory(union=officer.union, drivers=2) for _ in range(3)]
    return services.offer(
        actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk for fleet in fleets], now=timezone.now()
    )


def test_the_whole_batch_is_taken_back_and_nobody_hears_of_it(officer, batch):
    late = batch[0].created_at + UNDO_WITHIN - timedelta(microseconds=1)
    acting.run_outbox()
    assert services.undo(actor=acting.officer(officer), offer_id=batch[1].pk, now=late) == 3
    acting.run_outbox(after=timedelta(minutes=1))
    assert set(Offer.objects.values_list("status", flat=True)) == {"cancelled"}
    assert not any(acting.messages_to(offer.fleet.leader) for offer in batch)


def test_an_offer_taken_back_alone_within_that_time_sends_nothing_either(officer, batch):
    acting.run_outbox()
    services.take_back(actor=acting.officer(officer), offer_id=batch[0].pk, now=timezone.now())
    acting.run_outbox(after=timedelta(minutes=1))
    assert [len(acting.messages_to(offer.fleet.leader)) for offer in batch] == [0, 1, 1]


def test_what_was_accepted_meanwhile_is_called_off_and_other_batches_stay(officer, batch):
    acting.run_outbox()
    services.accept(actor=acting.worker(batch[0].fleet.leader), offer_id=batch[0].pk, vehicles=2, now=timezone.now())
    other = services.offer(
        actor=acting.officer(officer),
        task_id=batch[0].task_id,
        fleet_ids=[FleetFactory(union=officer.union, drivers=1).pk],
        now=timezone.now(),
    )[0]
    acting.run_outbox()
    assert services.undo(actor=acting.officer(officer), offer_id=batch[0].pk, now=timezone.now()) == 3
    taken_back = Offer.objects.get(pk=batch[0].pk)
    assert (taken_back.status, taken_back.vehicles_accepted, taken_back.task.vehicles_accepted) == ("cancelled", 0, 0)
    assert Offer.objects.get(pk=other.pk).status == "offered"
    acting.run_outbox(after=timedelta(minutes=1))
    for trip in taken_back.trips.all():
        assert trip.status == "aborted"
        assert acting.messages_to(trip.driver.worker.user) == []  # no message leaves while it can be undone
    assert "车队不必" in acting.messages_to(taken_back.fleet.leader)[-1]
    assert queries.called_off(queries.made_together(taken_back)) == 2


@pytest.mark.parametrize("answer", ["half of it", "no", "a no that is not looked at yet"])
def test_whoever_the_search_has_asked_meanwhile_is_let_go_too(officer, batch, answer):
    offer = batch[0]
    leader = acting.worker(offer.fleet.leader)
    FleetFactory(union=officer.union, drivers=3)
    if answer == "half of it":
        services.accept(actor=leader, offer_id=offer.pk, vehicles=1, now=timezone.now())
    else:
        services.decline(actor=leader, offer_id=offer.pk, now=timezone.now())
    if answer != "a no that is not looked at yet":
        assert search.advance(task_id=offer.task_id, now=timezone.now())
    services.undo(actor=acting.officer(officer), offer_id=offer.pk, now=timezone.now())
    assert not offer.task.offers.filter(status__in=["offered", "accepted"]).exists()
    assert search.advance_all(now=timezone.now() + timedelta(minutes=1)) == 0
    acting.run_outbox(after=timedelta(minutes=2))
    assert not Delivery.objects.filter(kind="offer").exists()


def test_what_was_undone_is_not_replaced_by_the_search_and_can_be_offered_again(officer, batch):
    services.accept(actor=acting.worker(batch[0].fleet.leader), offer_id=batch[0].pk, vehicles=2, now=timezone.now())
    services.undo(actor=acting.officer(officer), offer_id=batch[0].pk, now=timezone.now())
    acting.run_outbox()
    assert search.advance_all(now=timezone.now()) == 0
    again = services.offer(
        actor=acting.officer(officer),
        task_id=batch[0].task_id,
        fleet_ids=[batch[0].fleet_id],
        now=timezone.now(),
    )
    assert [offer.vehicles_offered for offer in again] == [2]


def test_a_fulfilled_task_opens_again(officer):
    task = TransportFactory(union=officer.union, vehicles_needed=1)
    driver = FleetFactory(union=officer.union, drivers=1).drivers.get()
    ask = {"actor": acting.officer(officer), "task_id": task.pk, "driver_ids": [driver.pk], "now": timezone.now()}
    (offer,) = services.offer(**ask)
    services.accept(actor=acting.worker(driver.worker.user), offer_id=offer.pk, vehicles=1, now=timezone.now())
    task.refresh_from_db()
    assert (task.status, queries.undoable(task, now=timezone.now()).pk) == ("fulfilled", offer.pk)
    services.undo(actor=acting.officer(officer), offer_id=offer.pk, now=timezone.now())
    task.refresh_from_db()
    assert (task.status, task.vehicles_left) == ("published", 1)


def test_ten_seconds_later_it_is_too_late(officer, batch):
    with pytest.raises(Conflict) as refused:
        services.undo(actor=acting.officer(officer), offer_id=batch[0].pk, now=batch[0].created_at + UNDO_WITHIN)
    assert refused.value.code == "too_late_to_undo"
    assert set(Offer.objects.values_list("status", flat=True)) == {"offered"}


def test_a_viewer_the_asked_and_others_may_not(officer, batch):
    viewer = OfficerFactory(union=officer.union, role=Role.VIEWER)
    others = [
        (acting.officer(viewer), Forbidden),
        (acting.worker(batch[0].fleet.leader), NotFound),
        (acting.officer(OfficerFactory()), NotFound),
        (acting.worker(UserFactory()), NotFound),
    ]
    for actor, error in others:
        with pytest.raises(error):
            services.undo(actor=actor, offer_id=batch[0].pk, now=timezone.now())
    assert set(Offer.objects.values_list("status", flat=True)) == {"offered"}
