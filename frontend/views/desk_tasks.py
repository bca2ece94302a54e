"""Tasks at the desk: write, publish, close, and the shifts of a duty task."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.choices import first_post, post_choices, site_choices, union_choices
from frontend.forms.tasks import DutyTaskForm, ShiftForm, TaskSearchForm, TransportTaskForm, WhyForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page, may
from frontend.paging import Paginator
from frontend.views.desk_board import transport, unchanged_board
from mobilize.attendance import queries as attendance
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict
from mobilize.signups import queries as signups
from mobilize.tasks import policies, queries, services
from mobilize.tasks.states import LIVE, TaskKind, TaskStatus
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

A_PAGE = 25


@desk_page
def tasks(request: HttpRequest) -> HttpResponse:
    """List the tasks of my branch, those that need somebody first."""
    actor = actor_of(request)
    form = TaskSearchForm(request.GET, label_suffix="")
    form.is_valid()
    search = form.cleaned_data
    found = queries.listed(
        policies.visible_to(actor),
        search=search.get("q", ""),
        status=search.get("status", ""),
        kind=search.get("kind", ""),
    )
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": form,
        "page": page,
        "may_create": may(unions.demand_officer, actor, at_least=Role.DISPATCHER),
    }
    return render(request, "desk/tasks.html", context, parts=["results"])


@desk_page
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Write a draft of a transport or a duty task."""
    actor = actor_of(request)
    form_class = TransportTaskForm if kind == TaskKind.TRANSPORT else DutyTaskForm
    form = form_class(request.POST or None, unions=union_choices(actor, at_least=Role.DISPATCHER), sites=site_choices())
    if form.is_valid():
        with refusals(form):
            made = services.create_task(actor=actor, kind=kind, now=timezone.now(), **form.values())
            return redirect(request, "desk_task", made.pk)
    context = {"form": form, "kind": kind}
    return render(request, "desk/task_new.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Show one task: the dispatch board of a transport, or the shifts of a duty."""
    answer = unchanged_board(request, task_id)
    if answer:
        return answer
    actor = actor_of(request)
    found = queries.one(policies.visible_to(actor), task_id)
    may_change = may(policies.demand_change, actor, union_id=found.union_id)
    if found.kind == TaskKind.TRANSPORT:
        return transport(request, found, may_change=may_change)
    shifts = queries.shifts(found.shifts.all())
    context = {
        "task": found,
        "shifts": shifts,
        "counts": attendance.of_task(found.pk),
        "may_change": may_change,
        "may_cancel": services.can_be_called_off(found, timezone.now()),
    }
    return render(request, "desk/duty.html", context)


@desk_page
def edit(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Correct a draft in every respect, and of a live task what people can still follow."""
    actor = actor_of(request)
    found = _to_change(actor, task_id)
    if found.status not in [TaskStatus.DRAFT, *LIVE]:
        raise Conflict("wrong_status", status=found.status)
    form_class = TransportTaskForm if found.kind == TaskKind.TRANSPORT else DutyTaskForm
    form = form_class(request.POST or None, sites=site_choices(), task=found)
    if form.is_valid():
        with refusals(form):
            services.change_task(actor=actor, task_id=task_id, now=timezone.now(), **form.values())
            messages.success(request, _("Saved."))
            return redirect(request, "desk_task", task_id)
    context = {"form": form, "task": found}
    return render(request, "desk/task_edit.html", context, parts=["sheet"], status=status_of(form))


@require_POST
@desk_page
def publish(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Open a draft."""
    services.publish(actor=actor_of(request), task_id=task_id, now=timezone.now())
    messages.success(request, _("Published."))
    return redirect(request, "desk_task", task_id)


@desk_page
def close(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Say what closing the books of a task means for those who signed up, then do it."""
    actor = actor_of(request)
    if request.method == "POST":
        services.close(actor=actor, task_id=task_id, now=timezone.now())
        messages.success(request, _("Closed: no more sign-ups or offers. Everybody concerned is told."))
        return redirect(request, "desk_task", task_id)
    found = _to_change(actor, task_id)
    if found.status not in LIVE:
        raise Conflict("wrong_status", status=found.status)
    return render(request, "desk/task_close.html", {"task": found, "people": signups.counted(task_id, timezone.now())})


@desk_page
def cancel(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Call a task off, with a reason for those who were to come."""
    actor = actor_of(request)
    found = _to_change(actor, task_id)
    form = WhyForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            services.cancel(actor=actor, task_id=task_id, why=form.cleaned_data["why"], now=timezone.now())
            messages.info(request, _("Called off. Everybody who was to come is told."))
            return redirect(request, "desk_task", task_id)
    context = {"form": form, "task": found}
    return render(request, "desk/task_cancel.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def add_shift(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Add a shift to a duty task."""
    actor = actor_of(request)
    found = _to_change(actor, task_id)
    posts = post_choices(found)
    window = {"starts_at": found.starts_at, "ends_at": found.ends_at}
    form = ShiftForm(
        request.POST or None, posts=posts, initial=window | {"post": first_post(found, posts), "places": 10}
    )
    if form.is_valid():
        with refusals(form):
            data: dict[str, Any] = dict(form.cleaned_data)
            services.add_shift(actor=actor, task_id=task_id, post_id=data.pop("post"), now=timezone.now(), **data)
            return redirect(request, "desk_task", task_id)
    context = {"form": form, "task": found}
    return render(request, "desk/shift_new.html", context, parts=["sheet"], status=status_of(form))


def _to_change(actor: Actor, task_id: UUID) -> Any:
    """Return a task for a page that only those open who may change it."""
    found = queries.one(policies.visible_to(actor), task_id)
    policies.demand_change(actor, union_id=found.union_id)
    return found
