"""The dispatch board of a whole branch: what is needed, who is silent, and the way to a proposal."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from frontend.forms.dispatch import BoardForm, ProposeForm
from frontend.htmx import board_etag, redirect, render, unchanged, wants
from frontend.identity import actor_of, desk_page, may
from frontend.maps import drawn, map_settings
from frontend.paging import Paginator
from frontend.reasons import OUT
from frontend.sentences import sentence
from frontend.templatetags.ui import spoken
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict
from mobilize.dispatch import needs, plans, policies, search
from mobilize.dispatch.states import PlanMode, SearchStep, TripStatus
from mobilize.fleets import policies as fleet_policies
from mobilize.fleets import queries as fleets
from mobilize.tasks import policies as tasks
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

BOARD = "board"
A_PAGE = 20
ON_THE_WAY = [TripStatus.ASSIGNED, TripStatus.EN_ROUTE, TripStatus.ARRIVED, TripStatus.LOADED, TripStatus.COMPLETED]


@desk_page
def board(request: HttpRequest) -> HttpResponse:
    """Show the needs of my branch the red list first, then by urgency and start; an unchanged board is a 304."""
    now = timezone.now()
    # Stretches of time are told in minutes, so a board is good for its minute at most.
    version = f"{needs.version(user_id=actor_of(request).person, now=now)}|{now:%H:%M}|{request.GET.urlencode()}"
    if wants(request, [BOARD]) and (answer := unchanged(request, version)):
        return answer
    etag = board_etag(request, version)
    response = render(request, "desk/dispatch.html", _board(request, now) | {"etag": etag}, parts=[BOARD])
    response["ETag"] = etag
    return response


def _board(request: HttpRequest, now: Any) -> dict[str, Any]:
    actor = actor_of(request)
    form = BoardForm(request.GET, label_suffix="")
    form.is_valid()
    rows = needs.needs(tasks.visible_to(actor), now=now)
    found = needs.narrowed(rows, now=now, show=form.cleaned_data.get("show", ""), search=form.cleaned_data.get("q", ""))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    listed = needs.with_progress(list(page), now=now)
    silent = needs.silent(tasks.visible_to(actor), now=now)
    points = [_point(each) for each in listed]
    bases = [_base(fleet) for fleet in fleets.based(fleet_policies.visible_to(actor))]
    may_dispatch = may(unions.demand_officer, actor, at_least=Role.DISPATCHER)
    return {
        "filters": form,
        "page": page,
        "needs": [{"need": each, "stages": _stages(each), "search": _search(each)} for each in listed],
        "figures": needs.figures(rows, now=now),
        "silent": silent,
        "callable": _callable(actor, silent) if may_dispatch else set(),
        "may_dispatch": may_dispatch,
        "modes": PlanMode.choices,
        "now": now,
        "points": points,
        "bases": bases,
        "drawn": drawn(points, bases),
        "map": map_settings(),
    }


def _callable(actor: Actor, silent: needs.Silent) -> set[UUID]:
    """Return the tasks whose silent people the officer may call: those she dispatches."""
    ids = {offer.task_id for offer in silent.offers} | {trip.task_id for trip in silent.trips}
    return set(policies.dispatchable_by(actor).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _base(fleet: Any) -> dict[str, Any]:
    return {
        "at": [float(fleet.latitude), float(fleet.longitude)],
        "name": fleet.name,
        "drivers": ngettext("%(n)s driver", "%(n)s drivers", fleet.driver_count) % {"n": fleet.driver_count},
    }


def _stages(need: needs.Need) -> list[dict[str, Any]]:
    return [{"label": stage.label, "n": need.stages[stage]} for stage in ON_THE_WAY if need.stages.get(stage)]


def _search(need: needs.Need) -> str:
    """Return how far the search has widened; empty while the first ones asked have not answered."""
    widened = need.search and need.search.step != SearchStep.ALTERNATES and need.task.vehicles_left
    return need.search.get_step_display() if need.search and widened and not need.locked else ""


def _point(need: needs.Need) -> dict[str, Any]:
    task: Any = need.task
    return {
        "id": str(task.pk),
        "at": [float(task.site.latitude), float(task.site.longitude)],
        "to": [float(task.destination.latitude), float(task.destination.longitude)],
        "name": f"{task.title} · {spoken(task.site)}",
        "site": spoken(task.site),
        "left": task.vehicles_left,
        "urgency": task.urgency if task.vehicles_left else 0,
        "url": reverse("desk_task", args=[task.pk]),
    }


@require_POST
@desk_page
def propose(request: HttpRequest) -> HttpResponse:
    """Let the planner propose who serves the chosen needs."""
    actor, now = actor_of(request), timezone.now()
    form = ProposeForm(request.POST)
    whole = "whole" in request.POST
    chosen = (_whole_list(request, now) if whole else form.cleaned_data["task_ids"]) if form.is_valid() else []
    if not chosen:
        messages.warning(request, _("Choose at least one need first."))
        return redirect(request, "desk_dispatch")
    try:
        plan = plans.propose(actor=actor, task_ids=chosen, mode=PlanMode(form.cleaned_data["mode"]), now=now)
    except Conflict as error:
        if error.code != "nothing_to_plan":
            raise
        why = dict.fromkeys(str(OUT[each["why"]]) for each in error.data["left_out"])
        messages.warning(request, sentence(error) + " " + _("; ").join(why))
        return redirect(request, "desk_dispatch")
    return redirect(request, "desk_plan", plan.pk)


def _whole_list(request: HttpRequest, now: Any) -> list[UUID]:
    """Return the needs of the list the officer looks at, of which something is left; at most what a plan takes."""
    form = BoardForm(request.GET)
    form.is_valid()
    rows = needs.unfilled(needs.needs(policies.dispatchable_by(actor_of(request)), now=now))
    found = needs.narrowed(rows, now=now, show=form.cleaned_data.get("show", ""), search=form.cleaned_data.get("q", ""))
    return list(found.values_list("pk", flat=True)[: plans.MOST_TASKS])


@require_POST
@desk_page
def lock(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Keep plans and the search away from a need."""
    search.lock(actor=actor_of(request), task_id=task_id, now=timezone.now())
    return redirect(request, "desk_dispatch")


@require_POST
@desk_page
def unlock(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Let plans and the search at a need again."""
    search.unlock(actor=actor_of(request), task_id=task_id, now=timezone.now())
    return redirect(request, "desk_dispatch")
