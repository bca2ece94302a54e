"""The dispatch board of a transport task: who is asked, who comes, how far they are."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.offers import OfferForm
from frontend.htmx import board_etag, redirect, render, status_of, unchanged, wants
from frontend.identity import actor_of, desk_page
from frontend.sentences import sentence, taken_back
from frontend.views.trips import STAGES
from mobilize.attendance import queries as attendance
from mobilize.core.errors import Conflict
from mobilize.dispatch import choices, policies, queries, services
from mobilize.dispatch.states import OfferStatus
from mobilize.fleets import policies as fleets
from mobilize.tasks import policies as task_policies
from mobilize.tasks import queries as tasks
from mobilize.tasks.services import can_be_called_off
from mobilize.tasks.states import LIVE

BOARD = "board"


def transport(request: HttpRequest, task: Any, *, may_change: bool) -> HttpResponse:
    """Render a transport task's page, or its board alone, with the board's ETag.

    Args:
        may_change: whether the reader may offer the task and change it.
    """
    etag = board_etag(request, queries.board_version(task.pk, now=timezone.now()))
    board = _board(task)
    # whoever has not answered is called; the others have said what they had to say
    silent = {row.pk for row in board["offers"] if row.status in (OfferStatus.OFFERED, OfferStatus.EXPIRED)}
    may = {
        "may_change": may_change,
        "may_cancel": can_be_called_off(task, timezone.now()),
        "callable": silent if may_change and board["board"].left else set(),
    }
    response = render(request, "desk/transport.html", board | {"etag": etag} | may, parts=[BOARD])
    response["ETag"] = etag
    return response


def unchanged_board(request: HttpRequest, task_id: UUID) -> HttpResponse | None:
    """Answer a poll for a board that has not changed with 304; None when there is something to show.

    The ETag is keyed and carries the reader, so an unchanged board tells nobody anything new and needs no
    look at the tree.
    """
    if wants(request, [BOARD]) and "If-None-Match" in request.headers:
        return unchanged(request, queries.board_version(task_id, now=timezone.now()))
    return None


@desk_page
def offer(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Choose fleets with free vehicles and offer them the task."""
    actor, now = actor_of(request), timezone.now()
    task = tasks.one(task_policies.visible_to(actor), task_id)
    policies.demand_offering(actor, task)
    found = choices.fleets_to_offer(task, fleets=fleets.visible_to(actor), now=now)
    form = OfferForm(request.POST or None, fleets=found)
    if form.is_valid():
        with refusals(form):
            made = services.offer(actor=actor, task_id=task_id, fleet_ids=form.cleaned_data["fleet_ids"], now=now)
            text = ngettext("Offered to %(n)s fleet.", "Offered to %(n)s fleets.", len(made))
            messages.success(request, text % {"n": len(made)})
            return redirect(request, "desk_task", task_id)
    context = {"form": form, "task": task, "choices": found}
    return render(request, "desk/offer_new.html", context, parts=["sheet"], status=status_of(form))


@require_POST
@desk_page
def take_back(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Take an unanswered offer back."""
    taken = services.take_back(actor=actor_of(request), offer_id=offer_id, now=timezone.now())
    return redirect(request, "desk_task", taken.task_id)


@require_POST
@desk_page
def undo(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Take back all offers that were made together with this one, as long as no message has left."""
    actor, now = actor_of(request), timezone.now()
    found = queries.offer(policies.offers_visible_to(actor), offer_id)
    try:
        services.undo(actor=actor, offer_id=offer_id, now=now)
        messages.success(request, taken_back(queries.called_off(queries.made_together(found))))
    except Conflict as error:
        messages.error(request, sentence(error))
    return redirect(request, "desk_task", found.task_id)


def _board(task: Any) -> dict[str, Any]:
    state, now = queries.board(task), timezone.now()
    red = bool(state.left and task.status in LIVE and queries.on_red_list(task))
    return {
        "task": task,
        "board": state,
        "stages": [{"label": stage.label, "n": state.by_stage[stage]} for stage in STAGES],
        "trips": sum(state.by_stage.values()),
        "counts": attendance.of_task(task.pk),
        "offers": list(queries.offers(task.offers.all())),
        "undoable": queries.undoable(task, now=now),
        "red": red,
        "asked_all": red and len(queries.people_asked(task)) >= task.campaign.alert_factor * task.vehicles_needed,
        "now": now,
    }
