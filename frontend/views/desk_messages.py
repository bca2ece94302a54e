"""Messages at the desk: what was sent to whom, whether it arrived and why not; who must be called instead."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from frontend.forms.messages import MessageSearchForm
from frontend.htmx import redirect, render
from frontend.identity import actor_of, desk_page, may
from frontend.paging import Paginator
from mobilize.reminders import policies, queries, services
from mobilize.reminders.states import CallOutcome
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

A_PAGE = 50


@desk_page
def sent(request: HttpRequest) -> HttpResponse:
    """List what was said in the name of my branch, the newest first."""
    actor = actor_of(request)
    form = MessageSearchForm(request.GET.dict())
    found = queries.messages(policies.messages_visible_to(actor), **form.wanted())
    context = {
        "filters": form,
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "may_write": may(unions.demand_officer, actor, at_least=Role.ADMIN),
    }
    return render(request, "desk/messages.html", context, parts=["results"])


@desk_page
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Show one message with the steps on its way."""
    actor = actor_of(request)
    found = queries.message(policies.messages_visible_to(actor), message_id)
    context = {
        "message": found,
        "steps": found.steps.order_by("created_at", "pk"),
        "calls": found.calls.select_related("by").order_by("created_at"),
        "may_call": may(policies.demand_calling, actor, found.union_id),
    }
    return render(request, "desk/message.html", context)


@desk_page
def calls(request: HttpRequest) -> HttpResponse:
    """List whom no message reached, with a number to call."""
    actor = actor_of(request)
    found = queries.to_call(policies.messages_visible_to(actor), now=timezone.now())
    context = {
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "callable": set(unions.branch(actor, at_least=Role.DISPATCHER)),
    }
    return render(request, "desk/calls.html", context)


@require_POST
@desk_page
def called(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Take down what came of a call."""
    outcome = request.POST.get("outcome")
    if outcome not in CallOutcome.values:
        raise BadRequest("no such outcome")
    services.note_call(actor=actor_of(request), message_id=message_id, outcome=CallOutcome(outcome), now=timezone.now())
    reached = outcome == CallOutcome.REACHED
    messages.success(request, _("Noted.") if reached else _("Noted. It stays on the list."))
    return redirect(request, "desk_calls")
