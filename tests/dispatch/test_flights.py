"""A flight is written down, transport waits for it, and moves with it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.dispatch import flights, services, trips
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import TripStatus
from mobilize.outbox.models import Event
from mobilize.tasks.models import Flight, Task
from mobilize.unions.states import Role
from tests import acting
from tests.factories import CampaignFactory, FleetFactory, OfficerFactory, SiteFactory, TransportFactory

pytestmark = pytest.mark.django_db
BY = timedelta(minutes=90)


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def flight(officer, now):
    return Flight.objects.create(
        campaign=CampaignFactory(),
        union=officer.union,
        number="CA1104",
        site=SiteFactory(),
        arrives_at=now + timedelta(hours=6),
        passengers=120,
    )


def pick_up(flight, /, after=timedelta(minutes=30), **more):
    start = flight.arrives_at + after
    usual = {"union": flight.union, "flight": flight, "vehicles_needed": 2, "starts_at": start}
    return TransportFactory(**usual | {"ends_at": start + timedelta(hours=2)} | more)


def served(officer, task, fleet, vehicles=2):
    now = timezone.now()
    (offer,) = services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=now)
    services.accept(actor=acting.worker(fleet.leader), offer_id=offer.pk, vehicles=vehicles, now=now)
    return list(task.trips.order_by("pk"))


def move(officer, flight, by=BY, now=None):
    flight.refresh_from_db()
    return flights.move(
        actor=acting.officer(officer),
        flight_id=flight.pk,
        arrives_at=flight.arrives_at + by,
        now=now or timezone.now(),
    )


def settle(after=11):
    """Let everything leave that is due some seconds later: a move waits for ten."""
    acting.run_outbox(after=timedelta(seconds=after))


def about_flight(user):
    return [text for text in acting.messages_to(user) if "CA1104" in text]


def test_a_flight_is_written_down_with_every_wrong_field_named_at_once(officer, now):
    CampaignFactory()
    ask = {"actor": acting.officer(officer), "union_id": officer.union_id, "now": now}
    good = {"site_id": SiteFactory(kind="airport").pk, "arrives_at": now + BY, "passengers": 120, "risk": "high"}
    made = flights.create(**ask, **good, number=" ｃa 1１04")
    assert (made.number, made.risk, made.union_id) == ("CA1104", "high", officer.union_id)
    with pytest.raises(Invalid) as refused:
        flights.create(**ask, number="航班", site_id=None, arrives_at=now, passengers=901, risk="odd")
    assert refused.value.fields == {
        "number": ["bad_flight_number"],
        "site_id": ["required"],
        "arrives_at": ["in_the_past"],
        "passengers": ["bad_passengers"],
        "risk": ["unknown_choice"],
    }
    with pytest.raises(Invalid) as repeated:
        flights.create(**ask, **good | {"site_id": SiteFactory().pk}, number="CA1104")
    assert repeated.value.fields == {"number": ["already_there"], "site_id": ["unknown_site"]}


def test_of_two_equal_flights_at_the_same_moment_one_is_written_down(officer, flight):
    Flight.objects.filter(pk=flight.pk).update(number="CA1")
    with pytest.raises(IntegrityError, match="a_union_writes_a_flight_down_once"), transaction.atomic():
        Flight.objects.create(
            campaign=flight.campaign, union=flight.union, number="CA1", site=flight.site,
            arrives_at=flight.arrives_at, passengers=1,
        )  # fmt: skip


def test_a_flight_does_not_move_onto_its_twin(officer, flight):
    Flight.objects.create(
        campaign=flight.campaign, union=flight.union, number=flight.number, site=flight.site,
        arrives_at=flight.arrives_at + BY, passengers=1,
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        move(officer, flight)
    assert refused.value.fields == {"arrives_at": ["already_there"]}


def test_a_flight_is_corrected_and_removed_when_nothing_waits_for_it(officer, flight):
    task, ask = pick_up(flight), {"actor": acting.officer(officer), "flight_id": flight.pk}
    changed = flights.change(**ask, number="ca 1105")
    assert (changed.number, changed.passengers) == ("CA1105", 120)
    with pytest.raises(Invalid) as refused:
        flights.change(**ask, number="", passengers=0, risk="odd")
    assert set(refused.value.fields) == {"number", "passengers", "risk"}
    with pytest.raises(Conflict) as waits:
        flights.remove(**ask)
    assert waits.value.code == "tasks_wait_for_it"
    Task.objects.filter(pk=task.pk).update(flight=None)
    flights.remove(**ask)
    assert not Flight.objects.exists()


def test_exactly_the_chosen_tasks_wait_for_it(officer, flight, now):
    stays, goes, comes = pick_up(flight), pick_up(flight), pick_up(flight, flight=None)
    ask = {"actor": acting.officer(officer), "flight_id": flight.pk, "now": now}
    flights.set_tasks(**ask, task_ids=[stays.pk, comes.pk])
    assert set(flight.tasks.all()) == {stays, comes}
    elsewhere = TransportFactory(flight=None)
    with pytest.raises(Invalid) as refused:
        flights.set_tasks(**ask, task_ids=[stays.pk, elsewhere.pk])
    assert refused.value.data == {"tasks": [str(elsewhere.pk)]}
    assert set(flight.tasks.all()) == {stays, comes}
    assert Task.objects.get(pk=goes.pk).flight_id is None


@pytest.mark.parametrize("by", [BY, -BY], ids=["later", "earlier"])
def test_every_pick_up_and_its_trips_move_by_the_same_time(officer, flight, by):
    first, second = pick_up(flight), pick_up(flight)
    other = pick_up(flight, flight=None)
    made = served(officer, first, FleetFactory(union=officer.union, drivers=2))
    move(officer, flight, by)
    for task, shift in [(first, by), (second, by), (other, timedelta(0))]:
        before = (task.starts_at + shift, task.ends_at + shift)
        task.refresh_from_db()
        assert (task.starts_at, task.ends_at) == before
    for trip in made:
        before = (trip.starts_at + by, trip.ends_at + by)
        trip.refresh_from_db()
        assert (trip.starts_at, trip.ends_at, trip.status) == (*before, TripStatus.ASSIGNED)


@pytest.mark.parametrize("by", [BY, -BY], ids=["later", "earlier"])
def test_two_trips_of_one_driver_for_the_flight_move_together_and_she_is_told_once(officer, flight, by):
    fleet = FleetFactory(union=officer.union, drivers=1)
    first = pick_up(flight)
    second = pick_up(flight, after=timedelta(minutes=150))
    for task in (first, second):
        served(officer, task, fleet, vehicles=1)
    settle()
    move(officer, flight, by)
    settle()
    assert Trip.objects.exclude(status=TripStatus.ABORTED).count() == 2
    (told,) = about_flight(fleet.drivers.get().worker.user)
    for trip in Trip.objects.all():
        assert f"{timezone.localtime(trip.starts_at):%H:%M}" in told


def test_what_no_longer_fits_is_broken_off_and_searched_for_and_nobody_else_is_moved(officer, flight):
    fleet = FleetFactory(union=officer.union, drivers=2, latitude=37.87, longitude=112.55)
    task = pick_up(flight)
    busy, free = served(officer, task, fleet)
    after = TransportFactory(
        union=officer.union, vehicles_needed=1, starts_at=task.ends_at, ends_at=task.ends_at + timedelta(hours=1)
    )
    (offer,) = services.offer(
        actor=acting.officer(officer), task_id=after.pk, driver_ids=[busy.driver_id], now=timezone.now()
    )
    services.accept(actor=acting.worker(busy.driver.worker.user), offer_id=offer.pk, vehicles=1, now=timezone.now())
    spare = FleetFactory(union=officer.union, drivers=1, latitude=37.87, longitude=112.55).drivers.get()
    move(officer, flight)
    settle()
    busy.refresh_from_db()
    free.refresh_from_db()
    task.refresh_from_db()
    assert (busy.status, free.status) == (TripStatus.ABORTED, TripStatus.ASSIGNED)
    assert (task.status, task.vehicles_left) == ("published", 1)
    assert after.trips.get().starts_at == after.starts_at
    assert Offer.objects.get(task=task, status="offered").driver_id == spare.pk
    (told,) = about_flight(busy.driver.worker.user)
    assert busy.vehicle.plate in told
    assert "不必" in told
    assert len(about_flight(free.driver.worker.user)) == 1


def test_a_driver_who_keeps_one_trip_and_loses_one_hears_of_both_at_once(officer, flight):
    fleet = FleetFactory(union=officer.union, drivers=1)
    first, second = pick_up(flight), pick_up(flight, after=timedelta(hours=6))
    between = TransportFactory(
        union=officer.union,
        vehicles_needed=1,
        starts_at=first.ends_at,
        ends_at=first.ends_at + timedelta(hours=1),
    )
    for task in (first, second, between):
        served(officer, task, fleet, vehicles=1)
    settle()
    move(officer, flight)
    settle()
    assert [task.trips.get().status for task in (first, second)] == [TripStatus.ABORTED, TripStatus.ASSIGNED]
    (told,) = about_flight(fleet.drivers.get().worker.user)
    assert f"/trips/{second.trips.get().pk}/" in told
    assert f"{timezone.localtime(first.starts_at):%H:%M}" in told
    assert first.site.name in told


def test_a_driver_hears_nothing_of_a_trip_that_ended_for_another_reason_or_of_which_she_was_told(officer, flight):
    fleet = FleetFactory(union=officer.union, drivers=1)
    undone, first, second = pick_up(flight), pick_up(flight), pick_up(flight, after=timedelta(hours=6))
    (trip,) = served(officer, undone, fleet, vehicles=1)
    trips.abort(actor=acting.officer(officer), trip_id=trip.pk, why="改派", now=timezone.now())
    for task in (first, second):
        served(officer, task, fleet, vehicles=1)
    settle()
    move(officer, flight)
    settle()
    driver = fleet.drivers.get().worker.user
    assert "2 个" in about_flight(driver)[0]
    assert "不必再跑" not in about_flight(driver)[0]
    second.refresh_from_db()
    between = TransportFactory(
        union=officer.union,
        vehicles_needed=1,
        starts_at=second.starts_at - timedelta(hours=2),
        ends_at=second.starts_at - timedelta(hours=1),
    )
    served(officer, between, fleet, vehicles=1)
    move(officer, flight, by=-BY, now=timezone.now() + timedelta(seconds=20))
    settle(after=31)
    assert "不必再跑" in about_flight(driver)[-1]
    move(officer, flight, by=BY, now=timezone.now() + timedelta(seconds=40))
    settle(after=51)
    assert "不必再跑" not in about_flight(driver)[-1]


def test_each_driver_is_told_exactly_once_for_each_move_also_when_events_and_calls_repeat(officer, flight):
    fleet = FleetFactory(union=officer.union, drivers=2)
    served(officer, pick_up(flight), fleet)
    settle()
    people = [driver.worker.user for driver in fleet.drivers.all()]
    moved = move(officer, flight)
    flights.move(actor=acting.officer(officer), flight_id=flight.pk, arrives_at=moved.arrives_at, now=timezone.now())
    settle()
    Event.objects.filter(topic="flight.moved").update(relayed_at=None)
    settle()
    assert [len(about_flight(user)) for user in people] == [1, 1]
    move(officer, flight)
    settle()
    assert [len(about_flight(user)) for user in people] == [2, 2]


def test_a_slip_that_is_corrected_at_once_is_one_message(officer, flight):
    fleet = FleetFactory(union=officer.union, drivers=1)
    (trip,) = served(officer, pick_up(flight), fleet, vehicles=1)
    settle()
    for by in (BY, BY, -BY):
        move(officer, flight, by=by)
        acting.run_outbox()
    assert not about_flight(fleet.drivers.get().worker.user)
    settle()
    (told,) = about_flight(fleet.drivers.get().worker.user)
    trip.refresh_from_db()
    flight.refresh_from_db()
    assert f"{timezone.localtime(trip.starts_at):%H:%M}" in told
    assert f"{timezone.localtime(flight.arrives_at):%H:%M}" in told


def test_who_was_asked_and_has_not_answered_hears_the_new_time(officer, flight):
    fleet = FleetFactory(union=officer.union, drivers=2)
    services.offer(actor=acting.officer(officer), task_id=pick_up(flight).pk, fleet_ids=[fleet.pk], now=timezone.now())
    move(officer, flight, now=timezone.now() + timedelta(seconds=11))
    settle(after=22)
    (told,) = about_flight(fleet.leader)
    assert "/o/" in told


def test_trips_with_passengers_aboard_and_tasks_that_are_over_stay(officer, flight, now):
    (trip, _) = served(officer, pick_up(flight), FleetFactory(union=officer.union, drivers=2))
    over = pick_up(flight)
    Task.objects.filter(pk=over.pk).update(starts_at=now - 2 * BY, ends_at=now - BY)
    for stage in (TripStatus.EN_ROUTE, TripStatus.ARRIVED, TripStatus.LOADED):
        trips.advance(actor=acting.worker(trip.driver.worker.user), trip_id=trip.pk, to=stage, now=trip.starts_at - BY)
    move(officer, flight)
    assert Trip.objects.get(pk=trip.pk).starts_at == trip.starts_at
    assert Task.objects.get(pk=over.pk).ends_at == now - BY


def test_a_move_into_the_past_or_too_far_is_refused(officer, flight):
    for by, fault in [(timedelta(hours=49), "too_far_moved"), (timedelta(hours=-7), "in_the_past")]:
        with pytest.raises(Invalid) as refused:
            move(officer, flight, by)
        assert refused.value.fields == {"arrives_at": [fault]}


def test_a_flight_whose_time_has_passed_is_corrected_as_long_as_nobody_was_fetched(officer, flight):
    task = pick_up(flight)
    (trip, _) = served(officer, task, FleetFactory(union=officer.union, drivers=2))
    over, hours = task.ends_at, timedelta(hours=3)
    move(officer, flight, hours, now=over)
    trip.refresh_from_db()
    task.refresh_from_db()
    assert (task.starts_at, trip.ends_at) == (trip.starts_at, over + hours)
    for stage in (TripStatus.EN_ROUTE, TripStatus.ARRIVED, TripStatus.LOADED):
        trips.advance(actor=acting.worker(trip.driver.worker.user), trip_id=trip.pk, to=stage, now=trip.starts_at)
    with pytest.raises(Conflict) as refused:
        move(officer, flight, hours, now=trip.ends_at)
    assert refused.value.code == "flight_is_over"


@pytest.mark.parametrize("side", ["after", "before"])
@pytest.mark.parametrize(("minutes", "kept"), [(10, False), (90, True)])
def test_a_trip_stays_when_the_way_to_the_next_or_from_the_last_one_fits(officer, flight, side, minutes, kept):
    task = pick_up(flight, vehicles_needed=1)
    driver = FleetFactory(union=officer.union, drivers=1)
    (trip,) = served(officer, task, driver, vehicles=1)
    far = SiteFactory(latitude=task.site.latitude + 0.1)  # 11 km: half an hour
    if side == "after":
        by, begin = BY, task.ends_at + BY + timedelta(minutes=minutes)
    else:
        by, begin = -BY, task.starts_at - BY - timedelta(minutes=minutes + 60)
    times = {"starts_at": begin, "ends_at": begin + timedelta(hours=1)}
    other = TransportFactory(union=officer.union, vehicles_needed=1, site=far, destination=far, **times)
    served(officer, other, driver, vehicles=1)
    move(officer, flight, by)
    trip.refresh_from_db()
    assert (trip.status == TripStatus.ASSIGNED) == kept


def test_a_viewer_may_not_and_another_branch_finds_no_flight(officer, flight, now):
    pick_up(flight)
    for other, error in [
        (OfficerFactory(union=officer.union, role=Role.VIEWER), Forbidden),
        (OfficerFactory(), NotFound),
    ]:
        with pytest.raises(error):
            move(other, flight)
        with pytest.raises(error):
            flights.set_tasks(actor=acting.officer(other), flight_id=flight.pk, task_ids=[], now=now)
        with pytest.raises(error):
            flights.change(actor=acting.officer(other), flight_id=flight.pk, number="CA2")
        with pytest.raises(error):
            flights.remove(actor=acting.officer(other), flight_id=flight.pk)
        with pytest.raises(error):
            flights.create(
                actor=acting.officer(other), union_id=officer.union_id, number="CA1", site_id=None,
                arrives_at=None, passengers=1, now=now,
            )  # fmt: skip
    assert flight.tasks.count() == 1


def test_a_move_of_forty_vehicles_costs_a_bounded_number_of_statements(officer, flight, django_assert_max_num_queries):
    task = pick_up(flight, vehicles_needed=40)
    served(officer, task, FleetFactory(union=officer.union, drivers=40), vehicles=40)
    with django_assert_max_num_queries(65):
        move(officer, flight)
