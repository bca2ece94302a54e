from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.dispatch import services
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import OfferStatus
from mobilize.tasks.models import Task
from mobilize.tasks.states import TaskStatus
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory, UserFactory


@pytest.fixture
def dispatcher(db):
    return OfficerFactory()


def offered(dispatcher, task, *fleets):
    return services.offer(
        actor=acting.officer(dispatcher), task_id=task.pk, fleet_ids=[f.pk for f in fleets], now=timezone.now()
    )


def say_yes(offer, vehicles, **more):
    leader = Offer.objects.get(pk=offer.pk).fleet.leader
    return services.accept(
        **({"actor": acting.worker(leader), "now": timezone.now()} | more), offer_id=offer.pk, vehicles=vehicles
    )


def test_two_fleets_fill_the_need_and_each_vehicle_gets_a_trip(dispatcher):
    task = TransportFactory(union=dispatcher.union, vehicles_needed=5)
    big, small = (FleetFactory(union=dispatcher.union, drivers=n) for n in (4, 3))
    by_fleet = {offer.fleet_id: offer for offer in offered(dispatcher, task, big, small)}
    say_yes(by_fleet[big.pk], 3)
    say_yes(by_fleet[small.pk], 2)
    task.refresh_from_db()
    assert (task.vehicles_accepted, task.status) == (5, TaskStatus.FULFILLED)
    assert Trip.objects.filter(task=task, driver__fleet=big).count() == 3
    assert Trip.objects.filter(task=task).values("driver").distinct().count() == 5


def test_more_than_still_needed_is_refused_with_the_number_left(dispatcher):
    task = TransportFactory(union=dispatcher.union, vehicles_needed=5)
    fleets = [FleetFactory(union=dispatcher.union, drivers=4) for _ in range(2)]
    first, second = offered(dispatcher, task, *fleets)
    say_yes(first, 4)
    with pytest.raises(Conflict) as refused:
        say_yes(second, 2)
    assert (refused.value.code, refused.value.data) == ("need_is_filled", {"left": 1})
    assert Trip.objects.count() == 4
    say_yes(second, 1)


def test_a_filled_need_takes_the_other_offers_back(dispatcher):
    task = TransportFactory(union=dispatcher.union, vehicles_needed=2)
    fleets = [FleetFactory(union=dispatcher.union, drivers=2) for _ in range(2)]
    first, second = offered(dispatcher, task, *fleets)
    say_yes(first, 2)
    assert Offer.objects.get(pk=second.pk).status == OfferStatus.CANCELLED
    with pytest.raises(Conflict) as refused:
        say_yes(second, 1)
    assert refused.value.code == "wrong_status"


def test_a_fleet_is_offered_no_more_than_its_free_fitting_vehicles(dispatcher):
    task = TransportFactory(union=dispatcher.union, vehicles_needed=9, seats_min=4)
    fleet = FleetFactory(union=dispatcher.union, drivers=3)
    fleet.vehicles.filter(pk=fleet.vehicles.first().pk).update(seats=2)
    (offer,) = offered(dispatcher, task, fleet)
    assert offer.vehicles_offered == 2
    with pytest.raises(Invalid) as refused:
        say_yes(offer, 3)
    assert refused.value.fields == {"vehicles": ["bad_vehicle_count"]}


def test_drivers_on_another_trip_at_that_time_are_not_free(dispatcher):
    fleet = FleetFactory(union=dispatcher.union, drivers=2)
    busy = TransportFactory(union=dispatcher.union, vehicles_needed=1)
    say_yes(*offered(dispatcher, busy, fleet), 1)
    same_time = TransportFactory(union=dispatcher.union)
    (made,) = offered(dispatcher, same_time, fleet)
    assert made.vehicles_offered == 1
    services.decline(actor=acting.worker(fleet.leader), offer_id=made.pk, now=timezone.now())
    later = TransportFactory(
        union=dispatcher.union,
        starts_at=busy.ends_at,
        ends_at=busy.ends_at + timedelta(hours=1),
    )
    assert offered(dispatcher, later, fleet)[0].vehicles_offered == 2


