"""Plans: who could serve which tasks. A plan changes nothing until it is committed; then it becomes offers.

Only what a plan rests on is looked at again when it is committed: its tasks, and whether its fleets and drivers are
still free. What changed is named, and the plan refused.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID
from zlib import crc32

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from mobilize.core import bulk, transitions
from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.core.locks import guarded, locked
from mobilize.dispatch import chains, policies, queries, services, situation
from mobilize.dispatch.models import Assignment, Offer, Plan, Search, Unserved
from mobilize.dispatch.situation import Situation
from mobilize.dispatch.states import UNDO_WITHIN, OfferStatus, PlanMode, PlanStatus
from mobilize.fleets import policies as fleet_policies
from mobilize.fleets.models import Driver, Fleet
from mobilize.outbox import services as outbox
from mobilize.tasks import policies as task_policies
from mobilize.tasks.models import Task
from mobilize.tasks.states import LIVE, TaskKind
from mobilize.unions.states import Role

if TYPE_CHECKING:
    from mobilize.dispatch.drafting import Draft

GOOD_FOR = timedelta(minutes=30)  # then drivers are elsewhere
MOST_TASKS = 3000
MOST_DAYS = 14  # each is a situation of its own


def propose(
    *, actor: Actor, task_ids: Sequence[UUID], mode: PlanMode, now: datetime, keeping: UUID | None = None
) -> Plan:
    """Propose who serves what is left of transport tasks; nothing is offered yet.

    Vehicles that wait for an answer are not planned again. Tasks that are locked, over, not published or filled are
    left out and named in `summary["left_out"]`, and so are those of later days than the first 14.

    Args:
        actor: a dispatcher of all the tasks' unions; fleets and drivers she sees are considered.
        task_ids: which, at most 3,000.
        mode: FLEETS or DRIVERS; AUTO asks fleets for tasks with 5 vehicles left or more, then single drivers.
        now: current time.
        keeping: an earlier plan whose pinned assignments stay, as far as they are still possible, and whose struck-out
            ones do not come back.
    Raises:
        Unauthenticated
        NotFound: no such earlier plan.
        Forbidden: `role_too_weak`: she sees a task but may not dispatch it.
        Invalid: `required`, `too_many`, `unknown_task` beside `task_ids`.
        Conflict: `nothing_to_plan` with `left_out`.
    """
    begun = perf_counter()
    tasks, basis, left_out = _tasks_to_plan(actor, task_ids, now)
    left = {task.pk: task.vehicles_left - basis["tasks"][str(task.pk)]["asked"] for task in tasks}
    from mobilize.dispatch.drafting import Draft  # the planner's SciPy and HiGHS take long to load, and few plan

    pinned, struck = _decided(actor, keeping) if keeping else ([], [])
    draft = Draft(
        mode,
        left,
        roster=fleet_policies.drivers_visible_to(actor),
        pinned=pinned,
        struck=struck,
        silent=queries.unanswered(left),
    )
    for day, some in _by_day(tasks, now):
        draft.add_day(some, day=day, now=now)
    draft.summary |= {"left_out": left_out, "seconds": round(perf_counter() - begun, 3)}
    return _saved(draft, tasks, basis | {"struck": struck}, actor, now)


def _by_day(tasks: Sequence[Task], now: datetime) -> list[tuple[date, list[Task]]]:
    """Return the tasks of each day of the city, the first day first."""
    days: dict[date, list[Task]] = {}
    for task in tasks:
        days.setdefault(timezone.localdate(queries.trip_times(task, now=now)[0]), []).append(task)
    return sorted(days.items())


def _tasks_to_plan(
    actor: Actor, task_ids: Sequence[UUID], now: datetime
) -> tuple[list[Task], dict[str, Any], list[dict[str, str]]]:
    """Return the tasks, what a plan of them rests on, and what is left out."""
    wanted = list(dict.fromkeys(task_ids))
    if not wanted or len(wanted) > MOST_TASKS:
        raise Invalid({"task_ids": ["too_many" if wanted else "required"]}, most=MOST_TASKS)
    tasks = _with_all(policies.dispatchable_by(actor).filter(pk__in=bulk.among(wanted)))
    if len(tasks) < len(wanted):
        _refuse(actor, set(wanted) - {task.pk for task in tasks})
    facts = _facts(tasks, _links(tasks, now))
    out = {task.pk: why for task in tasks if (why := _obstacle(task, facts[task.pk], now))}
    for _day, late in _by_day([task for task in tasks if task.pk not in out], now)[MOST_DAYS:]:
        out |= {task.pk: "too_many_days" for task in late}
    left_out = [{"task": str(pk), "why": why} for pk, why in out.items()]
    if len(left_out) == len(tasks):
        raise Conflict("nothing_to_plan", left_out=left_out)
    tasks = [task for task in tasks if task.pk not in out]
    return tasks, {"tasks": {str(task.pk): facts[task.pk] for task in tasks}}, left_out


def _refuse(actor: Actor, others: set[UUID]) -> NoReturn:
    """Say why these tasks are not the actor's to plan."""
    unknown = others - set(task_policies.visible_to(actor).filter(pk__in=others).values_list("pk", flat=True))
    if unknown:
        raise Invalid({"task_ids": ["unknown_task"]}, tasks=sorted(map(str, unknown)))
    raise Forbidden("role_too_weak", needed=str(Role.DISPATCHER))


