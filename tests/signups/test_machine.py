"""Sign-ups against a model a reader can hold in her head: two shifts at one time, one later, eight people.

The model says who is where after every step; rows, counters, positions and events must say the same.
`SIGNUP_RUNS` sets how many runs are made; `make prove-signups` makes 2,000.
"""

import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
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
from mobilize.outbox.models import Event
from mobilize.signups import groups, merging, queries, services, waiting
from mobilize.signups.models import Signup
from mobilize.tasks.models import Shift
from mobilize.unions.states import Role
from mobilize.workers.enrolment import PersonLine
from tests import acting
from tests.factories import DutyFactory, OfficerFactory, ShiftFactory, WorkerFactory

pytestmark = pytest.mark.django_db

RUNS = int(os.environ.get("SIGNUP_RUNS", "60"))
PEOPLE = range(8)
SHIFTS = ["early", "same time", "later"]
BINDING, OFFERED, WAITING = "confirmed", "offered", "waitlisted"
CERTAINTY = [BINDING, OFFERED, WAITING]
HOUR = timedelta(hours=1)

people = st.sampled_from(PEOPLE)
shifts = st.sampled_from(SHIFTS)
crowds = st.lists(people, min_size=1, max_size=6, unique=True)


class World:
    """The rows every run begins with; a run is rolled back."""

    def __init__(self):
        self.begin = timezone.now().replace(microsecond=0)
        task = DutyFactory(starts_at=self.begin, ends_at=self.begin + timedelta(days=9))
        officer = OfficerFactory(union=task.union, role=Role.ADMIN)
        self.desk = acting.officer(officer)
        self.workers = [WorkerFactory(union=task.union) for _ in PEOPLE]
        starts = dict(zip(SHIFTS, [12 * HOUR, 14 * HOUR, 20 * HOUR], strict=True))
        self.shifts = {
            name: ShiftFactory(task=task, starts_at=self.begin + start, ends_at=self.begin + start + 4 * HOUR, places=2)
            for name, start in starts.items()
        }


