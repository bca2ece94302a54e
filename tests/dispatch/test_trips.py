from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.attendance import queries as attendance
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.dispatch import queries, services, trips
from mobilize.dispatch.states import TripStatus
from mobilize.outbox.models import Event
from mobilize.tasks.models import Task
from mobilize.tasks.states import Cargo, TaskStatus
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory, UserFactory

STAGES = [TripStatus.EN_ROUTE, TripStatus.ARRIVED, TripStatus.LOADED, TripStatus.COMPLETED]


@pytest.fixture
def accepted(db):
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=3)
    task = TransportFactory(union=officer.union, vehicles_needed=3)
    (offer,) = services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    services.accept(actor=acting.worker(fleet.leader), offer_id=offer.pk, vehicles=3, now=timezone.now())
    task.refresh_from_db()
    return task


def test_a_driver_reports_each_stage_and_the_persons_count_for_the_task(accepted):
    trip = accepted.trips.first()
    driver = acting.worker(trip.driver.worker.user)
    for stage in STAGES:
        trips.advance(actor=driver, trip_id=trip.pk, to=stage, now=timezone.now(), persons=4, received_by="王医生")
    trip.refresh_from_db()
    assert None not in (trip.en_route_at, trip.arrived_at, trip.loaded_at, trip.completed_at)
    counts = attendance.of_task(accepted.pk)
    assert (counts.person_trips, counts.services) == (4, 1)
    board = queries.board(accepted)
    assert board.completed_vehicles == 1


def test_a_leader_moves_all_trips_of_the_offer_and_late_ones_are_left_where_they_are(accepted):
    offer = accepted.offers.get()
    leader = acting.worker(offer.fleet.leader)
    ahead = accepted.trips.first()
    trips.advance(actor=leader, trip_id=ahead.pk, to=TripStatus.EN_ROUTE, now=timezone.now())
    moved = trips.advance_all(actor=leader, offer_id=offer.pk, to=TripStatus.EN_ROUTE, now=timezone.now())
    assert moved == 2
    assert set(accepted.trips.values_list("status", flat=True)) == {TripStatus.EN_ROUTE}


def test_nobody_sets_out_days_before(accepted):
    trip = accepted.trips.first()
    leader = acting.worker(trip.driver.fleet.leader)
    early = trip.starts_at - timedelta(hours=13)
    with pytest.raises(Conflict) as refused:
        trips.advance(actor=leader, trip_id=trip.pk, to=TripStatus.EN_ROUTE, now=early)
    assert refused.value.code == "too_early"


def test_a_stage_cannot_be_skipped_or_repeated(accepted):
    trip = accepted.trips.first()
    leader = acting.worker(trip.driver.fleet.leader)
    with pytest.raises(Conflict):
        trips.advance(actor=leader, trip_id=trip.pk, to=TripStatus.COMPLETED, now=timezone.now())
    trips.advance(actor=leader, trip_id=trip.pk, to=TripStatus.EN_ROUTE, now=timezone.now())
    with pytest.raises(Conflict):
        trips.advance(actor=leader, trip_id=trip.pk, to=TripStatus.EN_ROUTE, now=timezone.now())


def test_an_aborted_trip_opens_the_need_again(accepted):
    trip = accepted.trips.first()
    driver = acting.worker(trip.driver.worker.user)
    with pytest.raises(Invalid):
        trips.abort(actor=driver, trip_id=trip.pk, why=" ", now=timezone.now())
    trips.abort(actor=driver, trip_id=trip.pk, why="爆胎", now=timezone.now())
    accepted.refresh_from_db()
    assert (accepted.status, accepted.vehicles_left) == (TaskStatus.PUBLISHED, 1)
    with pytest.raises(Conflict):
        trips.abort(actor=driver, trip_id=trip.pk, why="爆胎", now=timezone.now())


def test_another_driver_of_the_fleet_may_not_and_a_stranger_finds_nothing(accepted):
    first, second, _ = accepted.trips.all()
    colleague = acting.worker(second.driver.worker.user)
    with pytest.raises((Forbidden, NotFound)):
        trips.advance(actor=colleague, trip_id=first.pk, to=TripStatus.EN_ROUTE, now=timezone.now())
    with pytest.raises(NotFound):
        trips.advance(actor=acting.worker(UserFactory()), trip_id=first.pk, to=TripStatus.EN_ROUTE, now=timezone.now())


