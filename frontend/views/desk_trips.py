"""Trips at the desk: the dispatcher reports for a driver who cannot, and breaks a trip off."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from frontend.htmx import render
from frontend.identity import actor_of, desk_page
from frontend.paging import Paginator
from frontend.views.trips import Way, break_off, show
from mobilize.dispatch import policies, queries
from mobilize.tasks import policies as task_policies
from mobilize.tasks import queries as tasks

A_PAGE = 50
DESK = Way(trip="desk_trip", abort="desk_trip_abort", calls=True)


@desk_page
def trips(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """List the trips of a task, those under way first."""
    task = tasks.one(task_policies.visible_to(actor_of(request)), task_id)
    page = Paginator(queries.trips(task.trips.all()), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/trips.html", {"task": task, "page": page})


@desk_page
def trip(request: HttpRequest, trip_id: UUID) -> HttpResponse:
    """Show a trip of my branch, and take the report of its next stage."""
    found = queries.trip(policies.trips_visible_to(actor_of(request)), trip_id)
    return show(request, found, way=DESK, back=(reverse("desk_trips", args=[found.task_id]), found.task.title))


@desk_page
def abort(request: HttpRequest, trip_id: UUID) -> HttpResponse:
    """Break off a trip of my branch."""
    return break_off(request, queries.trip(policies.trips_visible_to(actor_of(request)), trip_id), way=DESK)
