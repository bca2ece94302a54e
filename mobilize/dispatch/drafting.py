"""A plan in the making: from the situation and the planner's answer to assignments with their reasons."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from math import isfinite
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db.models import QuerySet

from mobilize.dispatch import roads, situation
from mobilize.dispatch.models import Assignment
from mobilize.dispatch.planner import drivers as drivers_mode
from mobilize.dispatch.planner import reasons
from mobilize.dispatch.planner.distance import Travel
from mobilize.dispatch.planner.drivers import NOBODY, DriverPlan
from mobilize.dispatch.planner.fleets import plan_fleets
from mobilize.dispatch.planner.problem import Ints, Problem
from mobilize.dispatch.situation import Situation
from mobilize.dispatch.states import MANY, PlanMode
from mobilize.fleets.models import Driver
from mobilize.tasks.models import Task

SECONDS = 4.0  # in which fleets mode, and drivers mode again, improve an answer they have


@dataclass
class Draft:
    """What is planned so far.

    Attributes:
        mode: as asked for.
        left: vehicles still to be planned, by task.
        roster: who may be asked.
        pinned: assignments that stay, as far as they are still possible.
        struck: ids of a task and a fleet or driver who is not to be proposed for it.
        silent: see `queries.unanswered`.
        assignments: made, not saved.
        unserved: why something is left, by task.
        summary: of the plan, see `plans.propose`.
    """

    mode: PlanMode
    left: dict[UUID, int]
    roster: QuerySet[Driver]
    pinned: Sequence[Assignment]
    struck: Collection[Sequence[str]]
    silent: dict[tuple[UUID, UUID], int]
    assignments: list[Assignment] = field(default_factory=list)
    unserved: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    summary: dict[str, Any] = field(
        default_factory=lambda: {"cost": 0.0, "bound": 0.0, "proven": True, "let_loose": 0, "parts": 1}
    )

    def add_day(self, tasks: list[Task], *, day: date, now: datetime) -> None:
        """Plan the tasks of one day; who is assigned on an earlier day rests before.

        Args:
            tasks: see `situation.read`.
            day: in the city's zone.
            now: current time.
        """
        found = situation.read(
            tasks=tasks, drivers=self.roster, promised=self.assignments, struck=self.struck, day=day, now=now
        )
        travel, note = roads.travel(found.problem, around=found.around, url=settings.ROUTING_URL)
        self.summary |= {
            "drivers": len(found.drivers),
            "without_position": found.without_position,
            "routing": "fallback" if self.summary.get("routing") == "fallback" else note,
        }
        work = _Day(self, found, found.problem, travel)
        work.keep(self.pinned)
        many = [row for row, task in enumerate(tasks) if self.left[task.pk] >= MANY]
        if self.mode != PlanMode.DRIVERS:
            work.add_fleets(np.array(range(len(tasks)) if self.mode == PlanMode.FLEETS else many, np.int64))
        if self.mode != PlanMode.FLEETS:
            work.add_drivers()
        work.explain_rest()

    def count(self, cost: int, bound: int) -> None:
        """Add what a part of the plan costs, and the least that it could."""
        self.summary["cost"] += round(cost / 1000, 1)
        self.summary["bound"] += round(bound / 1000, 1)
        self.summary["proven"] &= cost <= bound


@dataclass
class _Day:
    """The planning of one day; `problem` is what the situation's has become by what was assigned."""

    draft: Draft
    found: Situation
    problem: Problem
    travel: Travel

    def keep(self, pinned: Iterable[Assignment]) -> None:
        """Take over pinned assignments whose driver, or as many of whose fleet's drivers, are still free."""
        rows = {task.pk: row for row, task in enumerate(self.found.tasks)}
        for each in pinned:
            if each.task_id not in rows:
                continue
            row = rows[each.task_id]
            free = self._free(row)
            if each.fleet_id:
                free &= self.found.of_fleet(each.fleet_id)
            else:
                free &= np.array([pk == each.driver_id for pk in self.found.drivers], bool)
            who = np.flatnonzero(free)[: min(each.vehicles, self.draft.left[each.task_id])]
            if not len(who):
                self.draft.summary["let_loose"] += 1
                continue
            rows_of_who = np.full(len(who), row)
            self._assign(rows_of_who, self._from_home(rows_of_who, who), whole=each.driver_id is None, pinned=True)

    def add_fleets(self, rows: Ints) -> None:
        """Assign whole fleets to these tasks."""
        rows = rows[self._left()[rows] > 0]
        if not len(rows):
            return
        plan = plan_fleets(
            self.problem.of_trips(rows), self.found.fleet, self._left()[rows], self.travel, budget=SECONDS
        )
        self.draft.count(plan.cost, plan.bound)
        self.draft.summary["gap"] = round(plan.gap, 4)
        served = rows[plan.serves]
        self._assign(served, self._from_home(served, plan.driver), whole=True)

    def add_drivers(self) -> None:
        """Assign single drivers."""
        row = np.repeat(np.arange(len(self.found.tasks)), self._left())
        plan = drivers_mode.plan(self.problem.of_trips(row), self.travel, budget=SECONDS)
        self.draft.count(plan.cost, plan.bound)
        self.draft.summary["parts"] = max(self.draft.summary["parts"], plan.parts)
        self.draft.summary["proven"] &= plan.one_each
        served = np.flatnonzero(plan.driver != NOBODY)
        driven = replace(plan, **{name: getattr(plan, name)[served] for name in ("driver", "way", "pickup")})
        self._assign(row[served], driven, whole=False)

    def _free(self, row: int) -> situation.Bools:
        """Tell which drivers can still be assigned to a task."""
        return replace(self.found, problem=self.problem).may_take(row)

    def _left(self) -> Ints:
        return np.array([self.draft.left[task.pk] for task in self.found.tasks], np.int64)

    def _assign(self, row: Ints, plan: DriverPlan, *, whole: bool, pinned: bool = False) -> None:
        """Write assignments down, with their reasons, and take the drivers' time away.

        Args:
            row: tasks.
            plan: who drives to each.
            whole: True to assign their fleets rather than the drivers.
            pinned: see `Assignment`.
        """
        if not len(row):
            return
        driver = plan.driver
        told = reasons.why(self.problem.of_trips(row), plan, self.travel)
        facts = _reasons(told)
        free = {int(task): self._free(int(task)) for task in np.unique(row)} if whole else {}
        names = self.found.fleets if whole else self.found.drivers
        groups: dict[tuple[int, int], list[dict[str, Any]]] = {}
        whom = (self.found.fleet[driver] if whole else driver).tolist()
        for task_row, who, fact in zip(row.tolist(), whom, facts, strict=True):
            groups.setdefault((task_row, who), []).append(fact)
        for (task_row, who), members in groups.items():
            task = self.found.tasks[task_row]
            because = _mean(members) if whole else members[0]
            if whole:
                because["free"] = int((free[task_row] & (self.found.fleet == who)).sum())
            if silent := self.draft.silent.get((task.pk, names[who])):
                because["silent"] = silent
            self.draft.assignments.append(
                Assignment(
                    task=task,
                    fleet_id=names[who] if whole else None,
                    driver_id=None if whole else names[who],
                    vehicles=len(members),
                    reasons=because,
                    pinned=pinned,
                )
            )
            self.draft.left[task.pk] -= len(members)
        self.problem = drivers_mode.committed(self.problem, row, driver, plan.way, plan.pickup)

    def _from_home(self, row: Ints, driver: Ints) -> DriverPlan:
        """Return the plan in which drivers set out to these tasks from where they are."""
        people, trips = self.problem.drivers, self.problem.trips
        way = self.travel.minutes(people.x[driver], people.y[driver], trips.x[row], trips.y[row])
        pickup = np.maximum(people.free_from[driver] + way, trips.due[row])
        return DriverPlan(driver, way, pickup, 0, 0)

    def explain_rest(self) -> None:
        """Say of each task of which something is left which rule left it, and who came nearest."""
        left = np.flatnonzero(self._left())
        if not len(left):
            return
        nobody = DriverPlan(np.full(len(left), NOBODY), np.zeros(len(left)), np.zeros(len(left)), 0, 0)
        for missed in reasons.why_not(self.problem.of_trips(left), nobody, self.travel):
            task_row = int(left[missed.trip])
            rule, nearest = str(missed.rule), int(missed.nearest)
            if rule == reasons.Rule.DUTY and self.found.asked(nearest):
                rule = "asked"
            self.draft.unserved[self.found.tasks[task_row].pk] = {
                "rule": rule,
                "drivers": missed.drivers,
                "nearest": None if nearest == NOBODY else str(self.found.drivers[nearest]),
                "by": round(missed.by, 1) if np.isfinite(missed.by) else None,
            }


_REASONS = ["km", "minutes", "late", "spare_seats", "spare_kg", "hours_served", "rested"]


def _reasons(told: reasons.Chosen) -> list[dict[str, Any]]:
    """Return the reasons of each vehicle to one decimal; None where there is nothing to tell."""
    columns = (np.round(getattr(told, name).astype(float), 1).tolist() for name in _REASONS)
    known = ([value if isfinite(value) else None for value in column] for column in columns)
    return [dict(zip(_REASONS, values, strict=True)) for values in zip(*known, strict=True)]


def _mean(facts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of vehicles' reasons."""
    known = {name: [fact[name] for fact in facts if fact[name] is not None] for name in _REASONS}
    return {name: round(sum(some) / len(some), 1) if some else None for name, some in known.items()}
