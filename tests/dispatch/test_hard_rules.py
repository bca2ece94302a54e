"""The whole way through the database, with whatever there is: propose, commit, everybody accepts. No trip that comes of
it breaks a hard rule. The rules are counted here from rows alone, in other words than the planner's.
"""

from datetime import timedelta
from itertools import combinations

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mobilize.dispatch import plans, queries, services
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.planner.distance import minutes_between
from mobilize.dispatch.states import OfferStatus, PlanMode, TripStatus
from mobilize.tasks.models import Task
from tests import acting
from tests.factories import CampaignFactory, FleetFactory, OfficerFactory, ServiceRecordFactory, TransportFactory

pytestmark = pytest.mark.django_db

EXAMPLES = 30
TASKS, FLEETS, DRIVERS = 5, 3, 3
HALF_HOUR = timedelta(minutes=30)
LATE_AT_MOST = 30  # minutes
ROUNDING = 0.2  # minutes: the planner's city is flat
PLACES = [(37.87, 112.55), (37.88, 112.56), (37.95, 112.62), (37.80, 112.40)]

place = st.sampled_from(PLACES)
seldom = st.sampled_from([False, False, False, True])
often = st.sampled_from([True, True, False])
half_hours = st.integers(0, 60)  # from six in the morning until noon of the next day
task_facts = st.fixed_dictionaries({
    "starts": half_hours, "lasts": st.integers(1, 10), "from": place, "to": place,
    "vehicles_needed": st.integers(1, 4), "seats_min": st.sampled_from([0, 4, 6]),
    "load_kg_min": st.sampled_from([0, 0, 500]), "refrigerated": seldom, "wheelchair": seldom, "airport": seldom,
})  # fmt: skip
driver_facts = st.fixed_dictionaries({
    "seats": st.sampled_from([4, 6, 9]), "load_kg": st.sampled_from([0, 500, 1500]),
    "refrigerated": often, "wheelchair": often, "airport": often,
    "served": st.integers(0, 8), "worked_last_night": seldom, "promised": st.none() | half_hours,
})  # fmt: skip


class World:
    """The rows every example begins with; what it changes is rolled back."""

    def __init__(self):
        officer = OfficerFactory()
        self.desk = acting.officer(officer)
        self.now = timezone.localtime().replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.campaign = CampaignFactory(union=officer.union)
        self.fleets = [
            FleetFactory(union=officer.union, drivers=DRIVERS, latitude=latitude, longitude=longitude)
            for latitude, longitude in PLACES[:FLEETS]
        ]
        self.drivers = [driver for fleet in self.fleets for driver in fleet.drivers.order_by("created_at")]
        self.tasks = [TransportFactory(union=officer.union, campaign=self.campaign) for _ in range(TASKS)]
        self.other = TransportFactory(union=officer.union, campaign=self.campaign)

    def arrange(self, tasks, drivers, duty_hours, rest_hours):
        """Write down what an example begins with."""
        type(self.campaign).objects.update(duty_hours=duty_hours, rest_hours=rest_hours)
        for task, facts in zip(self.tasks, tasks, strict=True):
            starts_at = self.now + facts["starts"] * HALF_HOUR
            for site, (latitude, longitude) in ((task.site, facts["from"]), (task.destination, facts["to"])):
                type(site).objects.filter(pk=site.pk).update(latitude=latitude, longitude=longitude)
            columns = {name: value for name, value in facts.items() if name not in ("starts", "lasts", "from", "to")}
            ends_at = starts_at + facts["lasts"] * HALF_HOUR
            Task.objects.filter(pk=task.pk).update(starts_at=starts_at, ends_at=ends_at, **columns)
        for driver, facts in zip(self.drivers, drivers, strict=True):
            names = ("seats", "load_kg", "refrigerated", "wheelchair")
            type(driver.vehicle).objects.filter(pk=driver.vehicle_id).update(**{name: facts[name] for name in names})
            type(driver).objects.filter(pk=driver.pk).update(airport=facts["airport"])
            if facts["served"]:
                ServiceRecordFactory(
                    union=driver.worker.union, worker=driver.worker, day=self.now.date(), minutes=60 * facts["served"]
                )
            if facts["worked_last_night"]:
                ended = self.now - timedelta(hours=6, minutes=30)  # begun and ended on the day before
                self.trip(driver, ended - HALF_HOUR, ended, status=TripStatus.COMPLETED, completed_at=ended)
            if facts["promised"] is not None:
                starts_at = self.now + facts["promised"] * HALF_HOUR
                self.trip(driver, starts_at, starts_at + 2 * HALF_HOUR)

    def trip(self, driver, starts_at, ends_at, **more):
        offer = Offer.objects.create(
            task=self.other, driver=driver, vehicles_offered=1, vehicles_accepted=1, status=OfferStatus.ACCEPTED,
            expires_at=self.now,
        )  # fmt: skip
        Trip.objects.create(
            task=self.other, offer=offer, driver=driver, vehicle=driver.vehicle, starts_at=starts_at, ends_at=ends_at,
            **more,
        )  # fmt: skip

    def dispatch(self, mode):
        """Propose, commit, and let everybody say yes who is asked, also to what follows."""
        ids = [task.pk for task in self.tasks]
        plan = plans.propose(actor=self.desk, task_ids=ids, mode=mode, now=self.now)
        if not plan.assignments.exists():
            return
        plans.commit(actor=self.desk, plan_id=plan.pk, now=self.now)
        while offer := Offer.objects.filter(status=OfferStatus.OFFERED).order_by("created_at", "pk").first():
            self.say_yes(offer, self.now + timedelta(seconds=20))

    def say_yes(self, offer, now):
        """A driver can always say yes. A leader says it to as many as she can: the plan does not choose her drivers."""
        if offer.driver:
            whom, vehicles = offer.driver.worker.user, 1
        else:
            whom, vehicles = offer.fleet.leader, queries.most_to_accept(offer, now=now)
        if vehicles:
            services.accept(actor=acting.worker(whom), offer_id=offer.pk, vehicles=vehicles, now=now)
            plans.follow_up(offer_id=offer.pk, now=now)
        else:
            services.decline(actor=acting.worker(whom), offer_id=offer.pk, now=now)


