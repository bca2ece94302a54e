"""The search for somebody who says yes: whoever refuses, is silent, promises less or breaks off is replaced.

It goes on in widening steps: whoever is near and was tasked longest ago, then a wider circle, then the leaders of all
fleets; when nobody is left it lays the task on the officer's red list. Nobody is asked twice for a task, and no more
people than the campaign allows for each vehicle. It runs at once after each event, and every five seconds for what that
missed; the task's lock keeps two searches for one task apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils import timezone

from mobilize.core.actor import OFFICER, WORKER, Actor
from mobilize.core.locks import locked
from mobilize.dispatch import chains, choices, policies, queries, services, situation
from mobilize.dispatch.models import Offer, Search, Trip
from mobilize.dispatch.planner.distance import StraightLine, minutes_between
from mobilize.dispatch.planner.problem import NEVER
from mobilize.dispatch.states import LOST, MANY, OfferStatus, SearchStep, TripStatus
from mobilize.fleets import policies as fleet_policies
from mobilize.fleets.models import Driver, Fleet
from mobilize.fleets.states import FleetStatus
from mobilize.outbox import services as outbox
from mobilize.tasks import policies as task_policies
from mobilize.tasks.models import Task
from mobilize.tasks.states import LIVE
from mobilize.unions import queries as unions

STEPS = [SearchStep.ALTERNATES, SearchStep.WIDER, SearchStep.LEADERS]
# Minutes of way to the pick-up at most.
CIRCLE = {SearchStep.ALTERNATES: 20.0, SearchStep.WIDER: 60.0, SearchStep.LEADERS: NEVER}
CONSIDERED = 400  # drivers at a time, those tasked longest ago


def advance_all(*, now: datetime) -> int:
    """Go on with every search that has somebody to replace.

    Returns:
        How many offers were made.
    """
    waiting = to_replace(_searched_for(now).exclude(search__step=SearchStep.RED), now=now)
    return sum(advance(task_id=task_id, now=now) for task_id in sorted(waiting))


def _searched_for(now: datetime) -> QuerySet[Task]:
    """Tasks the search may touch."""
    return Task.objects.filter(
        status__in=LIVE,
        ends_at__gt=now,
        vehicles_accepted__lt=F("vehicles_needed"),
        search__isnull=False,
        search__locked_at=None,
    )


def to_replace(tasks: QuerySet[Task], *, now: datetime) -> dict[UUID, int]:
    """Return how many vehicles somebody else must be asked for, by task; tasks that need nobody are missing.

    These are the ones that were refused, not answered for, promised only in part or broken off, and those of chains
    that were not gone on with, less those the search asked for already; what was taken back, or never offered, is the
    dispatcher's. Never more than what is still needed and not being asked for.
    """
    offered, accepted = F("vehicles_offered"), F("vehicles_accepted")
    rows = (
        Offer.objects.filter(task__in=tasks)
        .order_by()
        .values("task", left=F("task__vehicles_needed") - F("task__vehicles_accepted"))
        .annotate(
            refused=Sum(offered, filter=Q(status__in=LOST), default=0),
            short=Sum(offered - accepted, filter=Q(status=OfferStatus.ACCEPTED), default=0),
            asked=Sum(offered, filter=Q(status=OfferStatus.OFFERED), default=0),
            searched=Sum(offered, filter=~Q(step=""), default=0),
        )
    )
    broken_off = dict(_broken_off(tasks).order_by().values_list("task").annotate(n=Count("pk")))
    found = chains.counted(chains.broken(tasks, now=now))
    for row in rows:
        lost = found.get(row["task"], 0) + row["refused"] + row["short"] + broken_off.get(row["task"], 0)
        found[row["task"]] = min(lost - row["searched"], row["left"] - row["asked"])
    return {task: vehicles for task, vehicles in found.items() if vehicles > 0}


def _broken_off(tasks: QuerySet[Task]) -> QuerySet[Trip]:
    """Trips of the tasks that were broken off, but for those the dispatcher undid."""
    aborted = Trip.objects.filter(task__in=tasks, status=TripStatus.ABORTED)
    return aborted.exclude(offer__status=OfferStatus.CANCELLED)


@transaction.atomic
def advance(*, task_id: UUID, now: datetime) -> int:
    """Ask others for the vehicles of a task that must be replaced; a second call at the same time changes nothing.

    Args:
        task_id: which; one that needs nobody, is locked, or is held by somebody else at this moment, is left alone.
        now: current time.
    Returns:
        How many offers were made.
    """
    rows = _searched_for(now).select_related("campaign", "site", "destination", "search")
    task = rows.filter(pk=task_id).select_for_update(of=("self",), skip_locked=True).first()
    if task is None:
        return 0
    missing = to_replace(Task.objects.filter(pk=task_id), now=now).get(task_id, 0)
    if not missing or task.search.step == SearchStep.RED:
        return 0
    return _ask(task, missing, now)


def _ask(task: Task, missing: int, now: datetime) -> int:
    asked = _asked_for(task)
    circle = _Circle(task, asked, now)
    may_ask = task.campaign.alert_factor * task.vehicles_needed - len(asked.people)
    offers: list[Offer] = []
    for step in STEPS[STEPS.index(SearchStep(task.search.step)) :]:
        for each in islice(circle.candidates(step, missing), max(may_ask - len(offers), 0)):
            each.vehicles_offered = min(each.vehicles_offered, missing)
            missing -= each.vehicles_offered
            offers.append(each)
            if not missing:
                break
        if not missing:
            break
    else:
        step = SearchStep.RED
    made = _made(offers)
    if step != task.search.step:
        Search.objects.filter(pk=task.search.pk).update(step=step, step_at=now)
        outbox.record(f"search.{step}", task.pk, at=now.isoformat())
    outbox.record_many([("offer.made", pk, {}) for pk in made])
    return len(made)


def _made(offers: list[Offer]) -> list[UUID]:
    """Write offers, but for drivers who got another one at this moment, and return the ids of those written.

    In the order of the drivers, so two searches that want the same ones do not wait for each other in a circle.
    """
    Offer.objects.bulk_create(sorted(offers, key=lambda each: str(each.driver_id)), ignore_conflicts=True)
    return list(Offer.objects.filter(pk__in=[each.pk for each in offers]).values_list("pk", flat=True))


@dataclass(frozen=True)
class _Asked:
    """Who has been asked for a task.

    Attributes:
        people: leaders and drivers a message about it went to, or goes to.
        spent: fleets that gave all they would or were struck out, and drivers who broke off or were: neither their
            drivers nor they are asked.
        struck: fleets and drivers a dispatcher struck out of a plan she committed.
        offered_by: who offered it last, None for a partner.
    """

    people: set[UUID]
    spent: Q
    struck: set[UUID]
    offered_by: UUID | None


def _asked_for(task: Task) -> _Asked:
    """Return who has been asked for a task, as the search must know."""
    gave_all = Q(status=OfferStatus.DECLINED) | Q(
        status=OfferStatus.ACCEPTED, vehicles_accepted__lt=F("vehicles_offered")
    )
    fleets = Offer.objects.filter(gave_all, task=task, fleet__isnull=False).values("fleet_id")
    broke_off = _broken_off(Task.objects.filter(pk=task.pk)).values("driver_id")
    struck = queries.struck_out(task)
    return _Asked(
        people=queries.people_asked(task),
        spent=Q(fleet__in=fleets) | Q(pk__in=broke_off) | Q(fleet__in=struck) | Q(pk__in=struck),
        struck=struck,
        offered_by=queries.last_offered_by(task),
    )


@dataclass
class _Circle:
    """Whom the search may ask for a task, the best first."""

    task: Task
    asked: _Asked
    now: datetime

    def candidates(self, step: SearchStep, missing: int) -> Iterator[Offer]:
        """Yield offers that could be made at a step; whom one was yielded for is not asked again."""
        if step == SearchStep.LEADERS or missing >= MANY:
            for fleet, free in self._fleets(CIRCLE[step]):
                if fleet.leader_id not in self.asked.people:  # she may lead two
                    yield self._offer(step, fleet.leader_id, fleet=fleet, vehicles_offered=free)
                    missing -= free
        if step != SearchStep.LEADERS and missing > 0 and (missing < MANY or step == SearchStep.WIDER):
            for driver in self._drivers(CIRCLE[step], missing):
                yield self._offer(step, driver.worker.user_id, driver=driver, vehicles_offered=1)

    def _offer(self, step: SearchStep, person: UUID, **to: object) -> Offer:
        self.asked.people.add(person)
        return Offer(
            task=self.task,
            step=step,
            expires_at=services.answer_until(self.task, now=self.now),
            created_at=self.now,
            **to,
        )

    def _fleets(self, farthest: float) -> list[tuple[Fleet, int]]:
        """Fleets with free vehicles: those that can give all or most first, then those tasked longest ago."""
        fleets = (
            self._all_fleets()
            .filter(status=FleetStatus.ENROLLED)
            .exclude(Q(leader__in=self.asked.people) | Q(pk__in=self.asked.struck))
            .annotate(tasked=Max("offers__created_at"))
            .order_by(F("tasked").asc(nulls_first=True), "pk")
        )
        near = [fleet for fleet in fleets if self._way(fleet) <= farthest]
        free = choices.free_vehicles(self.task, now=self.now, fleets=[fleet.pk for fleet in near])
        left = self.task.vehicles_left
        able = [(fleet, free[fleet.pk]) for fleet in near if fleet.pk in free]
        return sorted(able, key=lambda each: -min(each[1], left))

    def _way(self, fleet: Fleet) -> float:
        """Minutes from a fleet's base to the pick-up; a base nobody knows lies beyond every circle."""
        if fleet.latitude is None or fleet.longitude is None:
            return NEVER
        site = self.task.site
        base = float(fleet.latitude), float(fleet.longitude)
        return minutes_between(base, (float(site.latitude), float(site.longitude)))

    def _drivers(self, farthest: float, wanted: int) -> list[Driver]:
        """Drivers for so many vehicles, as the planner chooses them among those tasked longest ago."""
        free = (
            queries.free_drivers(self.task, now=self.now)
            .filter(fleet__in=self._all_fleets())
            .exclude(self.asked.spent)
            .exclude(worker__user__in=self.asked.people)
            .exclude(offers__status=OfferStatus.OFFERED)
        )
        pool = list(free.values_list("pk", flat=True)[:CONSIDERED])
        found = situation.read(
            tasks=[self.task],
            drivers=Driver.objects.filter(pk__in=pool),
            day=timezone.localdate(queries.trip_times(self.task, now=self.now)[0]),
            now=self.now,
        )
        from mobilize.dispatch.planner import drivers as drivers_mode  # its SciPy takes long to load

        each = found.problem.of_trips(np.zeros(wanted, np.int64))
        plan = drivers_mode.plan(replace(each, rules=replace(each.rules, farthest=farthest)), StraightLine())
        chosen = [found.drivers[row] for row in plan.driver.tolist() if row >= 0]
        return list(Driver.objects.filter(pk__in=chosen).select_related("worker").order_by("pk"))

    def _all_fleets(self) -> QuerySet[Fleet]:
        """Fleets seen by whoever offered the task; for a partner's task those of its union and below."""
        if self.asked.offered_by:
            officer = Actor(user_id=self.asked.offered_by, scopes=frozenset({WORKER, OFFICER}))
            return fleet_policies.visible_to(officer)
        return Fleet.objects.filter(union__in=unions.branch_ids([self.task.union_id]))


@transaction.atomic
def lock(*, actor: Actor, task_id: UUID, now: datetime) -> Search:
    """Keep plans and the search away from a task: the dispatcher finds its vehicles herself.

    Args:
        actor: a dispatcher of the task's union.
        task_id: which.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden
    """
    return _hold(actor, task_id, now, locked_at=now, locked_by_id=actor.user_id)


@transaction.atomic
def unlock(*, actor: Actor, task_id: UUID, now: datetime) -> Search:
    """Let plans and the search at a task again; the search begins anew.

    Args and Raises: as `lock`.
    """
    return _hold(actor, task_id, now, locked_at=None, locked_by_id=None, step=SearchStep.ALTERNATES)


def _hold(actor: Actor, task_id: UUID, now: datetime, **changes: object) -> Search:
    task = locked(task_policies.visible_to(actor), pk=task_id)
    policies.demand_offering(actor, task)
    found, _ = Search.objects.update_or_create(
        task=task, defaults=changes | {"step_at": now}, create_defaults=changes | {"step_at": now, "created_at": now}
    )
    return found
