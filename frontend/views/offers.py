"""A fleet's leader or a driver answers offers, and moves all trips of an offer at once."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.trips import AcceptOfferForm, StageForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, worker_page
from frontend.paging import Paginator
from frontend.views.trips import steps
from mobilize.dispatch import policies, queries, services, trips
from mobilize.dispatch.states import UNDER_WAY, OfferStatus, TripStatus

A_PAGE = 20


@worker_page
def offers(request: HttpRequest) -> HttpResponse:
    """List the offers made to me or my fleets, the unanswered first."""
    found = queries.offers(policies.offers_to(actor_of(request)))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "worker/offers.html", {"page": page})


@worker_page
def offer(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Show one offer; take the number of vehicles that are promised."""
    actor, now = actor_of(request), timezone.now()
    found = queries.offer(policies.offers_to(actor), offer_id)
    most = queries.most_to_accept(found, now=now) if found.status == OfferStatus.OFFERED else 0
    form = AcceptOfferForm(request.POST or None, initial={"vehicles": most})
    if form.is_valid() and found.status == OfferStatus.ACCEPTED:
        return redirect(request, "offer", offer_id)  # the same answer twice
    if form.is_valid():
        with refusals(form):
            services.accept(actor=actor, offer_id=offer_id, vehicles=form.cleaned_data["vehicles"], now=now)
            messages.success(request, _("Thank you. The drivers have been told."))
            return redirect(request, "offer", offer_id)
    context = {"offer": found, "most": most, "form": form} | _progress(found)
    return render(request, "worker/offer.html", context, parts=["sheet"], status=status_of(form))


@require_POST
@worker_page
def decline(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Say no."""
    services.decline(actor=actor_of(request), offer_id=offer_id, now=timezone.now())
    messages.info(request, _("Declined. The dispatcher asks somebody else."))
    return redirect(request, "offers")


@worker_page
def advance(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Report the next stage for every vehicle of the offer that stands before it."""
    actor = actor_of(request)
    found = queries.offer(policies.offers_to(actor), offer_id)
    progress = _progress(found)
    if request.method != "POST" or not progress["stage"]:
        return redirect(request, "offer", offer_id)
    form = StageForm(request.POST, stage=progress["stage"], cargo=found.task.cargo, each=True)
    if form.is_valid():
        with refusals(form):
            moved = trips.advance_all(
                actor=actor,
                offer_id=offer_id,
                to=TripStatus(form.cleaned_data["to"]),
                now=timezone.now(),
                **form.report,
            )
            messages.success(
                request, ngettext("%(n)s vehicle reported.", "%(n)s vehicles reported.", moved) % {"n": moved}
            )
            return redirect(request, "offer", offer_id)
    context = {"offer": found, "form": form} | progress | {"stage_form": form}
    return render(request, "worker/offer.html", context, parts=["sheet"], status=status_of(form))


def _progress(offer: Any) -> dict[str, Any]:
    """Return the trips of an accepted offer, and the form for the stage where the hindmost stand."""
    if offer.status != OfferStatus.ACCEPTED:
        return {"trips": [], "stage": None}
    found = list(queries.trips(offer.trips.all()))
    at = Counter(trip.status for trip in found)
    stage = next((stage for stage in UNDER_WAY if at[stage]), None)
    return {
        "trips": found,
        "stage": stage,
        "standing": at[stage] if stage else 0,
        "steps": steps(stage or TripStatus.COMPLETED),
        "stage_form": StageForm(stage=stage, cargo=offer.task.cargo, each=True) if stage else None,
    }