class Machine(RuleBasedStateMachine):
    world: World

    @initialize(places=st.integers(1, 3), crowd=crowds, members=st.sets(people, min_size=2, max_size=3))
    def begin(self, places, crowd, members):
        cache.clear()  # the hourly limit of groups is not what is looked at here
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        self.now = self.world.begin
        self.places = dict.fromkeys(SHIFTS, places)
        Shift.objects.filter(pk__in=[shift.pk for shift in self.world.shifts.values()]).update(places=places)
        self.rows = []  # live sign-ups: who, shift, status, number, group, answer_by, in order of arrival
        self.numbers = dict.fromkeys(SHIFTS, 0)
        self.alive = set(PEOPLE)
        self.ends = 0  # sign-ups that ended, each with an event of its own
        self.promotions = 0
        self.made = 0
        self.group_count = 0
        self.sign_up(crowd=crowd, shift="early")
        self.sign_up_group(leader=0, members=members, shift="early", with_me=False)
        self.sign_up(crowd=list(reversed(PEOPLE)), shift="early")

    def teardown(self):
        if hasattr(self, "rollback"):
            transaction.set_rollback(True)
            self.rollback.__exit__(None, None, None)

    # --- the model -----------------------------------------------------------------------------------------

    def start(self, shift):
        return self.world.shifts[shift].starts_at

    def on(self, shift, *statuses):
        return [row for row in self.rows if row.shift == shift and (not statuses or row.status in statuses)]

    def free(self, shift):
        return self.places[shift] - len(self.on(shift, BINDING, OFFERED))

    def last_call(self, shift):
        return self.now >= self.start(shift) - 2.5 * HOUR

    def busy(self, who, shift):
        mine = {row.shift for row in self.rows if row.who == who}
        return shift in mine or (shift != "later" and bool(mine & {"early", "same time"}))

    def arrive(self, members, shift, group=None):
        placed = len(members) <= self.free(shift)
        for who in members:
            number = None
            if not placed:
                self.numbers[shift] += 1
                number = self.numbers[shift]
            status = BINDING if placed else WAITING
            self.rows.append(
                SimpleNamespace(who=who, shift=shift, status=status, number=number, group=group, answer_by=None)
            )
        self.made += len(members)

    def leave(self, rows):
        for row in rows:
            self.rows.remove(row)
        self.ends += len(rows)
        for shift in SHIFTS:
            if any(row.shift == shift for row in rows):
                self.promote(shift)

    def promote(self, shift):
        if self.last_call(shift):
            return
        parties = {}
        for row in sorted(self.on(shift, WAITING), key=lambda row: row.number):
            parties.setdefault(row.group or row.number, []).append(row)
        for party in parties.values():
            if len(party) <= self.free(shift):
                for row in party:
                    row.status, row.answer_by = OFFERED, min(self.now + 4 * HOUR, self.start(shift) - 2 * HOUR)
                self.promotions += len(party)

    def together(self, row):
        return [other for other in self.rows if other.group == row.group and other.status == row.status]

    def find(self, who, shift):
        return next((row for row in self.rows if row.who == who and row.shift == shift), None)

    def row_id(self, row):
        worker, shift = self.world.workers[row.who], self.world.shifts[row.shift]
        return Signup.objects.exclude(status="withdrawn").get(worker=worker, shift=shift).pk

    def actor(self, who):
        return acting.worker(self.world.workers[who].user)

    def tries(self, allowed, call):
        """Run a service; it must succeed if the model allows it, and change nothing if not."""
        try:
            with transaction.atomic():
                call()
            refused = None
        except DomainError as error:
            refused = error
        assert (refused is None) is allowed, f"{allowed=}, {refused} {vars(refused) if refused else ''}"

    # --- the steps -----------------------------------------------------------------------------------------

    @rule(crowd=crowds, shift=shifts)
    def sign_up(self, crowd, shift):
        for who in crowd:
            if who in self.alive:
                self.one_signs_up(who, shift)

    def one_signs_up(self, who, shift):
        allowed = self.now < self.start(shift) and not self.busy(who, shift)
        shift_id = self.world.shifts[shift].pk
        self.tries(
            allowed,
            lambda: services.sign_up(actor=self.actor(who), shift_id=shift_id, accepts_covenant=True, now=self.now),
        )
        if allowed:
            self.arrive([who], shift)

    @rule(leader=people, members=st.sets(people, min_size=1, max_size=3), shift=shifts, with_me=st.booleans())
    def sign_up_group(self, leader, members, shift, with_me):
        members -= {leader}
        if leader not in self.alive or not members or members - self.alive:
            return
        everybody = [*([leader] if with_me else []), *sorted(members)]
        allowed = (
            self.now < self.start(shift)
            and len(everybody) <= self.places[shift]
            and not any(self.busy(who, shift) for who in everybody)
        )
        lines = [
            PersonLine(name=self.world.workers[who].user.name, phone=str(self.world.workers[who].user.phone))
            for who in sorted(members)
        ]
        self.tries(
            allowed,
            lambda: groups.sign_up_group(
                actor=self.actor(leader),
                shift_id=self.world.shifts[shift].pk,
                name="突击队",
                members=lines,
                with_me=with_me,
                accepts_covenant=True,
                now=self.now,
            ),
        )
        if allowed:
            self.group_count += 1
            self.arrive(everybody, shift, group=f"{self.group_count} led by {leader}")

    @rule(data=st.data())
    @precondition(lambda self: self.rows)
    def withdraw(self, data):
        row = data.draw(st.sampled_from(self.rows))
        start = self.start(row.shift)
        allowed = self.now < start and not (row.status == BINDING and self.now > start - 2 * HOUR)
        row_id = self.row_id(row)
        self.tries(allowed, lambda: services.withdraw(actor=self.actor(row.who), signup_id=row_id, now=self.now))
        if allowed:
            self.leave([row])

    @rule(shift=shifts, places=st.integers(1, 5))
    def set_places(self, shift, places):
        allowed = self.now < self.start(shift) and places >= len(self.on(shift, BINDING, OFFERED))
        shift_id = self.world.shifts[shift].pk
        self.tries(
            allowed,
            lambda: services.set_places(actor=self.world.desk, shift_id=shift_id, places=places, now=self.now),
        )
        if allowed:
            self.places[shift] = places
            self.promote(shift)

    @rule(shift=shifts)
    @precondition(lambda self: any(row.status == WAITING for row in self.rows))
    def room_for_everybody(self, shift):
        self.set_places(shift=shift, places=8)

    @rule(data=st.data(), yes=st.booleans())
    @precondition(lambda self: any(row.status != BINDING for row in self.rows))
    def answer(self, data, yes):
        row = data.draw(st.sampled_from([row for row in self.rows if row.status != BINDING]))
        party = [row] if row.group is None else self.together(row)
        row_id = self.row_id(row)
        if not yes:
            allowed = row.status == OFFERED
            self.tries(allowed, lambda: waiting.decline(actor=self.world.desk, signup_id=row_id, now=self.now))
            if allowed:
                self.leave(party)
            return
        in_time = row.status == OFFERED and self.now < row.answer_by
        first = row.status == WAITING and self.last_call(row.shift) and len(party) <= self.free(row.shift)
        allowed = self.now < self.start(row.shift) and (in_time or first)
        self.tries(allowed, lambda: waiting.accept(actor=self.world.desk, signup_id=row_id, now=self.now))
        if allowed:
            for each in party:
                each.status = BINDING

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours):
        self.now += hours * HOUR

    @rule()
    def expire(self):
        late = [row for row in self.rows if row.status == OFFERED and row.answer_by <= self.now]
        assert waiting.lapse(now=self.now) == len(late)
        self.leave(late)

    @rule(keep=people, drop=people)
    @precondition(lambda self: len(self.alive) > 5)
    def merge(self, keep, drop):
        if keep == drop or not {keep, drop} <= self.alive:
            return
        merging.merge(
            actor=self.world.desk,
            keep_id=self.world.workers[keep].pk,
            drop_id=self.world.workers[drop].pk,
            now=self.now,
        )
        self.alive.remove(drop)
        stay, go = [], []
        for row in sorted(self.rows, key=lambda row: CERTAINTY.index(row.status)):  # stable: else by arrival
            if row.who in (keep, drop):
                at_once = row.shift if row.shift == "later" else "early"
                (go if at_once in [shift for shift, _ in stay] else stay).append((at_once, row))
        for _, row in [*stay, *go]:
            row.who = keep
        self.leave([row for _, row in go])

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def rows_and_counters_are_as_the_model_says(self):
        if not hasattr(self, "rollback"):
            return
        who = {worker.pk: number for number, worker in enumerate(self.world.workers)}
        name_of = {shift.pk: name for name, shift in self.world.shifts.items()}
        live = queries.full(Signup.objects.filter(shift__in=name_of)).exclude(status="withdrawn")
        found = live.values_list("shift", "worker", "status", "answer_by", "position")
        queues = {name: sorted(row.number for row in self.on(name, WAITING)) for name in SHIFTS}
        assert {(name_of[shift], who[worker], *rest) for shift, worker, *rest in found} == {
            (
                row.shift,
                row.who,
                row.status,
                row.answer_by,
                queues[row.shift].index(row.number) + 1 if row.status == WAITING else None,
            )
            for row in self.rows
        }
        for shift in Shift.objects.filter(pk__in=name_of):
            name = name_of[shift.pk]
            assert shift.taken == len(self.on(name, BINDING, OFFERED)) <= shift.places
            assert shift.waiting == len(queues[name])

    @invariant()
    def every_step_left_its_event(self):
        if not hasattr(self, "rollback"):
            return
        topics = list(Event.objects.filter(topic__startswith="signup.").values_list("topic", flat=True))
        assert sum(topic in {"signup.confirmed", "signup.waitlisted"} for topic in topics) == self.made
        assert topics.count("signup.promoted") == self.promotions
        assert topics.count("signup.withdrawn") + topics.count("signup.lapsed") == self.ends


def test_rows_follow_the_model_through_any_sequence_of_steps():
    Machine.world = World()
    chosen = settings(
        max_examples=RUNS,
        stateful_step_count=20,
        deadline=None,
        phases=[Phase.generate],  # a failing sequence is short enough to read, and shrinking it takes minutes
        suppress_health_check=list(HealthCheck),
        derandomize="SIGNUP_RUNS" not in os.environ,
        database=None,
    )
    run_state_machine_as_test(Machine, settings=chosen)
