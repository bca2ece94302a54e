"""Offers, answers, timeouts, trips and the search against a model a reader can hold in her head.

Two tasks at one time, three fleets with three drivers each. The model says after every step who is asked, who drives
and what is left; rows, counters and events must say the same. Whom the search chooses is free within its rules, so the
model checks the choice and takes it over. `OFFER_RUNS` sets how many runs are made; `make prove-offers`
makes 1,000.
"""

import os
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mobilize.core.errors import DomainError
from mobilize.dispatch import search, services, trips
from mobilize.dispatch.models import Offer, Search, Trip
from mobilize.dispatch.states import SearchStep
from mobilize.outbox.models import Event
from mobilize.tasks.models import Task
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory

pytestmark = pytest.mark.django_db

RUNS = int(os.environ.get("OFFER_RUNS", "40"))
TASKS, FLEETS, SEATS = range(2), range(3), range(3)
FACTOR = 2
UNDO = timedelta(seconds=10)
NOW, LATER = timedelta(seconds=90), timedelta(minutes=2)  # to answer

tasks = st.sampled_from(TASKS)
fleets = st.sampled_from(FLEETS)
seats = st.sampled_from(SEATS)


class World:
    """The rows every run begins with; a run is rolled back."""

    def __init__(self):
        self.begin = timezone.now().replace(microsecond=0)
        officer = OfficerFactory()
        self.desk = acting.officer(officer)
        self.fleets = [
            FleetFactory(union=officer.union, drivers=len(SEATS), latitude=37.87 + north, longitude=112.55)
            for north in (0.0, 0.02, 0.3)
        ]
        self.drivers = [list(fleet.drivers.order_by("created_at")) for fleet in self.fleets]
        starts_at = self.begin + timedelta(hours=2, minutes=15)  # "later" first, "now" after a quarter of an hour
        self.tasks = [
            TransportFactory(
                union=officer.union,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=2),
                campaign__alert_factor=FACTOR,
                campaign__answer_seconds_now=90,
                campaign__answer_minutes_later=2,
            )
            for _ in TASKS
        ]
        self.task_of = {task.pk: number for number, task in enumerate(self.tasks)}
        self.driver_of = {d.pk: (f, s) for f, row in enumerate(self.drivers) for s, d in enumerate(row)}
        self.fleet_of = {fleet.pk: number for number, fleet in enumerate(self.fleets)}