def _with_all(tasks: QuerySet[Task]) -> list[Task]:
    few = tasks.prefetch_related("campaign", "site", "destination")  # each is read once
    return list(few.only(*_PLANNED).order_by("pk"))


# What a plan reads of thousands of tasks.
_PLANNED = [
    "campaign", "site", "destination", "kind", "status", "starts_at", "ends_at", "urgency", "vehicles_needed",
    "vehicles_accepted", "seats_min", "load_kg_min", "refrigerated", "wheelchair", "airport",
]  # fmt: skip


def _facts(tasks: Sequence[Task], links: Mapping[UUID, int]) -> dict[UUID, dict[str, Any]]:
    """Return what a plan of these tasks rests on; the names are what `changes` tells.

    Args:
        tasks: which.
        links: vehicles that other plans' drivers are offered next, by task; they count as asked.
    """
    ids = [task.pk for task in tasks]
    asked = queries.open_vehicles(ids)
    locked_ones = Search.objects.filter(task__in=bulk.among(ids), locked_at__isnull=False)
    held = set(locked_ones.values_list("task_id", flat=True))
    return {
        task.pk: {
            "status": task.status in LIVE,
            "need": task.vehicles_left,
            "asked": asked.get(task.pk, 0) + links.get(task.pk, 0),
            "locked": task.pk in held,
            "times": [task.starts_at.isoformat(), task.ends_at.isoformat()],
            "place": [str(task.site_id), str(task.destination_id)],
            "requirements": [task.seats_min, task.load_kg_min, task.refrigerated, task.wheelchair, task.airport],
        }
        for task in tasks
    }


def _links(tasks: Sequence[Task], now: datetime) -> dict[UUID, int]:
    return chains.counted(chains.waiting([task.pk for task in tasks], now=now))


def _obstacle(task: Task, facts: dict[str, Any], now: datetime) -> str:
    """Return why nothing can be planned for a task; empty when something can."""
    if task.kind != TaskKind.TRANSPORT or not facts["status"]:
        return "wrong_status"
    if task.ends_at <= now:
        return "over"
    if facts["locked"]:
        return "locked"
    return "" if facts["need"] > facts["asked"] else "filled"


def _decided(actor: Actor, plan_id: UUID) -> tuple[list[Assignment], list[list[str]]]:
    """Return what is pinned in an earlier plan, and what is struck out of it or was before it."""
    earlier = queries.plan(policies.plans_visible_to(actor), plan_id)
    pinned = [each for each in earlier.assignments.all() if each.pinned]
    struck = [
        [str(each.task_id), str(each.fleet_id or each.driver_id)] for each in earlier.assignments.all() if each.struck
    ]
    return pinned, earlier.basis.get("struck", []) + struck


