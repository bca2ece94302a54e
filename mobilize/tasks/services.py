"""Creating and publishing tasks and shifts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from mobilize.campaigns.models import Campaign
from mobilize.campaigns.states import CampaignStatus
from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.locks import locked
from mobilize.outbox import services as outbox
from mobilize.tasks import policies
from mobilize.tasks.models import Post, Shift, Site, Task
from mobilize.tasks.states import LIVE, Cargo, TaskKind, TaskStatus, Urgency

MOST_VEHICLES = 1000
LONGEST = timedelta(days=31)
FARTHEST = timedelta(days=731)  # a year that was mistyped
# What may still be corrected once people rely on the task.
CHANGEABLE_WHEN_LIVE = {"title", "description", "urgency", "vehicles_needed"}


@transaction.atomic
def create_task(
    *,
    actor: Actor,
    union_id: UUID | None,
    kind: str,
    title: str,
    site_id: UUID | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    now: datetime,
    campaign_id: UUID | None = None,
    destination_id: UUID | None = None,
    description: str = "",
    urgency: int = Urgency.NORMAL,
    vehicles_needed: int = 0,
    cargo: str = "",
    seats_min: int = 0,
    load_kg_min: int = 0,
    refrigerated: bool = False,
    wheelchair: bool = False,
    airport: bool = False,
) -> Task:
    """Write a draft.

    Args:
        actor: a dispatcher of the union, or a partner with `tasks:write` for it.
        union_id: whose task it is.
        kind: a value of `states.TaskKind`.
        title: 1 to 100 characters.
        site_id: where it happens, or where the ride begins.
        starts_at: with zone.
        ends_at: with zone, after the start, at most 31 days later, not in the past.
        now: current time.
        campaign_id: an open campaign; the one that started last unless told.
        destination_id: where the ride goes; needed for transport.
        description: free text.
        urgency: a value of `states.Urgency`.
        vehicles_needed: 1 to 1,000 for transport, 0 for duty.
        cargo: a value of `states.Cargo`, for transport.
        seats_min: passengers' seats each vehicle must have.
        load_kg_min: kilograms each vehicle must carry.
        refrigerated: only cold boxes will do.
        wheelchair: only vehicles that take a wheelchair will do.
        airport: only drivers cleared for the airport will do.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `unions.policies.demand`.
        Invalid: every wrong field at once, named as the argument.
    """
    if union_id:
        policies.demand_change(actor, union_id=union_id)
    task = Task(  # type: ignore[misc]  # what is None is refused by _wrong
        union_id=union_id,
        kind=kind,
        title=title.strip(),
        description=description.strip(),
        urgency=urgency,
        site_id=site_id,
        destination_id=destination_id,
        starts_at=starts_at,
        ends_at=ends_at,
        vehicles_needed=vehicles_needed,
        cargo=cargo,
        seats_min=seats_min,
        load_kg_min=load_kg_min,
        refrigerated=refrigerated,
        wheelchair=wheelchair,
        airport=airport,
        created_by_id=actor.user_id,
        created_by_client=actor.client_id or "",
        created_at=now,
    )
    wrong = _wrong(task, now)
    campaign = open_campaign(campaign_id)
    if campaign is None:
        raise Invalid({**wrong, "campaign_id": ["unknown_campaign"]})
    if wrong:
        raise Invalid(wrong)
    task.campaign = campaign
    task.save(force_insert=True)
    outbox.record("task.created", task.pk)
    return task


def open_campaign(campaign_id: UUID | None) -> Campaign | None:
    """Return the open campaign of this id, the one that started last when none is given; None when there is none."""
    live = Campaign.objects.filter(status=CampaignStatus.OPEN)
    if campaign_id:
        return live.filter(pk=campaign_id).first()
    return live.order_by("-starts_on").first()


def _wrong(task: Task, now: datetime) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if task.union_id is None:
        wrong["union_id"] = ["required"]
    if not task.title:
        wrong["title"] = ["required"]
    elif len(task.title) > 100:
        wrong["title"] = ["too_long"]
    if task.kind not in TaskKind.values:
        wrong["kind"] = ["unknown_choice"]
    if task.urgency not in Urgency.values:
        wrong["urgency"] = ["unknown_choice"]
    if task.site_id is None:
        wrong["site_id"] = ["required"]
    elif not Site.objects.filter(pk=task.site_id).exists():
        wrong["site_id"] = ["unknown_site"]
    wrong |= _wrong_times(task.starts_at, task.ends_at, now)
    if task.kind == TaskKind.TRANSPORT:
        if not 1 <= task.vehicles_needed <= MOST_VEHICLES:
            wrong["vehicles_needed"] = ["bad_vehicle_count"]
        elif task.vehicles_left < 0:
            wrong["vehicles_needed"] = ["below_accepted"]
        if task.destination_id is None:
            wrong["destination_id"] = ["required"]
        elif not Site.objects.filter(pk=task.destination_id).exists():
            wrong["destination_id"] = ["unknown_site"]
        elif task.destination_id == task.site_id:
            wrong["destination_id"] = ["same_place"]
        if task.cargo not in Cargo.values:
            wrong["cargo"] = ["unknown_choice" if task.cargo else "required"]
        if not 0 <= task.seats_min <= 80:
            wrong["seats_min"] = ["bad_seats"]
        if not 0 <= task.load_kg_min <= 50_000:
            wrong["load_kg_min"] = ["bad_load"]
    elif task.kind == TaskKind.DUTY and task.vehicles_needed:
        wrong["vehicles_needed"] = ["only_for_transport"]
    return wrong


def _wrong_times(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> dict[str, list[str]]:
    wrong = {}
    if starts_at is None:
        wrong["starts_at"] = ["required"]
    elif starts_at > now + FARTHEST:
        wrong["starts_at"] = ["too_far_ahead"]
    if ends_at is None:
        wrong["ends_at"] = ["required"]
    elif ends_at <= now:
        wrong["ends_at"] = ["in_the_past"]
    elif starts_at and ends_at <= starts_at:
        wrong["ends_at"] = ["before_start"]
    elif starts_at and ends_at - starts_at > LONGEST:
        wrong["ends_at"] = ["too_far"]
    return wrong


@transaction.atomic
def change_task(*, actor: Actor, task_id: UUID, now: datetime, **changes: Any) -> Task:
    """Correct a task: a draft in every respect, a live one in title, description, urgency and vehicles needed.

    Args:
        actor: a dispatcher of the task's union.
        task_id: which.
        now: current time.
        changes: columns as in `create_task`, without union, kind and campaign.
    Raises:
        NotFound, Forbidden, Unauthenticated
        Conflict: `wrong_status` when it is over; `fixed_once_published` with `fields`.
        Invalid: every wrong field at once; `below_accepted` when fewer vehicles are wanted than already accepted.
    """
    task = locked(policies.visible_to(actor), pk=task_id)
    policies.demand_change(actor, union_id=task.union_id)
    if task.status not in [TaskStatus.DRAFT, *LIVE]:
        raise Conflict("wrong_status", status=task.status)
    changed = {name for name, value in changes.items() if getattr(task, name) != value}
    if task.status != TaskStatus.DRAFT and changed - CHANGEABLE_WHEN_LIVE:
        raise Conflict("fixed_once_published", fields=sorted(changed - CHANGEABLE_WHEN_LIVE))
    before = task.vehicles_needed
    for name in changed:
        setattr(task, name, changes[name])
    wrong = _wrong(task, now if changed & {"starts_at", "ends_at"} else task.created_at)
    if not wrong and changed & {"starts_at", "ends_at"}:
        wrong = _wrong_for_shifts(task)
    if wrong:
        raise Invalid(wrong)
    if task.status != TaskStatus.DRAFT and task.vehicles_needed != before:
        _follow_need(task, actor, now)
    task.save(update_fields=[name.removesuffix("_id") for name in changed] or ["title"])
    return task


def _wrong_for_shifts(task: Task) -> dict[str, list[str]]:
    """Name the times of a task that leave one of its shifts outside."""
    shifts = task.shifts.filter(called_off_at=None)
    early, late = shifts.filter(starts_at__lt=task.starts_at), shifts.filter(ends_at__gt=task.ends_at)
    return {name: ["leaves_shifts_out"] for name, rows in (("starts_at", early), ("ends_at", late)) if rows.exists()}


def _follow_need(task: Task, actor: Actor, now: datetime) -> None:
    """More vehicles wanted open a fulfilled task again; fewer, when all of them are promised, fulfil it."""
    reached = TaskStatus.PUBLISHED if task.vehicles_left else TaskStatus.FULFILLED
    if task.status != reached:
        transitions.move(task, to=reached, allowed_from=LIVE, actor=actor, now=now, why="the need changed")
        outbox.record(f"task.{reached}", task.pk)


@transaction.atomic
def publish(*, actor: Actor, task_id: UUID, now: datetime) -> Task:
    """Open a draft: its shifts show, its vehicles can be offered.

    Raises:
        NotFound, Forbidden, Unauthenticated
        Conflict: `wrong_status`; `task_is_over` when its end has passed.
    """
    task = locked(policies.visible_to(actor), pk=task_id)
    policies.demand_change(actor, union_id=task.union_id)
    if task.ends_at <= now:
        raise Conflict("task_is_over")
    transitions.move(task, to=TaskStatus.PUBLISHED, allowed_from=[TaskStatus.DRAFT], actor=actor, now=now)
    outbox.record("task.published", task.pk)
    return task


@transaction.atomic
def close(*, actor: Actor, task_id: UUID, now: datetime) -> Task:
    """Close a live task's books: no more sign-ups or offers. Whoever has a place keeps it, whoever waits is let go.

    Raises:
        NotFound, Forbidden, Unauthenticated
        Conflict: `wrong_status`.
    """
    return _end(actor, task_id, TaskStatus.CLOSED, LIVE, now, "")


@transaction.atomic
def cancel(*, actor: Actor, task_id: UUID, now: datetime, why: str = "") -> Task:
    """Call a task off, also a closed one that is not over; whoever was to come is told.

    Raises:
        NotFound, Forbidden, Unauthenticated
        Conflict: `wrong_status`; `task_is_over` for a closed one whose end has passed.
    """
    return _end(actor, task_id, TaskStatus.CANCELLED, [TaskStatus.DRAFT, *LIVE, TaskStatus.CLOSED], now, why)


def can_be_called_off(task: Task, now: datetime) -> bool:
    """Tell whether a task is a draft, live, or closed and not over."""
    return task.status in [TaskStatus.DRAFT, *LIVE] or (task.status == TaskStatus.CLOSED and task.ends_at > now)


def _end(actor: Actor, task_id: UUID, to: TaskStatus, allowed_from: list[TaskStatus], now: datetime, why: str) -> Task:
    task = locked(policies.visible_to(actor), pk=task_id)
    policies.demand_change(actor, union_id=task.union_id)
    if task.status == TaskStatus.CLOSED and to == TaskStatus.CANCELLED and not can_be_called_off(task, now):
        raise Conflict("task_is_over")
    transitions.move(task, to=to, allowed_from=allowed_from, actor=actor, now=now, why=why)
    outbox.record(f"task.{to}", task.pk)
    return task


@clash_as_conflict()
@transaction.atomic
def add_shift(
    *,
    actor: Actor,
    task_id: UUID,
    post_id: UUID | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    places: int,
    now: datetime,
    opens_at: datetime | None = None,
) -> Shift:
    """Add a shift to a duty task.

    Args:
        actor: a dispatcher of the task's union.
        task_id: a draft or live duty task.
        post_id: where people stand, see `policies.posts_of`.
        starts_at: with zone, within the task's time.
        ends_at: with zone, within the task's time.
        places: 1 to 1,000.
        now: current time.
        opens_at: when sign-up opens, before the start; None is at once.
    Raises:
        NotFound, Forbidden, Unauthenticated
        Conflict: `wrong_status`; `changed_meanwhile`: the post has a shift at that time already.
        Invalid: every wrong field at once.
    """
    task = locked(policies.visible_to(actor), pk=task_id)
    policies.demand_change(actor, union_id=task.union_id)
    if task.kind != TaskKind.DUTY or task.status not in [TaskStatus.DRAFT, *LIVE]:
        raise Conflict("wrong_status", status=task.status)
    wrong, facts = wrong_shift(
        task=task, post_id=post_id, starts_at=starts_at, ends_at=ends_at, opens_at=opens_at, now=now
    )
    if not 1 <= places <= 1000:
        wrong["places"] = ["bad_places"]
    if wrong:
        raise Invalid(wrong, **facts)
    return Shift.objects.create(  # type: ignore[misc]  # what is None is refused above
        task=task,
        post_id=post_id,
        starts_at=starts_at,
        ends_at=ends_at,
        places=places,
        opens_at=opens_at,
        created_at=now,
    )


def count_move(*, shift_id: UUID, now: datetime) -> None:
    """Count that the time or place of a shift changed, in one statement: of two events a calendar believes the higher.

    Args:
        shift_id: which.
        now: current time.
    """
    Shift.objects.filter(pk=shift_id).update(moves=F("moves") + 1, moved_at=now)


def wrong_shift(
    *,
    task: Task,
    post_id: UUID | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    opens_at: datetime | None,
    now: datetime,
    shift_id: UUID | None = None,
) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """Look for what is wrong with where and when a shift is to be.

    Args:
        task: whose shift.
        post_id, starts_at, ends_at, opens_at: as typed.
        now: current time.
        shift_id: the one that is corrected.
    Returns:
        Codes by field, and data for the sentences: `outside_task` has `task_starts_at` and `task_ends_at`,
        `shift_exists` the `union` that holds the other shift.
    """
    wrong = _wrong_times(starts_at, ends_at, now)
    facts = {"task_starts_at": task.starts_at.isoformat(), "task_ends_at": task.ends_at.isoformat()}
    if starts_at and not task.starts_at <= starts_at < task.ends_at:
        wrong["starts_at"] = ["outside_task"]
    if ends_at and ends_at > task.ends_at:
        wrong.setdefault("ends_at", ["outside_task"])
    if post_id is None:
        wrong["post_id"] = ["required"]
    elif not Post.objects.filter(pk=post_id).exists():
        wrong["post_id"] = ["unknown_post"]
    elif not policies.posts_of(task.union_id).filter(pk=post_id).exists():
        wrong["post_id"] = ["others_post"]
    other = _at_the_same_time(post_id, starts_at, shift_id) if post_id and starts_at else None
    if other:
        wrong["starts_at"] = ["shift_exists"]
        facts["union"] = other.task.union.name
    if opens_at and starts_at and opens_at >= starts_at:
        wrong["opens_at"] = ["opens_after_start"]
    return wrong, facts


def _at_the_same_time(post_id: UUID, starts_at: datetime, shift_id: UUID | None) -> Shift | None:
    others = Shift.objects.filter(post_id=post_id, starts_at=starts_at, called_off_at=None)
    if shift_id:
        others = others.exclude(pk=shift_id)
    return others.select_related("task__union").first()
