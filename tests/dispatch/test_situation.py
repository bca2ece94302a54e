"""What is read for the planner."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mobilize.attendance.models import ServiceRecord
from mobilize.attendance.states import Source
from mobilize.dispatch import services, situation, trips
from mobilize.dispatch.planner.distance import globe
from mobilize.dispatch.states import TripStatus
from mobilize.fleets.models import Driver
from tests import acting
from tests.factories import DriverFactory, FleetFactory, OfficerFactory, SiteFactory, TransportFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BASE, HERE, THERE = (37.90, 112.50), (37.80, 112.60), (37.85, 112.45)


@pytest.fixture
def officer():
    return OfficerFactory()


@pytest.fixture
def now():
    return timezone.now().replace(hour=4, minute=0, second=0, microsecond=0)  # noon in the city


@pytest.fixture
def fleet(officer):
    return FleetFactory(union=officer.union, drivers=1, latitude=BASE[0], longitude=BASE[1])


def place(at):
    return SiteFactory(latitude=at[0], longitude=at[1])


def need(officer, now, *, starts=1.0, hours=1.0, vehicles=1, **more):
    begins = now + starts * HOUR
    return TransportFactory(
        union=officer.union,
        vehicles_needed=vehicles,
        starts_at=begins,
        ends_at=begins + hours * HOUR,
        site=place(HERE),
        destination=place(THERE),
        **more,
    )


def read(now, *tasks, day=None):
    return situation.read(tasks=tasks, drivers=Driver.objects.all(), day=day or timezone.localdate(now), now=now)


def where(found, row=0):
    people = found.problem.drivers
    return tuple(float(each) for each in globe(people.x[row], people.y[row], around=found.around))


def promised(officer, fleet, task, now):
    """Return the trip the fleet's only driver has for the task."""
    driver = fleet.drivers.get()
    (offer,) = services.offer(actor=acting.officer(officer), task_id=task.pk, driver_ids=[driver.pk], now=now)
    services.accept(actor=acting.worker(driver.worker.user), offer_id=offer.pk, vehicles=1, now=now)
    return offer.trips.get()


def driven(officer, trip, now):
    """Let a trip begin when it should, and end now."""
    actor = acting.officer(officer)
    for to, at in [(TripStatus.EN_ROUTE, trip.starts_at), (TripStatus.ARRIVED, trip.starts_at)]:
        trips.advance(actor=actor, trip_id=trip.pk, to=to, now=at)
    trips.advance(actor=actor, trip_id=trip.pk, to=TripStatus.COMPLETED, now=now, persons=1, received_by="李英")


def test_a_driver_stands_at_her_fleets_base(officer, now, fleet):
    found = read(now, need(officer, now))
    assert where(found) == pytest.approx(BASE, abs=1e-5)
    assert found.without_position == 0


def test_nobody_knows_where_a_driver_without_base_is_so_she_is_in_the_middle(officer, now, fleet):
    DriverFactory(fleet=FleetFactory(union=officer.union))
    found = read(now, need(officer, now))
    assert found.without_position == 1
    assert where(found, 1) == pytest.approx([(a + b) / 2 for a, b in zip(BASE, HERE, strict=True)], abs=1e-5)


@pytest.mark.parametrize(("later", "at"), [(2.9, THERE), (3.1, BASE)])
def test_a_driver_is_where_her_last_trip_ended_for_three_hours(officer, now, fleet, later, at):
    trip = promised(officer, fleet, need(officer, now, starts=0.5), now)
    driven(officer, trip, now + 2 * HOUR)
    found = read(now + (2 + later) * HOUR, need(officer, now, starts=9))
    assert where(found) == pytest.approx(at, abs=1e-5)


def test_trips_ahead_are_commitments_and_count_for_the_day(officer, now, fleet):
    task = need(officer, now, starts=1, hours=2)
    promised(officer, fleet, task, now)
    busy = read(now, need(officer, now)).problem.commitments
    assert (busy.driver.tolist(), busy.starts.tolist(), busy.ends.tolist()) == ([0], [60.0], [180.0])
    found = read(now, need(officer, now))
    assert found.problem.drivers.minutes_left.tolist() == [8 * 60.0]
    assert found.problem.drivers.hours_served.tolist() == [2.0]


def test_a_trip_that_should_have_ended_is_not_over_before_now(officer, now, fleet):
    promised(officer, fleet, need(officer, now, starts=0.5, hours=1), now)
    busy = read(now + 4 * HOUR, need(officer, now, starts=5)).problem.commitments
    assert busy.ends.tolist() == [0.0]