@transaction.atomic
def _saved(draft: "Draft", tasks: list[Task], basis: dict[str, Any], actor: Actor, now: datetime) -> Plan:
    plan = Plan.objects.create(
        mode=draft.mode,
        made_by_id=actor.user_id,
        made_by_client=actor.client_id or "",
        basis=basis,
        summary=draft.summary,
        created_at=now,
    )
    bulk.insert_values(Plan.tasks.through, ["plan_id", "task_id"], [(plan.pk, task.pk) for task in tasks])
    for each in draft.assignments:
        each.plan = plan
    bulk.insert(draft.assignments)
    bulk.insert(
        [Unserved(plan=plan, task_id=pk, vehicles=draft.left[pk], reasons=why) for pk, why in draft.unserved.items()]
    )
    return plan


def changes(plan: Plan, *, now: datetime) -> list[dict[str, str]]:
    """Return what changed since a plan was made, so that it cannot be committed any more.

    Args:
        plan: which.
        now: current time.
    Returns:
        `kind` (plan, task, fleet or driver), `id` and `what` of each change. What of a plan: `old`, after 30 minutes,
        or `other`, when a commit names another version;
        of a task: `over`, `status`, `need`, `asked`, `locked`, `times`, `place`, `requirements`; of a driver: `gone`
        (off the roster), `asked` (has an open offer), `busy` (is not free then any more, or her vehicle does not fit);
        of a fleet: `fewer_free`.
    """
    tasks, assignments = _with_all(Task.objects.filter(plans=plan)), _proposed(plan)
    return _changes(plan, tasks, list(assignments), now)


def _proposed(plan: Plan) -> QuerySet[Assignment]:
    """What of a plan becomes offers."""
    return plan.assignments.filter(struck=False).only("plan", "task", "fleet", "driver", "vehicles")


def _changes(
    plan: Plan, tasks: Sequence[Task], assignments: Sequence[Assignment], now: datetime
) -> list[dict[str, str]]:
    if now >= plan.created_at + GOOD_FOR:
        return [_change("plan", plan.pk, "old")]
    facts, before = _facts(tasks, _links(tasks, now)), plan.basis["tasks"]
    changed = []
    for task in tasks:
        now_so, then = facts[task.pk] | {"over": task.ends_at <= now}, before[str(task.pk)] | {"over": False}
        changed += [_change("task", task.pk, name) for name, fact in now_so.items() if fact != then[name]]
    return changed + _unable(assignments, tasks, now)


def _unable(assignments: Sequence[Assignment], tasks: Sequence[Task], now: datetime) -> list[dict[str, str]]:
    """Return the drivers and fleets that cannot do any more what they are assigned."""
    # whole fleets, so that the same drivers as before are set aside for what fleets are asked
    assigned = Driver.objects.filter(pk__in=bulk.among(each.driver_id for each in assignments if each.driver_id))
    asked = Driver.objects.filter(
        Q(fleet__in=assigned.values("fleet")) | Q(fleet__in={each.fleet_id for each in assignments})
    )
    changed = []
    for day, some in _by_day(tasks, now):
        found = situation.read(tasks=some, drivers=asked, day=day, now=now)
        changed += _hindered(assignments, found)
    return changed


def _hindered(assignments: Sequence[Assignment], found: Situation) -> list[dict[str, str]]:
    task_row = {task.pk: row for row, task in enumerate(found.tasks)}
    changed = []
    for each in assignments:
        if each.fleet_id and each.task_id in task_row:
            free = found.may_take(task_row[each.task_id]) & found.of_fleet(each.fleet_id)
            if free.sum() < each.vehicles:
                changed.append(_change("fleet", each.fleet_id, "fewer_free"))
    row_of = {pk: row for row, pk in enumerate(found.drivers)}
    single = [
        (task_row[each.task_id], each.driver_id) for each in assignments if each.driver_id and each.task_id in task_row
    ]
    changed += [_change("driver", pk, "gone") for _task, pk in single if pk not in row_of]
    pairs = np.array([(task, row_of[pk]) for task, pk in single if pk in row_of], np.int64).reshape(-1, 2)
    for driver in pairs[~found.may_take_each(*pairs.T), 1]:
        changed.append(_change("driver", found.drivers[driver], "asked" if found.asked(driver) else "busy"))
    return changed


