"""My honours: what became of each, and naming another."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.honours import HonourForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, person, worker_page
from mobilize.workers import policies, queries, services


@worker_page
def honours(request: HttpRequest) -> HttpResponse:
    """List my honours and take another one; a person without a profile gives that first."""
    if queries.profile(user_id=person(request).pk) is None:
        messages.info(request, _("Tell us your name and union first."))
        return redirect(request, "profile")
    actor = actor_of(request)
    form = HonourForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            services.claim_honour(actor=actor, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Noted. It shows once your union has verified it."))
            return redirect(request, "honours")
    context = {"form": form, "honours": queries.honours(policies.own_honours(actor))}
    return render(request, "worker/honours.html", context, parts=["sheet"], status=status_of(form))
