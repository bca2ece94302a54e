"""Answering an offer by the link in its message, without signing in."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from frontend.forms.base import refusals
from frontend.forms.trips import AcceptOfferForm
from frontend.htmx import redirect, render, status_of
from frontend.sentences import sentence
from mobilize.core.errors import Conflict, NotFound
from mobilize.dispatch import links, queries, services
from mobilize.dispatch.states import OfferStatus


@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the offer behind a link; only one of its buttons answers, because scanners of messages open links too."""
    try:
        offer, actor = links.read(token)
    except NotFound as error:
        return render(request, "worker/offer_link.html", {"sentence": sentence(error)}, status=404)
    now = timezone.now()
    is_open = offer.status == OfferStatus.OFFERED and offer.expires_at > now
    most = queries.most_to_accept(offer, now=now) if is_open else 0
    declines = "decline" in request.POST
    form = AcceptOfferForm(None if declines else request.POST or None, initial={"vehicles": most})
    context = {"offer": offer, "is_open": is_open, "most": most, "form": form}
    try:
        if declines:
            services.decline(actor=actor, offer_id=offer.pk, now=now)
            return redirect(request, "offer_link", token)
        if form.is_valid():
            with refusals(form):
                services.accept(actor=actor, offer_id=offer.pk, vehicles=form.cleaned_data["vehicles"], now=now)
                return redirect(request, "offer_link", token)
    except Conflict as error:
        offer, actor = links.read(token)
        if offer.status == (OfferStatus.DECLINED if declines else OfferStatus.ACCEPTED):
            return redirect(request, "offer_link", token)  # the same answer twice
        context |= {"offer": offer, "is_open": False}
        return render(request, "worker/offer_link.html", context | {"sentence": sentence(error)}, status=409)
    return render(request, "worker/offer_link.html", context, status=status_of(form))