def _change(kind: str, pk: UUID, what: str) -> dict[str, str]:
    return {"kind": kind, "id": str(pk), "what": what}


def version(plan: Plan) -> str:
    """Return what changes with what a plan would offer, so that nobody commits another one than she saw.

    Args:
        plan: with its assignments.
    """
    offered = sorted(str(each.pk) for each in plan.assignments.all() if not each.struck)
    return f"{crc32(' '.join(offered).encode()):08x}"


@clash_as_conflict()
@transaction.atomic
def commit(*, actor: Actor, plan_id: UUID, now: datetime, seen: str = "") -> Plan:
    """Make offers of a plan's assignments that are not struck out, all or none.

    A driver with several tasks one after another is offered the first; each further one follows when she accepts.

    Args:
        actor: a dispatcher of all the tasks' unions.
        plan_id: which.
        now: current time; it can be undone for 10 seconds.
        seen: its `version` when the dispatcher saw it; empty not to ask.
    Raises:
        Unauthenticated, NotFound
        Conflict: `wrong_status`; `plan_is_empty`; `plan_is_stale` with `changes`, see the function of that name;
            `changed_meanwhile`.
    """
    plan = _held(actor, plan_id)
    if plan.status != PlanStatus.PROPOSED:
        raise Conflict("wrong_status", status=plan.status, wanted=PlanStatus.COMMITTED)
    assignments = list(_proposed(plan).order_by("task__starts_at", "pk"))
    if not assignments:
        raise Conflict("plan_is_empty")
    if seen and seen != version(plan):
        raise Conflict("plan_is_stale", changes=[_change("plan", plan.pk, "other")])
    _hold(_proposed(plan))
    tasks = {task.pk: task for task in _with_all(Task.objects.filter(plans=plan))}
    for each in assignments:
        each.task = tasks[each.task_id]
    if changed := _changes(plan, list(tasks.values()), assignments, now):
        raise Conflict("plan_is_stale", changes=changed)
    transitions.move(
        plan,
        to=PlanStatus.COMMITTED,
        allowed_from=[PlanStatus.PROPOSED],
        actor=actor,
        now=now,
        committed_at=now,
    )
    first = {each.driver_id: each for each in reversed(assignments)}
    _offer([each for each in assignments if each.fleet_id or first[each.driver_id] is each], plan, actor.user_id, now)
    services.begin_search({each.task_id for each in assignments}, now=now)
    return plan


def _held(actor: Actor, plan_id: UUID) -> Plan:
    """Return the plan, held against other writers; a plan is locked before its tasks."""
    return locked(policies.plans_visible_to(actor), pk=plan_id)


def _hold(assignments: QuerySet[Assignment]) -> None:
    """Hold what assignments rest on until the transaction ends, in the order of `core.locks`."""
    for rows in (
        Task.objects.filter(pk__in=assignments.values("task")),
        Fleet.objects.filter(pk__in=assignments.values("fleet")),
        Driver.objects.filter(pk__in=assignments.values("driver")),
    ):
        list(guarded(rows.order_by("pk").values_list("pk")))  # type: ignore[type-var]


def _offer(assignments: Sequence[Assignment], plan: Plan, by: UUID | None, now: datetime) -> None:
    offers = [
        Offer(
            task_id=each.task_id,
            fleet_id=each.fleet_id,
            driver_id=each.driver_id,
            plan_id=plan.pk,
            vehicles_offered=each.vehicles,
            expires_at=services.answer_until(each.task, now=now),
            offered_by_id=by,
            created_at=now,
        )
        for each in assignments
    ]
    bulk.insert(offers)
    outbox.record_many([("offer.made", made.pk, {}) for made in offers])


