"""Somebody takes a duty over, or swaps it for one of hers."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.swaps import TakeOverForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, person, worker_page
from frontend.paging import Paginator
from frontend.qr import qr
from mobilize.campaigns import queries as campaigns
from mobilize.core.errors import NotFound
from mobilize.signups import policies, queries, swaps
from mobilize.signups.states import SignupStatus
from mobilize.workers import queries as workers

A_PAGE = 20


@worker_page
def mine(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Look for somebody for my duty: the link to send on, what was proposed for it, and the way back."""
    actor, now = actor_of(request), timezone.now()
    if request.method == "POST":
        if "keep" in request.POST:
            swaps.keep(actor=actor, signup_id=signup_id)
            messages.success(request, _("Good: you come yourself."))
            return redirect(request, "signup", signup_id)
        swaps.look_for_somebody(actor=actor, signup_id=signup_id, now=now)
        return redirect(request, "swap", signup_id)
    signup = queries.one(policies.own(actor), signup_id)
    if signup.status != SignupStatus.CONFIRMED or signup.group_id:
        return redirect(request, "signup", signup_id)
    path = reverse("wanted_place", args=[signup_id])
    context = {
        "signup": signup,
        "until": swaps.swappable_until(signup.shift),
        "over": swaps.swappable_until(signup.shift) <= now,
        "share_link": settings.PUBLIC_URL + path,
        "qr": qr(path),
        "proposals": queries.proposals(policies.proposals_of(actor).filter(place=signup)),
    }
    return render(request, "worker/swap.html", context)


@worker_page
def wanted(request: HttpRequest) -> HttpResponse:
    """List the duties for which colleagues look for somebody."""
    now = timezone.now()
    actor = actor_of(request)
    found = queries.wanted(policies.on_offer(actor), starting_after=now + swaps.UNTIL)
    context = {
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
        "mine": queries.proposals(policies.proposals_of(actor).filter(in_return__worker__user=actor.person))[:A_PAGE],
    }
    return render(request, "worker/wanted.html", context)


@worker_page
def wanted_place(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Show a duty for which somebody is wanted; take it over, or propose one of mine for it."""
    actor, now = actor_of(request), timezone.now()
    if policies.own(actor).filter(pk=signup_id).exists():
        return redirect(request, "swap", signup_id)
    if taken := queries.taken_from(policies.own(actor), signup_id):
        return redirect(request, "signup", taken)  # she has it: asked twice, or the link opened again
    try:
        place = queries.one(queries.wanted(policies.on_offer(actor), starting_after=now + swaps.UNTIL), signup_id)
    except NotFound:
        return render(request, "worker/wanted_gone.html", {}, status=404)
    user_id = person(request).pk
    if workers.profile(user_id=user_id) is None:
        messages.info(request, _("Tell us your name and union first."))
        return redirect(request, "profile")
    own = queries.to_give_for(policies.own(actor), place, starting_after=now + swaps.UNTIL)
    knows = campaigns.has_pledged(campaign_id=place.shift.task.campaign_id, user_id=user_id)
    form = TakeOverForm(request.POST or None, own=own, asks=not knows, waiting=place.shift.waiting)
    if form.is_valid():
        try:
            with refusals(form):
                return _take(request, place, form.cleaned_data)
        except NotFound:  # somebody was faster, or she comes after all
            if taken := queries.taken_from(policies.own(actor), signup_id):
                return redirect(request, "signup", taken)
            return render(request, "worker/wanted_gone.html", {}, status=404)
    context = {"place": place, "shift": place.shift, "form": form, "own": own}
    return render(request, "worker/wanted_place.html", context, parts=["sheet"], status=status_of(form))


def _take(request: HttpRequest, place: Any, data: dict[str, Any]) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    if data["in_return"]:
        swaps.propose(actor=actor, signup_id=place.pk, in_return_id=data["in_return"], now=now)
        messages.success(request, _("Proposed. Nothing changes until it is accepted; you get a message then."))
        return redirect(request, "wanted")
    taken = swaps.take_over(actor=actor, signup_id=place.pk, accepts_covenant=data.get("accept", False), now=now)
    messages.success(request, _("The duty is yours. Thank you for stepping in."))
    return redirect(request, "signup", taken.pk)


@require_POST
@worker_page
def accept(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Swap: both of us have the other's duty now."""
    actor = actor_of(request)
    try:
        taken = swaps.accept(actor=actor, proposal_id=proposal_id, now=timezone.now())
    except NotFound:
        return _settled(request, actor, proposal_id)
    messages.success(request, _("Swapped. This is your duty now."))
    return redirect(request, "signup", taken.pk)


def _settled(request: HttpRequest, actor: Any, proposal_id: UUID) -> HttpResponse:
    """Lead whoever answers what is settled to her duty as it is now."""
    settled = policies.ever_proposed_to(actor).filter(pk=proposal_id).first()
    if settled is None:
        raise NotFound
    if taken := queries.taken_from(policies.own(actor), settled.in_return_id):
        return redirect(request, "signup", taken)
    messages.warning(request, _("That proposal does not stand any more. Your duty stays as it is."))
    return redirect(request, "swap", settled.place_id)


@require_POST
@worker_page
def decline(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Refuse what was proposed, or take back what I proposed."""
    proposal = swaps.decline(actor=actor_of(request), proposal_id=proposal_id)
    if proposal.in_return.worker.user_id == person(request).pk:
        messages.info(request, _("Taken back."))
        return redirect(request, "wanted")
    messages.info(request, _("Declined. Your duty stays as it is."))
    return redirect(request, "swap", proposal.place_id)
