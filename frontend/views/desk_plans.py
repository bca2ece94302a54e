"""A proposal: what it would change, why, and the steps until it is sent or taken back."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.htmx import redirect, render
from frontend.identity import actor_of, desk_page
from frontend.paging import Paginator
from frontend.reasons import OUT, PROOFS, because, changed, why_left
from frontend.sentences import sentence, taken_back
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict
from mobilize.dispatch import plans, policies, queries
from mobilize.dispatch.states import UNDO_WITHIN, PlanMode, PlanStatus
from mobilize.tasks import policies as task_policies

A_PAGE = 30  # needs
AT_ONCE = 8  # single drivers shown of a task before the rest is unfolded


@desk_page
def plan(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Show a proposal with what it changes for each need."""
    return _page(request, _found(actor_of(request), plan_id))


def _found(actor: Actor, plan_id: UUID) -> Any:
    return queries.plan(policies.plans_visible_to(actor), plan_id)


def _page(
    request: HttpRequest, found: Any, *, refused: str = "", changes: list[str] | None = None, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    rows = _tasks(found)
    page = Paginator(rows, A_PAGE).get_page(_page_of(request, rows))
    left_out = found.summary.get("left_out", [])
    titles = _titles(actor_of(request), [each["task"] for each in left_out])
    struck = [each for each in found.assignments.all() if each.struck]
    undo_until = found.committed_at + UNDO_WITHIN if found.status == PlanStatus.COMMITTED else None
    context = {
        "plan": found,
        "page": page,
        "tasks": list(page),
        "seen": plans.version(found),
        "later": sum(each["turn"] > 1 and not each["row"].struck for row in rows for each in row["all"]),
        "proposed": found.status == PlanStatus.PROPOSED,
        "vehicles": sum(each.vehicles for each in found.assignments.all() if not each.struck),
        "asked": sum(
            each["row"].vehicles for row in rows for each in row["all"] if each["turn"] == 1 and not each["row"].struck
        ),
        "open": sum(each.vehicles for each in [*found.unserved.all(), *struck]),
        "struck": bool(struck),
        "proof": PROOFS[found.mode],
        "left_out": [(titles.get(each["task"], "…"), OUT[each["why"]]) for each in left_out],
        "gap": round(found.summary["gap"] * 100, 1) if found.summary.get("gap") else 0,
        "undo_seconds": max(0, int((undo_until - now).total_seconds())) if undo_until else 0,
        "refused": refused,
        "changes": changes or [],
    }
    return render(request, "desk/plan.html", context, status=status)


def _page_of(request: HttpRequest, rows: list[dict[str, Any]]) -> Any:
    """Return the page asked for, or the one with the assignment that was decided of last."""
    if "page" in request.GET:
        return request.GET["page"]
    decided = request.GET.get("decided")
    at = (n for n, row in enumerate(rows) if any(str(each["row"].pk) == decided for each in row["all"]))
    return next(at, 0) // A_PAGE + 1


def _titles(actor: Actor, ids: list[str]) -> dict[str, str]:
    if not ids:
        return {}
    rows = task_policies.visible_to(actor).filter(pk__in=ids).values_list("pk", "title")
    return {str(pk): title for pk, title in rows}


def _tasks(found: Any) -> list[dict[str, Any]]:
    """Return each need with its vehicles before and after, who is proposed, and why something is left."""
    assigned: dict[UUID, list[Any]] = {}
    turns = _turns(found)
    for each in found.assignments.all():
        assigned.setdefault(each.task_id, []).append(each)
    left = {each.task_id: each for each in found.unserved.all()}
    rows = []
    for task in found.tasks.all():
        basis = found.basis["tasks"][str(task.pk)]
        mine = assigned.get(task.pk, [])
        accepted = task.vehicles_needed - basis["need"]
        who = [{"row": each, "why": because(each.reasons), "turn": turns[each.pk]} for each in mine]
        planned = sum(each.vehicles for each in mine if not each.struck)
        rows.append(
            {
                "task": task,
                "accepted": accepted,
                "asked": basis["asked"],
                "before": accepted + basis["asked"],
                "planned": planned,
                "after": accepted + basis["asked"] + planned,
                "all": who,
                "who": who[:AT_ONCE],
                "more": who[AT_ONCE:],
                "unserved": left.get(task.pk),
                "why_left": why_left(left[task.pk].reasons) if task.pk in left else "",
            }
        )
    return rows


def _turns(found: Any) -> dict[UUID, int]:
    """Return of each assignment which trip of its driver it is, counted from 1; struck out ones are not counted."""
    order = sorted(found.assignments.all(), key=lambda each: (each.task.starts_at, each.pk))
    trips: Counter[UUID] = Counter()
    turns = {}
    for each in order:
        trips[each.driver_id] += bool(each.driver_id and not each.struck)
        turns[each.pk] = trips[each.driver_id] or 1
    return turns


@require_POST
@desk_page
def pin(request: HttpRequest, plan_id: UUID, assignment_id: UUID) -> HttpResponse:
    """Pin an assignment for the next proposal, or let it loose."""
    pinned = request.POST.get("pinned") == "1"
    plans.pin(actor=actor_of(request), plan_id=plan_id, assignment_id=assignment_id, pinned=pinned)
    return _row(request, plan_id, assignment_id)


@require_POST
@desk_page
def strike(request: HttpRequest, plan_id: UUID, assignment_id: UUID) -> HttpResponse:
    """Strike an assignment out of a proposal, or put it back."""
    struck = request.POST.get("struck") == "1"
    plans.strike(actor=actor_of(request), plan_id=plan_id, assignment_id=assignment_id, struck=struck)
    return _row(request, plan_id, assignment_id)


def _row(request: HttpRequest, plan_id: UUID, assignment_id: UUID) -> HttpResponse:
    response = redirect(request, "desk_plan", plan_id)
    response["Location"] += f"?decided={assignment_id}#a-{assignment_id}"
    return response


@require_POST
@desk_page
def again(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Propose once more for the same needs; what is pinned stays."""
    actor = actor_of(request)
    found = _found(actor, plan_id)
    try:
        made = plans.propose(
            actor=actor,
            task_ids=[task.pk for task in found.tasks.all()],
            mode=PlanMode(found.mode),
            now=timezone.now(),
            keeping=plan_id,
        )
    except Conflict as error:
        if error.code != "nothing_to_plan":
            raise
        return _page(request, found, refused=sentence(error), status=409)
    return redirect(request, "desk_plan", made.pk)


@require_POST
@desk_page
def commit(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Make offers of a proposal; one that is out of date is shown with what changed since."""
    actor = actor_of(request)
    try:
        plans.commit(actor=actor, plan_id=plan_id, now=timezone.now(), seen=request.POST.get("seen", ""))
    except Conflict as error:
        found = _found(actor, plan_id)
        changes = changed(found, error.data.get("changes", []))
        return _page(request, found, refused=sentence(error), changes=changes, status=409)
    return redirect(request, "desk_plan", plan_id)


@require_POST
@desk_page
def undo(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Take a dispatch back before any message has left."""
    actor = actor_of(request)
    try:
        undone = plans.undo(actor=actor, plan_id=plan_id, now=timezone.now())
    except Conflict as error:
        return _page(request, _found(actor, plan_id), refused=sentence(error), status=409)
    messages.success(request, taken_back(queries.called_off(undone.offers.all())))
    return redirect(request, "desk_plan", plan_id)
