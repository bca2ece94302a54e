"""SEQUENCE: whatever happens to a duty, it never goes back, and it grows with every change of time or standing."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobilize.core.errors import DomainError
from mobilize.dispatch import flights
from mobilize.dispatch import services as dispatch
from mobilize.dispatch.models import Trip
from mobilize.signups import endings, merging, rota, services, swaps, waiting
from mobilize.signups.models import Signup
from mobilize.tasks import services as tasks
from mobilize.tasks.models import Flight, Shift
from mobilize.unions.states import Role
from tests import acting
from tests.calendars.reading import events, made, standing
from tests.factories import (
    DutyFactory,
    FleetFactory,
    OfficerFactory,
    PostFactory,
    ShiftFactory,
    SiteFactory,
    TeamFactory,
    TransportFactory,
    WorkerFactory,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WHO, WHICH = st.integers(0, 2), st.integers(0, 1)
STEPS = st.one_of(
    *(st.tuples(st.just(what), WHO, WHICH) for what in ("join", "join", "withdraw", "accept", "decline", "pass on")),
    *(st.tuples(st.just(what), st.integers(-3, 3), WHICH) for what in ("move", "move", "other post")),
    *(st.tuples(st.just(what), st.just(0), WHICH) for what in ("call off", "lapse", "merge", "cancel")),
)


class City:
    """Three workers, a post with two shifts of one place each, and the calendars of all of them."""

    def __init__(self):
        self.now = timezone.now().replace(microsecond=0)
        self.officer = OfficerFactory(role=Role.ADMIN)
        union, self.team = self.officer.union, TeamFactory(leader=WorkerFactory())
        self.posts = [PostFactory(team=self.team, site__union=union) for _ in range(2)]
        self.task = DutyFactory(union=union, starts_at=self.now, ends_at=self.now + timedelta(days=20))
        start = self.now + timedelta(days=5)
        self.shifts = [
            ShiftFactory(task=self.task, post=self.posts[0], places=1, starts_at=start + n * timedelta(days=1))
            for n in range(2)
        ]
        self.workers = [WorkerFactory(union=union) for _ in range(3)]
        self.feeds = [made(worker.user) for worker in self.workers] + [made(self.team.leader.user, self.team)]

    def do(self, what, n, at):
        self.now += timedelta(minutes=1)
        desk, shift = acting.officer(self.officer), Shift.objects.get(pk=self.shifts[at].pk)
        if what in {"move", "other post"}:
            post = shift.post_id if what == "move" else self.posts[n % 2].pk
            times = {"starts_at": shift.starts_at + n * HOUR, "ends_at": shift.ends_at + n * HOUR, "opens_at": None}
            rota.correct_shift(actor=desk, shift_id=shift.pk, post_id=post, now=self.now, **times)
        elif what == "call off":
            endings.call_off_shift(actor=desk, shift_id=shift.pk, now=self.now)
        elif what == "cancel":
            tasks.cancel(actor=desk, task_id=self.task.pk, now=self.now)
            endings.call_off_task(task_id=self.task.pk, now=self.now)
        elif what == "lapse":
            self.now += timedelta(hours=3)
            waiting.lapse(now=self.now)
        elif what == "merge":
            keep, drop = self.workers[at].pk, self.workers[2].pk
            merging.merge(actor=desk, keep_id=keep, drop_id=drop, now=self.now)
        else:
            self.of_worker(what, self.workers[n], shift)

    def of_worker(self, what, worker, shift):
        actor = acting.worker(worker.user)
        if what == "join":
            services.sign_up(actor=actor, shift_id=shift.pk, now=self.now, accepts_covenant=True)
            return
        signup = Signup.objects.filter(worker=worker, shift=shift).order_by("-created_at").first()
        if signup and what == "pass on":
            taker = self.workers[self.workers.index(worker) - 1]
            swaps.look_for_somebody(actor=actor, signup_id=signup.pk, now=self.now)
            taken = {"signup_id": signup.pk, "now": self.now, "accepts_covenant": True}
            swaps.take_over(actor=acting.worker(taker.user), **taken)
        elif signup:
            step = {"withdraw": services.withdraw, "accept": waiting.accept, "decline": waiting.decline}[what]
            step(actor=actor, signup_id=signup.pk, now=self.now)

    def shown(self):
        """Return sequence, and what it stands for, of every event in any calendar, by UID."""
        found = {}
        for feed in self.feeds:
            feed.refresh_from_db()
            if feed.user.is_active:
                found |= events(feed, self.now)
        return {
            uid: (int(event["SEQUENCE"]), (str(event["STATUS"]), event.start, event.end, str(event["LOCATION"])))
            for uid, event in found.items()
        }


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_it_never_goes_back_and_grows_with_every_change(steps):
    with transaction.atomic():
        city = City()
        before = city.shown()
        for step in steps:
            try:
                with transaction.atomic():
                    city.do(*step)
            except DomainError:
                continue
            after = city.shown()
            for uid in before.keys() & after.keys():
                (was, said), (is_, says) = before[uid], after[uid]
                assert is_ > was if said != says else is_ == was, (step, before[uid], after[uid])
            before = before | after
        transaction.set_rollback(True)


def test_a_flight_that_moves_raises_that_of_its_trips_each_time():
    officer, now = OfficerFactory(), timezone.now()
    flight = Flight.objects.create(
        campaign=DutyFactory(union=officer.union).campaign, union=officer.union, number="CA1104",
        site=SiteFactory(kind="airport"), arrives_at=now + 9 * HOUR, passengers=120,
    )  # fmt: skip
    task = TransportFactory(
        union=officer.union, flight=flight, starts_at=flight.arrives_at, ends_at=flight.arrives_at + HOUR
    )
    fleet = FleetFactory(union=officer.union, drivers=1)
    (offer,) = dispatch.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=now)
    dispatch.accept(actor=acting.worker(fleet.leader), offer_id=offer.pk, vehicles=1, now=now)
    trip = Trip.objects.get()
    feed = made(trip.driver.worker.user)
    for n, by in enumerate((3 * HOUR, -HOUR, HOUR), 2):
        flight.refresh_from_db()
        starts_at = events(feed)[str(trip.pk)].start
        flights.move(actor=acting.officer(officer), flight_id=flight.pk, arrives_at=flight.arrives_at + by, now=now)
        event = events(feed)[str(trip.pk)]
        assert (standing(event), event.start) == (("CONFIRMED", n), starts_at + by)
        assert event["LAST-MODIFIED"].dt == now.replace(microsecond=0)


@pytest.mark.django_db(transaction=True)
def test_moves_at_the_same_instant_are_all_counted():
    shift = ShiftFactory()
    acting.at_once([lambda: tasks.count_move(shift_id=shift.pk, now=timezone.now())] * 10)
    shift.refresh_from_db()
    assert shift.moves == 10


@pytest.mark.django_db(transaction=True)
def test_counted_in_three_steps_moves_at_the_same_instant_are_lost():
    """The control: read, reckoned and written back, four moves are one."""
    shift, together = ShiftFactory(), Barrier(4)

    def count_move():
        moves = Shift.objects.get(pk=shift.pk).moves
        together.wait(30)
        Shift.objects.filter(pk=shift.pk).update(moves=moves + 1)

    acting.at_once([count_move] * 4)
    shift.refresh_from_db()
    assert shift.moves == 1