def test_hours_served_that_day_are_counted_from_every_source(officer, now, fleet):
    worker = fleet.drivers.get().worker
    for day, minutes in [(timezone.localdate(now), 90), (timezone.localdate(now) - timedelta(days=1), 300)]:
        ServiceRecord.objects.create(union=officer.union, worker=worker, day=day, minutes=minutes, source=Source.REPORT)
    people = read(now, need(officer, now)).problem.drivers
    assert (people.hours_served.tolist(), people.minutes_left.tolist()) == ([1.5], [510.0])


def test_the_strictest_of_the_campaigns_rules_the_day(officer, now, fleet):
    first, second = need(officer, now), need(officer, now)
    second.campaign.duty_hours = 6
    assert read(now, first, second).problem.drivers.minutes_left.tolist() == [360.0]


def test_who_was_on_duty_the_day_before_rests_first(officer, now, fleet):
    evening = need(officer, now, starts=9, hours=2)  # until eleven at night
    promised(officer, fleet, evening, now)
    tomorrow = read(
        now, need(officer, now, starts=20, campaign__rest_hours=8), day=timezone.localdate(now) + timedelta(days=1)
    )
    assert tomorrow.problem.drivers.free_from.tolist() == [(11 + 8) * 60.0]
    assert tomorrow.problem.drivers.minutes_left.tolist() == [600.0]


def test_who_is_on_duty_the_day_after_is_home_in_time_to_rest(officer, now, fleet):
    promised(officer, fleet, need(officer, now, starts=18, hours=1), now)  # at six in the morning
    assert read(now, need(officer, now, campaign__rest_hours=8)).problem.drivers.off_at.tolist() == [(18 - 8) * 60.0]


def test_a_driver_with_an_open_offer_gets_no_second_one(officer, now, fleet):
    services.offer(
        actor=acting.officer(officer),
        task_id=need(officer, now, starts=6).pk,
        driver_ids=[fleet.drivers.get().pk],
        now=now,
    )
    found = read(now, need(officer, now))
    assert found.asked(0)
    assert not found.may_take(0).any()


def test_as_many_drivers_are_held_as_their_fleet_was_offered(officer, now, fleet):
    for _ in range(4):
        DriverFactory(fleet=fleet)
    task = need(officer, now, vehicles=3)
    services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=now)
    other = read(now, need(officer, now))
    assert other.may_take(0).sum() == 2
    assert not read(now, task).may_take(0).any()  # the fleet is asked for this one


def test_what_a_task_demands_is_read(officer, now, fleet):
    task = need(officer, now, seats_min=3, load_kg_min=200, refrigerated=True, wheelchair=True, airport=True, urgency=3)
    wanted = read(now, task).problem.trips
    assert (wanted.seats.tolist(), wanted.load_kg.tolist(), wanted.needs.tolist()) == ([3], [200], [7])
    assert (wanted.due.tolist(), wanted.latest.tolist(), wanted.minutes.tolist()) == ([60.0], [90.0], [60.0])
    assert wanted.weight.tolist() == [9]


def test_a_task_that_has_begun_is_due_now_for_the_rest_of_its_time(officer, now, fleet):
    wanted = read(now + 1.5 * HOUR, need(officer, now, starts=1)).problem.trips
    assert (wanted.due.tolist(), wanted.minutes.tolist()) == ([0.0], [30.0])


def test_a_city_without_drivers_or_bases_can_be_read(officer, now):
    found = read(now, need(officer, now))
    assert (len(found.problem.drivers), found.fleets, found.without_position) == (0, [], 0)
    assert np.isfinite(found.problem.trips.x).all()


def test_more_rows_take_no_more_statements(officer, now, fleet):
    def statements(*tasks):
        with CaptureQueriesContext(connection) as captured:
            read(now, *tasks)
        return len(captured)

    few = statements(need(officer, now))
    for number in range(6):
        other = FleetFactory(union=officer.union, drivers=1)
        promised(officer, other, need(officer, now, starts=number), now)
    assert statements(*(need(officer, now) for _ in range(6))) == few == 5


@pytest.mark.parametrize("microseconds", range(1, 1_000_000, 91_733))
def test_a_need_as_long_as_a_duty_fits_at_whatever_fraction_of_a_second_it_begins(officer, now, fleet, microseconds):
    long = need(officer, now + timedelta(microseconds=microseconds), hours=10)
    assert read(now, long).may_take(0).all()
