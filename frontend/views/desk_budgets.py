"""What the SMS of campaigns cost, and may cost."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.messages import CapForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page
from mobilize.core.errors import NotFound
from mobilize.reminders import budgets as services


@desk_page
def budgets(request: HttpRequest) -> HttpResponse:
    """List the campaigns of my branch with what was spent."""
    return render(request, "desk/budgets.html", {"budgets": services.budgets(actor_of(request))})


@desk_page
def budget(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """Set a campaign's cap."""
    actor = actor_of(request)
    found = next((one for one in services.budgets(actor) if one.campaign.pk == campaign_id), None)
    if found is None:
        raise NotFound
    form = CapForm(request.POST or None, initial={"yuan": None if found.most is None else found.most // 1000})
    if form.is_valid():
        with refusals(form):
            services.set_cap(actor=actor, campaign_id=campaign_id, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(request, "desk_budgets")
    return render(request, "desk/budget.html", {"form": form, "budget": found}, parts=["sheet"], status=status_of(form))