class Machine(RuleBasedStateMachine):
    world: World

    @initialize(needs=st.lists(st.integers(1, 6), min_size=2, max_size=2), fleet=fleets)
    def begin(self, needs, fleet):
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        self.now = self.world.begin
        self.need = needs
        for task, need in zip(self.world.tasks, needs, strict=True):
            Task.objects.filter(pk=task.pk).update(vehicles_needed=need)
        self.offers = []  # task, to ("fleet", f) or ("driver", (f, s)), n, accepted, status, made, by_hand, ended
        self.trips = []  # task, driver, alive
        self.called_back = 0  # accepted, then undone
        self.locked, self.red, self.searched = set(), set(), set()
        self.offer_fleet(task=0, fleet=fleet)

    def teardown(self):
        if hasattr(self, "rollback"):
            transaction.set_rollback(True)
            self.rollback.__exit__(None, None, None)

    # --- the model -----------------------------------------------------------------------------------------

    def of(self, task, *statuses):
        return [o for o in self.offers if o.task == task and (not statuses or o.status in statuses)]

    def accepted(self, task):
        return sum(trip.alive for trip in self.trips if trip.task == task)

    def left(self, task):
        return self.need[task] - self.accepted(task)

    def person(self, offer):
        kind, whom = offer.to
        return ("leader", whom) if kind == "fleet" else ("driver", whom)

    def said_no(self, task):
        return {self.person(offer) for offer in self.of(task, "declined")}

    def free(self, task, fleet):
        """Drivers of a fleet who could drive: not driving for either task, and not having said no to this one."""
        driving = {trip.driver for trip in self.trips if trip.alive}
        refused = {whom for kind, whom in self.said_no(task) if kind == "driver"}
        return {(fleet, seat) for seat in SEATS} - driving - refused

    def asked_herself(self):
        return {offer.to[1] for offer in self.offers if offer.status == "offered" and offer.to[0] == "driver"}

    def to_ask(self, task, fleet):
        """Drivers of a fleet who are free and whom no open offer asks for; both tasks are at the same time."""
        taken = {trip.driver for trip in self.trips if trip.alive} | self.asked_herself()
        for offer in self.offers:
            if offer.status == "offered" and offer.to == ("fleet", fleet):
                taken.update([(fleet, seat) for seat in SEATS if (fleet, seat) not in taken][: offer.n])
        return self.free(task, fleet) - taken

    def heard(self, task):
        """Who was asked and may have heard of it."""
        return {
            self.person(offer)
            for offer in self.of(task)
            if not (offer.status == "cancelled" and offer.ended < offer.made + UNDO)
        }

    def to_replace(self, task):
        lost = sum(
            offer.n if offer.status in {"declined", "expired"} else offer.n - offer.accepted
            for offer in self.of(task, "declined", "expired", "accepted")
        )
        lost += sum(not trip.alive for trip in self.trips if trip.task == task and trip.offer.status == "accepted")
        lost -= sum(offer.n for offer in self.of(task) if not offer.by_hand)
        return max(min(lost, self.left(task) - sum(offer.n for offer in self.of(task, "offered"))), 0)

    def until(self, task, made):
        start = self.world.tasks[task].starts_at
        return made + UNDO + (NOW if start <= made + timedelta(hours=2) else LATER)

    def room(self, task):
        """Whether one more may be asked by hand."""
        return self.left(task) > 0 and len(self.of(task, "offered")) < FACTOR * self.need[task]

    def note(self, task, to, n, *, by_hand, pk):
        self.offers.append(
            SimpleNamespace(
                task=task, to=to, n=n, accepted=0, status="offered", made=self.now, by_hand=by_hand, ended=None, pk=pk
            )
        )
        if by_hand:
            self.searched.add(task)
            self.red.discard(task)

    def end(self, offer, status):
        offer.status, offer.ended = status, self.now

    def actor(self, offer):
        kind, whom = offer.to
        if kind == "fleet":
            return acting.worker(self.world.fleets[whom].leader)
        fleet, seat = whom
        return acting.worker(self.world.drivers[fleet][seat].worker.user)

    def tries(self, allowed, call):
        """Run a service; it must succeed if the model allows it, and change nothing if not."""
        try:
            with transaction.atomic():
                result = call()
            refused = None
        except DomainError as error:
            result, refused = None, error
        assert (refused is None) is allowed, f"{allowed=}, {refused} {vars(refused) if refused else ''}"
        return result

    # --- the steps -----------------------------------------------------------------------------------------

    @rule(task=tasks, fleet=fleets)
    def offer_fleet(self, task, fleet):
        free = self.to_ask(task, fleet)
        allowed = (
            self.room(task)
            and bool(free)
            and ("leader", fleet) not in self.said_no(task)
            and not any(offer.to == ("fleet", fleet) for offer in self.of(task, "offered"))
        )
        ids = {"task_id": self.world.tasks[task].pk, "fleet_ids": [self.world.fleets[fleet].pk]}
        made = self.tries(allowed, lambda: services.offer(actor=self.world.desk, now=self.now, **ids))
        if allowed:
            self.note(task, ("fleet", fleet), min(len(free), self.left(task)), by_hand=True, pk=made[0].pk)

    @rule(task=tasks, fleet=fleets, seat=seats)
    def offer_driver(self, task, fleet, seat):
        driver = (fleet, seat)
        allowed = (
            self.room(task)
            and driver in self.free(task, fleet)
            and driver not in self.asked_herself()
            and bool(self.to_ask(task, fleet))
        )
        ids = {"task_id": self.world.tasks[task].pk, "driver_ids": [self.world.drivers[fleet][seat].pk]}
        made = self.tries(allowed, lambda: services.offer(actor=self.world.desk, now=self.now, **ids))
        if allowed:
            self.note(task, ("driver", driver), 1, by_hand=True, pk=made[0].pk)

    @rule(data=st.data(), vehicles=st.integers(1, 3))
    @precondition(lambda self: self.offers)
    def accept(self, data, vehicles):
        offer = data.draw(st.sampled_from(self.offers))
        kind, whom = offer.to
        free = self.free(offer.task, whom if kind == "fleet" else whom[0])
        asking = {
            other.to[1]
            for other in self.offers
            if other.status == "offered" and other.to[0] == "driver" and self.now < self.until(other.task, other.made)
        }
        asked = free - asking if kind == "fleet" else free & {whom}
        allowed = (
            offer.status == "offered"
            and self.now < self.until(offer.task, offer.made)
            and vehicles <= min(offer.n, self.left(offer.task), len(asked))
        )
        actor = self.actor(offer)
        self.tries(allowed, lambda: services.accept(actor=actor, offer_id=offer.pk, vehicles=vehicles, now=self.now))
        if not allowed:
            return
        self.end(offer, "accepted")
        offer.accepted = vehicles
        rows = Trip.objects.filter(offer=offer.pk).values_list("pk", "driver")
        made = [
            SimpleNamespace(pk=pk, task=offer.task, offer=offer, driver=self.world.driver_of[driver], alive=True)
            for pk, driver in rows
        ]
        assert len({trip.driver for trip in made}) == vehicles
        assert {trip.driver for trip in made} <= asked
        self.trips += made
        if not self.left(offer.task):
            for other in self.of(offer.task, "offered"):
                self.end(other, "cancelled")

    @rule(data=st.data())
    @precondition(lambda self: self.offers)
    def decline(self, data):
        offer = data.draw(st.sampled_from(self.offers))
        allowed = offer.status == "offered"
        actor = self.actor(offer)
        self.tries(allowed, lambda: services.decline(actor=actor, offer_id=offer.pk, now=self.now))
        if allowed:
            self.end(offer, "declined")

    @rule(data=st.data())
    @precondition(lambda self: self.offers)
    def take_back(self, data):
        offer = data.draw(st.sampled_from(self.offers))
        allowed = offer.status == "offered"
        self.tries(allowed, lambda: services.take_back(actor=self.world.desk, offer_id=offer.pk, now=self.now))
        if allowed:
            self.end(offer, "cancelled")

    @rule(data=st.data())
    @precondition(lambda self: self.offers)
    def undo(self, data):
        offer = data.draw(st.sampled_from(self.offers))
        allowed = self.now < offer.made + UNDO
        self.tries(allowed, lambda: services.undo(actor=self.world.desk, offer_id=offer.pk, now=self.now))
        if allowed:
            for other in self.of(offer.task, "offered", "accepted"):
                came_of_it = not other.by_hand and other.made >= offer.made
                if came_of_it or (other.made, other.by_hand) == (offer.made, offer.by_hand):
                    self.called_back += other.status == "accepted"
                    self.end(other, "cancelled")
                    other.accepted = 0
            for trip in self.trips:
                trip.alive &= trip.offer.status == "accepted"
            batch = [o for o in self.of(offer.task) if (o.made, o.by_hand) == (offer.made, offer.by_hand)]
            if offer.task not in self.locked and not any(o.by_hand and o not in batch for o in self.of(offer.task)):
                self.searched.discard(offer.task)
                self.red.discard(offer.task)

    @rule(seconds=st.sampled_from([4, 11, 60, 130, 600]))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule()
    def expire(self):
        late = [o for o in self.offers if o.status == "offered" and self.until(o.task, o.made) <= self.now]
        assert services.expire_offers(now=self.now) == len(late)
        for offer in late:
            self.end(offer, "expired")

    @rule(data=st.data())
    @precondition(lambda self: self.trips)
    def break_off(self, data):
        trip = data.draw(st.sampled_from(self.trips))
        fleet, seat = trip.driver
        actor = acting.worker(self.world.drivers[fleet][seat].worker.user)
        self.tries(trip.alive, lambda: trips.abort(actor=actor, trip_id=trip.pk, why="爆胎", now=self.now))
        trip.alive = False

    @rule(task=tasks)
    def lock(self, task):
        search.lock(actor=self.world.desk, task_id=self.world.tasks[task].pk, now=self.now)
        self.locked.add(task)
        self.searched.add(task)

    @rule(task=tasks)
    def unlock(self, task):
        search.unlock(actor=self.world.desk, task_id=self.world.tasks[task].pk, now=self.now)
        self.locked.discard(task)
        self.searched.add(task)
        self.red.discard(task)

    @rule()
    @precondition(lambda self: any(self.to_replace(task) for task in TASKS))
    def search_goes_on(self):
        known = {offer.pk for offer in self.offers}
        before = {task: (self.to_replace(task), self.heard(task)) for task in TASKS}
        may = {task for task in TASKS if task in self.searched - self.locked - self.red and before[task][0]}
        taken = self.asked_herself()
        most = {(task, fleet): len(self.to_ask(task, fleet)) for task in TASKS for fleet in FLEETS}
        search.advance_all(now=self.now)
        for row in Offer.objects.exclude(pk__in=known).order_by("created_at", "pk"):
            task = self.world.task_of[row.task_id]
            to = (
                ("fleet", self.world.fleet_of[row.fleet_id])
                if row.fleet_id
                else ("driver", self.world.driver_of[row.driver_id])
            )
            fleet = to[1] if row.fleet_id else to[1][0]
            assert task in may
            assert row.step
            if row.fleet_id:
                assert row.vehicles_offered <= most[task, fleet]
            else:
                assert to[1] in self.free(task, fleet) - taken
            self.note(task, to, row.vehicles_offered, by_hand=False, pk=row.pk)
            assert self.person(self.offers[-1]) not in before[task][1]
        for task in may:
            missing, heard = before[task]
            made = [offer for offer in self.of(task) if offer.pk not in known]
            assert len({self.person(offer) for offer in made}) == len(made)
            assert not made or len(heard) + len(made) <= FACTOR * self.need[task]
            step = Search.objects.get(task=self.world.tasks[task]).step
            if step == SearchStep.RED:
                self.red.add(task)
                assert sum(offer.n for offer in made) < missing
            else:
                assert sum(offer.n for offer in made) == missing

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def rows_are_as_the_model_says(self):
        if not hasattr(self, "rollback"):
            return
        rows = Offer.objects.values_list("pk", "status", "vehicles_offered", "vehicles_accepted", "expires_at")
        assert set(rows) == {(o.pk, o.status, o.n, o.accepted, self.until(o.task, o.made)) for o in self.offers}
        for number, task in enumerate(self.world.tasks):
            task.refresh_from_db()
            assert task.vehicles_accepted == self.accepted(number) <= task.vehicles_needed
            assert task.status == ("published" if self.left(number) else "fulfilled")
            driving = Trip.objects.filter(task=task).exclude(status="aborted").values_list("driver", flat=True)
            assert {self.world.driver_of[pk] for pk in driving} == {
                trip.driver for trip in self.trips if trip.task == number and trip.alive
            }
        driving = [trip.driver for trip in self.trips if trip.alive]
        assert len(driving) == len(set(driving))

    @invariant()
    def every_step_left_its_event(self):
        if not hasattr(self, "rollback"):
            return
        topics = Counter(Event.objects.values_list("topic", flat=True))
        ended = Counter(offer.status for offer in self.offers)
        assert topics["offer.made"] == len(self.offers)
        assert topics["offer.accepted"] == ended["accepted"] + self.called_back
        assert topics["offer.cancelled"] == ended["cancelled"] - self.called_back
        assert topics["offer.called_back"] == self.called_back
        for status in ("declined", "expired"):
            assert topics[f"offer.{status}"] == ended[status]
        assert topics["trip.assigned"] == len(self.trips)
        assert topics["trip.aborted"] == sum(not trip.alive for trip in self.trips)


def test_rows_follow_the_model_through_any_sequence_of_steps():
    Machine.world = World()
    chosen = settings(
        max_examples=RUNS,
        stateful_step_count=25,
        deadline=None,
        phases=[Phase.generate],  # a failing sequence is short enough to read, and shrinking it takes minutes
        suppress_health_check=list(HealthCheck),
        derandomize="OFFER_RUNS" not in os.environ,
        database=None,
    )
    run_state_machine_as_test(Machine, settings=chosen)
