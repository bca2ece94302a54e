"""A driver's trips: one big button for the next stage."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.tasks import WhyForm
from frontend.forms.trips import StageForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, worker_page
from mobilize.dispatch import policies, queries
from mobilize.dispatch import trips as services
from mobilize.dispatch.states import UNDER_WAY, TripStatus

SHOWN = 50
STAGES = [stage for stage in TripStatus if stage != TripStatus.ABORTED]


@worker_page
def trips(request: HttpRequest) -> HttpResponse:
    """List the trips I drive or lead, the next first."""
    found = queries.trips(policies.trips_of(actor_of(request)))[:SHOWN]
    return render(request, "worker/trips.html", {"trips": found})


@worker_page
def trip(request: HttpRequest, trip_id: UUID) -> HttpResponse:
    """Show one trip and take the report of its next stage."""
    actor = actor_of(request)
    found = queries.trip(policies.trips_of(actor), trip_id)
    context: dict[str, Any] = {"trip": found, "steps": steps(found.status)}
    if found.status not in UNDER_WAY:
        return render(request, "worker/trip.html", context)
    seats = found.vehicle.seats if found.task.cargo != "goods" else 0
    form = StageForm(request.POST or None, stage=found.status, seats=seats)
    if form.is_valid():
        with refusals(form):
            services.advance(
                actor=actor,
                trip_id=trip_id,
                to=TripStatus(form.cleaned_data["to"]),
                persons=form.cleaned_data.get("persons") or 0,
                now=timezone.now(),
            )
            return redirect(request, "trip", trip_id)
    return render(request, "worker/trip.html", context | {"form": form}, parts=["sheet"], status=status_of(form))


@worker_page
def abort(request: HttpRequest, trip_id: UUID) -> HttpResponse:
    """Break a trip off and say why."""
    actor = actor_of(request)
    found = queries.trip(policies.trips_of(actor), trip_id)
    form = WhyForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            services.abort(actor=actor, trip_id=trip_id, why=form.cleaned_data["why"], now=timezone.now())
            messages.info(request, _("Noted. The dispatcher finds another vehicle."))
            return redirect(request, "trip", trip_id)
    context = {"trip": found, "form": form}
    return render(request, "worker/abort.html", context, parts=["sheet"], status=status_of(form))


def steps(status: str) -> list[dict[str, Any]]:
    """Return the stages for the steps component, each past, now or ahead of `status`."""
    at = next((n for n, stage in enumerate(STAGES) if stage == status), None)
    if at is None:
        return []
    return [
        {"label": stage.label, "when": "past" if n < at else "now" if n == at else "ahead"}
        for n, stage in enumerate(STAGES)
    ]
