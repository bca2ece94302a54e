"""Honours at the desk: compare with the union's records, then verify or refuse."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.honours import HonourSearchForm
from frontend.forms.tasks import WhyForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page
from frontend.paging import Paginator
from mobilize.unions import policies as unions
from mobilize.unions.states import Role
from mobilize.workers import policies, queries, services

A_PAGE = 25


@desk_page
def honours(request: HttpRequest) -> HttpResponse:
    """List the honours the people of my branch have named."""
    actor = actor_of(request)
    form = HonourSearchForm(request.GET.dict())
    found = queries.honours(policies.honours_visible_to(actor), status=form.wanted())
    context = {
        "filters": form,
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "judged": set(unions.branch(actor, at_least=Role.ADMIN)),
    }
    return render(request, "desk/honours.html", context, parts=["results"])


@require_POST
@desk_page
def verify(request: HttpRequest, honour_id: UUID) -> HttpResponse:
    """Confirm an honour."""
    services.verify_honour(actor=actor_of(request), honour_id=honour_id, now=timezone.now())
    messages.success(request, _("Verified. It shows beside the name from now on."))
    return redirect(request, "desk_honours")


@desk_page
def revoke(request: HttpRequest, honour_id: UUID) -> HttpResponse:
    """Refuse a claim or take an honour back, with a reason the person reads."""
    actor = actor_of(request)
    found = queries.honour(policies.honours_visible_to(actor), honour_id)
    unions.demand(actor, union_id=found.worker.union_id, at_least=Role.ADMIN)
    form = WhyForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            services.revoke_honour(actor=actor, honour_id=honour_id, why=form.cleaned_data["why"], now=timezone.now())
            messages.info(request, _("It shows no more. The person reads your reason."))
            return redirect(request, "desk_honours")
    context = {"form": form, "honour": found}
    return render(request, "desk/honour_revoke.html", context, parts=["sheet"], status=status_of(form))
