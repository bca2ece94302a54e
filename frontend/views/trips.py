"""A driver's trips: one big button for the next stage."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.tasks import WhyForm
from frontend.forms.trips import StageForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, may, worker_page
from frontend.paging import Paginator
from mobilize.dispatch import policies, queries
from mobilize.dispatch import trips as services
from mobilize.dispatch.states import UNDER_WAY, TripStatus

A_PAGE = 20


@dataclass(frozen=True)
class Way:
    """How a face shows a trip.

    Attributes:
        trip: name of the address that shows it.
        abort: name of the address that breaks it off.
        calls: whether a dispatcher of its union may call the driver from there.
    """

    trip: str
    abort: str
    calls: bool = False


OWN = Way(trip="trip", abort="abort")
STAGES = [stage for stage in TripStatus if stage != TripStatus.ABORTED]


@worker_page
def trips(request: HttpRequest) -> HttpResponse:
    """List the trips I drive or lead, the next first."""
    found = queries.trips(policies.trips_of(actor_of(request)))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "worker/trips.html", {"page": page})


@worker_page
def trip(request: HttpRequest, trip_id: UUID) -> HttpResponse:
    """Show one trip I drive or lead, and take the report of its next stage."""
    found = queries.trip(policies.trips_of(actor_of(request)), trip_id)
    return show(request, found, way=OWN, back=(reverse("trips"), _("My trips")))


@worker_page
def abort(request: HttpRequest, trip_id: UUID) -> HttpResponse:
    """Break off a trip I drive or lead."""
    return break_off(request, queries.trip(policies.trips_of(actor_of(request)), trip_id), way=OWN)


def show(request: HttpRequest, found: Any, *, way: Way, back: tuple[str, str]) -> HttpResponse:
    """Show a trip; who may drive it gets the button of its next stage.

    Args:
        found: the trip.
        way: the addresses of this face.
        back: address and label of the page before.
    """
    actor = actor_of(request)
    context: dict[str, Any] = {
        "trip": found,
        "steps": steps(found.status),
        "back": back,
        "abort": reverse(way.abort, args=[found.pk]),
        "callable": {found.task_id} if way.calls and may(policies.demand_offering, actor, found.task) else set(),
    }
    if found.status not in UNDER_WAY or not may(policies.demand_driving, actor, found):
        return render(request, "worker/trip.html", context)
    form = StageForm(request.POST or None, stage=found.status, cargo=found.task.cargo)
    if form.is_valid():
        with refusals(form):
            services.advance(
                actor=actor,
                trip_id=found.pk,
                to=TripStatus(form.cleaned_data["to"]),
                now=timezone.now(),
                **form.report,
            )
            return redirect(request, way.trip, found.pk)
    return render(request, "worker/trip.html", context | {"form": form}, parts=["sheet"], status=status_of(form))


def break_off(request: HttpRequest, found: Any, *, way: Way) -> HttpResponse:
    """Ask why, then break a trip off."""
    actor = actor_of(request)
    policies.demand_driving(actor, found)
    form = WhyForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            services.abort(actor=actor, trip_id=found.pk, why=form.cleaned_data["why"], now=timezone.now())
            messages.info(request, _("Noted. The dispatcher finds another vehicle."))
            return redirect(request, way.trip, found.pk)
    context = {"trip": found, "form": form, "cancel": reverse(way.trip, args=[found.pk])}
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
