"""Bulk messages at the desk: write one, look at what it costs, send it, watch it, stop it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.choices import campaign_choices, union_choices
from frontend.forms.messages import BroadcastForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page, may
from frontend.paging import Paginator
from mobilize.core.errors import NotFound
from mobilize.reminders import broadcasts as services
from mobilize.reminders import policies, queries
from mobilize.reminders.states import BroadcastStatus
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

A_PAGE = 25
STEPS = {"start": services.start, "pause": services.pause, "resume": services.resume, "cancel": services.cancel}


@desk_page
def broadcasts(request: HttpRequest) -> HttpResponse:
    """List the bulk messages of my branch, the newest first."""
    actor = actor_of(request)
    found = queries.broadcasts(policies.broadcasts_visible_to(actor))
    context = {
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "may_write": may(unions.demand_officer, actor, at_least=Role.ADMIN),
    }
    return render(request, "desk/broadcasts.html", context)


@desk_page
def new(request: HttpRequest) -> HttpResponse:
    """Write one down; it is looked at before anything leaves."""
    actor = actor_of(request)
    form = BroadcastForm(
        request.POST or None, unions=union_choices(actor, at_least=Role.ADMIN), campaigns=campaign_choices()
    )
    if form.is_valid():
        with refusals(form):
            made = services.write(actor=actor, now=timezone.now(), **form.values())
            return redirect(request, "desk_broadcast", made.pk)
    return render(request, "desk/broadcast_new.html", {"form": form}, parts=["sheet"], status=status_of(form))


@desk_page
def broadcast(request: HttpRequest, broadcast_id: UUID) -> HttpResponse:
    """Show a draft with what it would cost, or how far one that is being sent has come."""
    actor = actor_of(request)
    found = queries.broadcast(policies.broadcasts_visible_to(actor), broadcast_id)
    context = {
        "broadcast": found,
        "may_write": may(policies.demand_writing, actor, found.union_id),
        "moving": found.status == BroadcastStatus.SENDING,
        "waits_until": services.waits_until(found, now=timezone.now()),
    }
    if found.status == BroadcastStatus.DRAFT:
        context["estimate"] = services.estimate(found, now=timezone.now())
    else:
        context["progress"] = queries.progress(found)
    return render(request, "desk/broadcast.html", context, parts=["state"])


@require_POST
@desk_page
def move(request: HttpRequest, broadcast_id: UUID, step: str) -> HttpResponse:
    """Start, pause, go on or cancel."""
    if step not in STEPS:
        raise NotFound
    STEPS[step](actor=actor_of(request), broadcast_id=broadcast_id, now=timezone.now())
    return redirect(request, "desk_broadcast", broadcast_id)