def broken(world, drivers, duty_hours, rest_hours, *, ways):
    """Return the rules that the trips break.

    Args:
        ways: False where a leader chooses who drives, who knows her drivers' ways better.
    """
    found = []
    for task in Task.objects.filter(pk__in=[task.pk for task in world.tasks]):
        trips = list(task.trips.select_related("driver", "vehicle"))
        if not len(trips) == task.vehicles_accepted <= task.vehicles_needed:
            found.append("never above the need")
        for trip in trips:
            vehicle = trip.vehicle
            found += [name for name in ("refrigerated", "wheelchair") if getattr(task, name) > getattr(vehicle, name)]
            found += ["airport"] if task.airport > trip.driver.airport else []
            found += ["seats"] if vehicle.seats < task.seats_min else []
            found += ["load"] if vehicle.load_kg < task.load_kg_min else []
            found += ["window"] if not task.starts_at <= trip.starts_at < trip.ends_at == task.ends_at else []
    for driver, facts in zip(world.drivers, drivers, strict=True):
        trips = list(driver.trips.order_by("starts_at").select_related("task__site", "task__destination"))
        new = [trip for trip in trips if trip.task != world.other]
        days = {day_of(trip): 0.0 for trip in new}
        for trip in trips:
            if trip.status != TripStatus.COMPLETED and day_of(trip) in days:
                days[day_of(trip)] += (trip.ends_at - trip.starts_at) / timedelta(hours=1)
        if world.now.date() in days:
            days[world.now.date()] += facts["served"]
        found += ["duty hours" for hours in days.values() if hours > duty_hours]
        for one, other in combinations(trips, 2):  # the one begins first
            found += ["overlap"] if other.starts_at < one.ends_at else []
            rested = other.starts_at - one.ends_at >= timedelta(hours=rest_hours)
            apart = day_of(one) != day_of(other)
            found += ["rest"] if apart and not rested and (one in new or other in new) else []
        found += late(world, driver, trips, new) if ways else []
    return found


def late(world, driver, trips, new):
    """Return whether a driver comes too late to a new trip, or late at all to one that was promised before."""
    found = []
    at, free = (float(driver.fleet.latitude), float(driver.fleet.longitude)), 0.0
    before = None
    for trip in (trip for trip in trips if trip.status != TripStatus.COMPLETED):
        site, to = trip.task.site, trip.task.destination
        due = (trip.starts_at - world.now) / timedelta(minutes=1)
        pickup = max(due, free + minutes_between(at, (float(site.latitude), float(site.longitude))))
        most = LATE_AT_MOST if trip in new else 0
        if pickup > due + most + ROUNDING and (trip in new or before in new):
            found.append("way")
        before = trip
        at = (float(to.latitude), float(to.longitude))
        free = (pickup if trip in new else due) + (trip.ends_at - trip.starts_at) / timedelta(minutes=1)
    return found


def day_of(trip):
    return timezone.localdate(trip.starts_at)


def test_no_trip_breaks_a_hard_rule():
    world = World()
    made = {"trips": 0}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # shrinking takes minutes
        derandomize=True,
    )
    @given(
        tasks=st.lists(task_facts, min_size=TASKS, max_size=TASKS),
        drivers=st.lists(driver_facts, min_size=FLEETS * DRIVERS, max_size=FLEETS * DRIVERS),
        duty_hours=st.integers(2, 12),
        rest_hours=st.integers(0, 12),
        mode=st.sampled_from(PlanMode),
    )
    def run(tasks, drivers, duty_hours, rest_hours, mode):
        with transaction.atomic():
            world.arrange(tasks, drivers, duty_hours, rest_hours)
            world.dispatch(mode)
            made["trips"] += Trip.objects.exclude(task=world.other).count()
            assert broken(world, drivers, duty_hours, rest_hours, ways=mode != PlanMode.FLEETS) == []
            transaction.set_rollback(True)

    run()
    assert made["trips"] > EXAMPLES  # else nothing was tried