@clash_as_conflict()
@transaction.atomic
def follow_up(*, offer_id: UUID, now: datetime) -> None:
    """A driver accepted the first of several tasks that a plan gives her: offer the next one, if it is still possible.

    What she refuses, or cannot do any more, the search takes over.

    Args:
        offer_id: the accepted offer.
        now: current time.
    Raises:
        Conflict: `changed_meanwhile`: she got another offer at the same instant.
    """
    accepted = Offer.objects.filter(pk=offer_id, driver__isnull=False, status=OfferStatus.ACCEPTED).first()
    if accepted is None or accepted.plan_id is None:
        return
    plan = locked(Plan.objects.all(), pk=accepted.plan_id)
    offered = plan.offers.filter(driver=accepted.driver_id).values("task")
    waiting = _proposed(plan).filter(driver=accepted.driver_id).exclude(task__in=offered)
    if plan.status != PlanStatus.COMMITTED:
        return
    for following in waiting.select_related("task__campaign").order_by("task__starts_at", "pk"):
        if _still_possible(following, now):
            _offer([following], plan, accepted.offered_by_id, now)
            return


def _still_possible(assignment: Assignment, now: datetime) -> bool:
    _hold(Assignment.objects.filter(pk=assignment.pk))
    tasks = _with_all(Task.objects.filter(pk=assignment.task_id))
    obstacle = _obstacle(tasks[0], _facts(tasks, {})[assignment.task_id], now)
    return not obstacle and not _unable([assignment], tasks, now)


@transaction.atomic
def undo(*, actor: Actor, plan_id: UUID, now: datetime) -> Plan:
    """Take a committed plan back: its offers are cancelled, and no message about them has left.

    Whoever found one before and accepted it is told that her trips are called off.

    Args:
        actor: a dispatcher of all the tasks' unions.
        plan_id: which.
        now: at most 10 seconds after it was committed.
    Raises:
        Unauthenticated, NotFound
        Conflict: `wrong_status`; `too_late_to_undo`.
    """
    plan = _held(actor, plan_id)
    if plan.committed_at and now >= plan.committed_at + UNDO_WITHIN:
        raise Conflict("too_late_to_undo")
    transitions.move(plan, to=PlanStatus.UNDONE, allowed_from=[PlanStatus.COMMITTED], actor=actor, now=now)
    if plan.committed_at:
        services.take_back_all(
            plan.offers.all(),
            tasks=list(plan.tasks.values_list("pk", flat=True)),
            since=plan.committed_at,
            actor=actor,
            now=now,
            why="plan taken back",
        )
    return plan


@transaction.atomic
def pin(*, actor: Actor, plan_id: UUID, assignment_id: UUID, pinned: bool) -> Plan:
    """Pin an assignment, so that it stays in the next proposal that keeps this plan, or let it loose.

    Args:
        actor: a dispatcher of all the tasks' unions.
        plan_id: which plan, still proposed.
        assignment_id: of the plan.
        pinned: True to pin.
    Raises:
        Unauthenticated, NotFound
        Conflict: `wrong_status`.
    """
    return _decide(actor, plan_id, assignment_id, pinned=pinned, **({"struck": False} if pinned else {}))


@transaction.atomic
def strike(*, actor: Actor, plan_id: UUID, assignment_id: UUID, struck: bool) -> Plan:
    """Strike an assignment out, so that it is neither offered nor proposed again, or put it back.

    Args and Raises: as `pin`, with `struck`: True to strike out.
    """
    return _decide(actor, plan_id, assignment_id, struck=struck, **({"pinned": False} if struck else {}))


def _decide(actor: Actor, plan_id: UUID, assignment_id: UUID, **decision: bool) -> Plan:
    plan = _held(actor, plan_id)
    if plan.status != PlanStatus.PROPOSED:
        raise Conflict("wrong_status", status=plan.status, wanted=PlanStatus.PROPOSED)
    if not plan.assignments.filter(pk=assignment_id).update(**decision):
        raise NotFound
    return plan
