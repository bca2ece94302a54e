"""Fleets at the desk: find, see, enrol as a whole unit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.choices import union_choices
from frontend.forms.fleets import BaseForm, DriversForm, FleetForm, FleetSearchForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page, may
from frontend.maps import map_places, map_settings
from frontend.paging import Paginator
from mobilize.fleets import policies, queries, services
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

A_PAGE = 25


@desk_page
def fleets(request: HttpRequest) -> HttpResponse:
    """List the fleets of my branch."""
    actor = actor_of(request)
    form = FleetSearchForm(request.GET, label_suffix="")
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
    return render(request, "desk/fleets.html", context, parts=["results"])


@desk_page
def fleet(request: HttpRequest, fleet_id: UUID) -> HttpResponse:
    """Show one fleet with its drivers and vehicles."""
    actor = actor_of(request)
    found = queries.one(policies.visible_to(actor), fleet_id)
    page = Paginator(queries.drivers(found.pk), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "fleet": found,
        "page": page,
        "capacity": queries.capacity(found.pk),
        "may_change": may(policies.demand_change, actor, union_id=found.union_id),
    }
    return render(request, "desk/fleet.html", context)


@desk_page
def enrol_new(request: HttpRequest) -> HttpResponse:
    """Enrol a fleet as a whole unit: leader, drivers and vehicles in one sheet."""
    actor = actor_of(request)
    form = FleetForm(request.POST or None, unions=union_choices(actor, at_least=Role.DISPATCHER))
    if form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            made = services.create_fleet(
                actor=actor,
                union_id=data["union"],
                name=data["name"],
                kind=data["kind"],
                leader_name=data["leader_name"],
                leader_phone=data["leader_phone"],
                drivers=data["lines"],
                base=data["base"],
                latitude=data["latitude"],
                longitude=data["longitude"],
                enrol_now=True,
                now=timezone.now(),
            )
            count = len(data["lines"])
            text = ngettext("Enrolled with %(n)s driver.", "Enrolled with %(n)s drivers.", count)
            messages.success(request, text % {"n": count})
            return redirect(request, "desk_fleet", made.pk)
    return render(request, "desk/fleet_new.html", {"form": form}, parts=["sheet"], status=status_of(form))


@desk_page
def add_drivers(request: HttpRequest, fleet_id: UUID) -> HttpResponse:
    """Add drivers with their vehicles to a fleet."""
    actor = actor_of(request)
    found = queries.one(policies.visible_to(actor), fleet_id)
    policies.demand_change(actor, union_id=found.union_id)
    form = DriversForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            added = services.add_drivers(
                actor=actor, fleet_id=fleet_id, lines=form.cleaned_data["lines"], now=timezone.now()
            )
            text = ngettext("%(n)s driver added.", "%(n)s drivers added.", len(added))
            messages.success(request, text % {"n": len(added)})
            return redirect(request, "desk_fleet", fleet_id)
    context = {"form": form, "fleet": found}
    return render(request, "desk/drivers_new.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def base(request: HttpRequest, fleet_id: UUID) -> HttpResponse:
    """Say where a fleet's vehicles stand, by typing or on the map."""
    actor = actor_of(request)
    found = queries.one(policies.visible_to(actor), fleet_id)
    policies.demand_change(actor, union_id=found.union_id)
    initial = {name: getattr(found, name) for name in BaseForm.base_fields}
    form = BaseForm(request.POST or None, initial=initial)
    if form.is_valid():
        with refusals(form):
            services.set_base(actor=actor, fleet_id=fleet_id, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(request, "desk_fleet", fleet_id)
    context = {"form": form, "fleet": found, "map": map_settings(), "places": map_places()}
    return render(request, "desk/fleet_base.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def release_driver(request: HttpRequest, fleet_id: UUID, driver_id: UUID) -> HttpResponse:
    """Ask once, then take a driver with her vehicle off a fleet's roster."""
    actor = actor_of(request)
    fleet = queries.one(policies.visible_to(actor), fleet_id)
    policies.demand_change(actor, union_id=fleet.union_id)
    driver = get_object_or_404(queries.drivers(fleet_id), pk=driver_id)
    if request.method == "POST":
        services.release_driver(actor=actor, driver_id=driver_id, now=timezone.now())
        messages.info(request, _("Removed from the fleet. Trips still ahead are given back."))
        return redirect(request, "desk_fleet", fleet_id)
    who = {
        "name": driver.worker.user.name,
        "plate": driver.vehicle.plate if driver.vehicle else "",
        "fleet": fleet.name,
    }
    context = {
        "heading": _("Remove %(name)s from %(fleet)s?") % who,
        "sentences": [
            _("%(plate)s leaves the fleet too. Trips still ahead are given back and their tasks need a vehicle again.")
            % who
        ],
        "button": _("Remove"),
        "cancel": _("Cancel"),
        "back": reverse("desk_fleet", args=[fleet_id]),
    }
    return render(request, "ask.html", context)


@require_POST
@desk_page
def enrol(request: HttpRequest, fleet_id: UUID) -> HttpResponse:
    """Take a fleet in that applied or was suspended."""
    services.enrol(actor=actor_of(request), fleet_id=fleet_id, now=timezone.now())
    messages.success(request, _("The fleet is enrolled and gets offers."))
    return redirect(request, "desk_fleet", fleet_id)


@require_POST
@desk_page
def suspend(request: HttpRequest, fleet_id: UUID) -> HttpResponse:
    """Stop offers to a fleet."""
    services.suspend(actor=actor_of(request), fleet_id=fleet_id, now=timezone.now())
    messages.info(request, _("The fleet gets no offers until it is enrolled again."))
    return redirect(request, "desk_fleet", fleet_id)