def test_an_answer_after_the_deadline_is_refused(dispatcher):
    task = TransportFactory(union=dispatcher.union)
    (offer,) = offered(dispatcher, task, FleetFactory(union=dispatcher.union, drivers=1))
    with pytest.raises(Conflict) as refused:
        say_yes(offer, 1, now=offer.expires_at)
    assert refused.value.code == "offer_expired"


def test_only_the_leader_answers(dispatcher):
    task = TransportFactory(union=dispatcher.union)
    (offer,) = offered(dispatcher, task, FleetFactory(union=dispatcher.union, drivers=1))
    for actor, error in [
        (acting.officer(dispatcher), Forbidden),
        (acting.worker(UserFactory()), NotFound),
        (STRANGER, NotFound),
    ]:
        with pytest.raises((error, Unauthenticated)):
            say_yes(offer, 1, actor=actor)
    assert Task.objects.get(pk=task.pk).vehicles_accepted == 0


def test_a_fleet_that_declines_gives_its_place_to_another_offer(dispatcher):
    task = TransportFactory(union=dispatcher.union, vehicles_needed=1)
    fleet = FleetFactory(union=dispatcher.union, drivers=1)
    (offer,) = offered(dispatcher, task, fleet)
    services.decline(actor=acting.worker(fleet.leader), offer_id=offer.pk, now=timezone.now(), why="车辆检修")
    with pytest.raises(Conflict):
        say_yes(offer, 1)
    assert offered(dispatcher, task, FleetFactory(union=dispatcher.union, drivers=1))[0].status == OfferStatus.OFFERED


def test_who_said_no_is_asked_no_more_for_the_task_also_through_another_fleet_of_hers(dispatcher):
    task = TransportFactory(union=dispatcher.union)
    fleet = FleetFactory(union=dispatcher.union, drivers=1)
    (offer,) = offered(dispatcher, task, fleet)
    services.decline(actor=acting.worker(fleet.leader), offer_id=offer.pk, now=timezone.now())
    for again in (fleet, FleetFactory(union=dispatcher.union, drivers=1, leader=fleet.leader)):
        with pytest.raises(Invalid) as refused:
            offered(dispatcher, task, again)
        assert refused.value.fields == {"fleet_ids": ["has_said_no"]}
        assert refused.value.data == {"fleets": [str(again.pk)]}
    offered(dispatcher, TransportFactory(union=dispatcher.union), fleet)


def test_a_driver_who_said_no_is_not_asked_again_while_her_fleet_is(dispatcher):
    task = TransportFactory(union=dispatcher.union)
    fleet = FleetFactory(union=dispatcher.union, drivers=3)
    driver, ask = fleet.drivers.first(), {"actor": acting.officer(dispatcher), "task_id": task.pk}
    (offer,) = services.offer(**ask, driver_ids=[driver.pk], now=timezone.now())
    services.decline(actor=acting.worker(driver.worker.user), offer_id=offer.pk, now=timezone.now())
    with pytest.raises(Invalid) as refused:
        services.offer(**ask, driver_ids=[driver.pk], now=timezone.now())
    assert refused.value.fields == {"driver_ids": ["has_said_no"]}
    assert offered(dispatcher, task, fleet)[0].vehicles_offered == 2


def test_silence_expires_an_offer(dispatcher):
    task = TransportFactory(union=dispatcher.union)
    (offer,) = offered(dispatcher, task, FleetFactory(union=dispatcher.union, drivers=1))
    assert services.expire_offers(now=offer.expires_at - timedelta(seconds=1)) == 0
    assert services.expire_offers(now=offer.expires_at) == 1
    assert Offer.objects.get(pk=offer.pk).status == OfferStatus.EXPIRED