def hand_over(trip, **proof):
    """Drive there and report the hand-over."""
    actor = acting.worker(trip.driver.worker.user)
    for stage in STAGES[:3]:
        trips.advance(actor=actor, trip_id=trip.pk, to=stage, now=timezone.now())
    return trips.advance(actor=actor, trip_id=trip.pk, to=TripStatus.COMPLETED, now=timezone.now(), **proof)


@pytest.mark.parametrize(
    ("cargo", "proof", "wrong"),
    [
        (Cargo.RESIDENTS, {}, {"persons": ["required"], "received_by": ["required"]}),
        (Cargo.RESIDENTS, {"persons": 501, "received_by": "王医生"}, {"persons": ["bad_count"]}),
        (Cargo.RESIDENTS, {"persons": -1, "received_by": "王医生"}, {"persons": ["bad_count"]}),
        (Cargo.PASSENGERS, {"persons": 4, "received_by": " "}, {"received_by": ["required"]}),
        (Cargo.GOODS, {"persons": 4, "received_by": "收货口令"}, {"parcels": ["required"]}),
        (Cargo.GOODS, {"parcels": 9, "received_by": "长" * 61}, {"received_by": ["too_long"]}),
        (Cargo.GOODS, {"parcels": 9, "received_by": "见 http://a.cn"}, {"received_by": ["bad_text"]}),
    ],
)
def test_no_trip_ends_without_proof_of_the_hand_over(accepted, cargo, proof, wrong):
    Task.objects.filter(pk=accepted.pk).update(cargo=cargo)
    trip = accepted.trips.first()
    with pytest.raises(Invalid) as refused:
        hand_over(trip, **proof)
    assert refused.value.fields == wrong
    trip.refresh_from_db()
    assert trip.status == TripStatus.LOADED


def test_goods_are_proven_by_parcels_and_the_recipients_name_or_code(accepted):
    Task.objects.filter(pk=accepted.pk).update(cargo=Cargo.GOODS)
    trip = hand_over(accepted.trips.first(), parcels=120, received_by=" 0312 ")
    trip.refresh_from_db()
    assert (trip.parcels, trip.persons, trip.received_by) == (120, 0, "0312")
    assert attendance.of_task(accepted.pk).person_trips == 0


def test_nobody_received_what_nobody_was_there_for(accepted):
    trip = hand_over(accepted.trips.first(), persons=0)
    trip.refresh_from_db()
    assert (trip.status, trip.persons, trip.received_by) == (TripStatus.COMPLETED, 0, "")


def test_one_proof_counts_for_each_vehicle_of_a_fleet(accepted):
    offer = accepted.offers.get()
    ask = {"actor": acting.worker(offer.fleet.leader), "offer_id": offer.pk, "now": timezone.now()}
    for stage in STAGES[:3]:
        trips.advance_all(**ask, to=stage)
    with pytest.raises(Invalid):
        trips.advance_all(**ask, to=TripStatus.COMPLETED, persons=4)
    assert trips.advance_all(**ask, to=TripStatus.COMPLETED, persons=4, received_by="王医生") == 3
    assert list(accepted.trips.values_list("persons", "received_by")) == [(4, "王医生")] * 3


@pytest.mark.parametrize("who", ["officer", "leader", "driver"])
def test_a_driver_whose_trip_somebody_else_breaks_off_is_told_once(accepted, who):
    trip = accepted.trips.first()
    driver = trip.driver.worker.user
    acting.run_outbox(after=timedelta(seconds=11))
    actors = {
        "officer": acting.officer(OfficerFactory(union=accepted.union)),
        "leader": acting.worker(trip.driver.fleet.leader),
        "driver": acting.worker(driver),
    }
    trips.abort(actor=actors[who], trip_id=trip.pk, why="改派", now=timezone.now())
    acting.run_outbox()
    Event.objects.filter(topic="trip.called_off").update(relayed_at=None)
    acting.run_outbox()
    told = [text for text in acting.messages_to(driver) if "取消" in text]
    assert len(told) == (who != "driver")
