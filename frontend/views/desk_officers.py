"""Officers at the desk: who holds which role, and changing that."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.choices import union_choices
from frontend.forms.officers import OfficerForm, RoleForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page
from frontend.paging import Paginator
from mobilize.core.actor import Actor
from mobilize.unions import policies, queries, services
from mobilize.unions.states import Role

A_PAGE = 25


@desk_page
def officers(request: HttpRequest) -> HttpResponse:
    """List the officers of my branch."""
    actor = actor_of(request)
    found = queries.officers(policies.officers_visible_to(actor))
    context = {
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "changeable": set(policies.branch(actor, at_least=Role.ADMIN)),
    }
    return render(request, "desk/officers.html", context)


@desk_page
def new(request: HttpRequest) -> HttpResponse:
    """Appoint an officer of one of the unions I administer."""
    actor = actor_of(request)
    form = OfficerForm(request.POST or None, unions=union_choices(actor, at_least=Role.ADMIN))
    if form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            services.appoint(
                actor=actor,
                phone=data["phone"],
                name=data["name"],
                union_id=data["union"],
                role=data["role"],
                now=timezone.now(),
            )
            messages.success(request, _("Appointed. Who has no password yet gets a link by message to set one."))
            return redirect(request, "desk_officers")
    return render(request, "desk/officer_new.html", {"form": form}, parts=["sheet"], status=status_of(form))


@desk_page
def officer(request: HttpRequest, officer_id: UUID) -> HttpResponse:
    """Show one officer and change her role."""
    actor = actor_of(request)
    found = _to_change(actor, officer_id)
    form = RoleForm(request.POST or None, initial={"role": found.role})
    if form.is_valid():
        with refusals(form):
            services.change_role(actor=actor, officer_id=officer_id, role=form.cleaned_data["role"], now=timezone.now())
            messages.success(request, _("Saved."))
            return redirect(request, "desk_officers")
    context = {"form": form, "officer": found}
    return render(request, "desk/officer.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def dismiss(request: HttpRequest, officer_id: UUID) -> HttpResponse:
    """Ask once, then end an officer's role."""
    actor = actor_of(request)
    found = _to_change(actor, officer_id)
    if request.method == "POST":
        services.dismiss(actor=actor, officer_id=officer_id, now=timezone.now())
        messages.info(request, _("Dismissed. The desk is closed to her for this union at once."))
        return redirect(request, "desk_officers")
    return render(request, "desk/officer_dismiss.html", {"officer": found})


def _to_change(actor: Actor, officer_id: UUID) -> Any:
    """Return an officer for a page that only administrators of her union open."""
    found = queries.officer(policies.officers_visible_to(actor), officer_id)
    policies.demand(actor, union_id=found.union_id, at_least=Role.ADMIN)
    return found
