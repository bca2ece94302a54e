"""Flights at the desk: write one down, let transport wait for it, correct its arrival."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.choices import site_choices, union_choices
from frontend.forms.flights import FlightForm, FlightTasksForm, MoveFlightForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page, may
from frontend.paging import Paginator
from mobilize.dispatch import flights as services
from mobilize.dispatch import policies, queries
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

A_PAGE = 25
MOST_TASKS = 200  # to choose from, the next to start


@desk_page
def flights(request: HttpRequest) -> HttpResponse:
    """List the flights of my branch, the last to arrive first."""
    actor = actor_of(request)
    found = queries.flights(policies.flights_visible_to(actor))
    context = {
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "may_create": may(unions.demand_officer, actor, at_least=Role.DISPATCHER),
    }
    return render(request, "desk/flights.html", context)


@desk_page
def new(request: HttpRequest) -> HttpResponse:
    """Write down a flight."""
    actor = actor_of(request)
    form = FlightForm(
        request.POST or None, unions=union_choices(actor, at_least=Role.DISPATCHER), sites=site_choices("airport")
    )
    if form.is_valid():
        with refusals(form):
            made = services.create(actor=actor, now=timezone.now(), **form.values())
            return redirect(request, "desk_flight", made.pk)
    return render(request, "desk/flight_new.html", {"form": form}, parts=["sheet"], status=status_of(form))


@desk_page
def flight(request: HttpRequest, flight_id: UUID) -> HttpResponse:
    """Show a flight with what waits for it; take its corrected arrival."""
    actor = actor_of(request)
    found = queries.flight(policies.flights_visible_to(actor), flight_id)
    may_change = may(policies.demand_dispatching, actor, found.union_id)
    form = MoveFlightForm(request.POST or None, initial={"arrives_at": found.arrives_at})
    if form.is_valid():
        with refusals(form):
            services.move(
                actor=actor, flight_id=flight_id, arrives_at=form.cleaned_data["arrives_at"], now=timezone.now()
            )
            messages.success(request, _("Moved, with all that waits for it. Everybody concerned is told."))
            return redirect(request, "desk_flight", flight_id)
    context = {"flight": found, "form": form, "may_change": may_change}
    return render(request, "desk/flight.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def tasks(request: HttpRequest, flight_id: UUID) -> HttpResponse:
    """Choose which transport waits for a flight."""
    actor, now = actor_of(request), timezone.now()
    found = queries.flight(policies.flights_visible_to(actor), flight_id)
    policies.demand_dispatching(actor, found.union_id)
    fitting = list(queries.tasks_for_flight(policies.dispatchable_by(actor), found, now=now)[:MOST_TASKS])
    chosen = [str(task.pk) for task in fitting if task.flight_id == flight_id]
    form = FlightTasksForm(request.POST or None, tasks=fitting, initial={"task_ids": chosen})
    if form.is_valid():
        with refusals(form):
            services.set_tasks(actor=actor, flight_id=flight_id, task_ids=form.cleaned_data["task_ids"], now=now)
            messages.success(request, _("Saved."))
            return redirect(request, "desk_flight", flight_id)
    context = {"flight": found, "form": form, "tasks": fitting}
    return render(request, "desk/flight_tasks.html", context, parts=["sheet"], status=status_of(form))
