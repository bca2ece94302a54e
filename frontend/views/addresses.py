"""How messages reach me: my number, e-mail addresses, browsers, robots of chat groups."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from frontend.forms.addresses import FORMS, AddressForm
from frontend.forms.base import refusals
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, may, person, worker_page
from frontend.sentences import sentence
from frontend.user_agents import browser_of
from mobilize.accounts import services as accounts
from mobilize.channels import addresses, policies, queries, roads
from mobilize.channels.providers import browsers
from mobilize.channels.states import AddressState, ChannelName
from mobilize.core.errors import Conflict, Invalid, NotFound


@never_cache
@worker_page
def mine(request: HttpRequest) -> HttpResponse:
    """Show how messages reach me, and take another address."""
    actor, now = actor_of(request), timezone.now()
    sent = request.POST.get("channel", "")
    form = FORMS[sent](request.POST) if sent in FORMS else None
    if form and form.is_valid():
        with refusals(form):
            label = browser_of(request.headers.get("User-Agent", "")) if sent == ChannelName.PUSH else ""
            given = {"label": label} | form.cleaned_data
            row = addresses.add(actor=actor, channel=sent, now=now, **given)
            messages.success(request, _given(row))
            return redirect(request, "my_addresses")
    rows = queries.shown(policies.own_addresses(actor), now=now)
    context = {
        "takes_sms": queries.takes_sms(str(person(request).phone)),
        "channels": [_section(name, rows, form) for name in roads.offered() if _is_shown(request, name, rows)],
        "form": form,
        "push_key": browsers.public_key(),
    }
    return render(request, "worker/addresses.html", context, status=status_of(form) if form else 200)


def _given(row: Any) -> str:
    if row.state == AddressState.UNCONFIRMED:
        return _("We have written to %(address)s. Open the link in that letter within 24 hours.") % {
            "address": row.address
        }
    return _("Saved. Messages can reach you there now.")


def _is_shown(request: HttpRequest, channel: str, rows: list[Any]) -> bool:
    return may(policies.demand_giving, actor_of(request), channel) or any(row.channel == channel for row in rows)


def _section(channel: str, rows: list[Any], sent: AddressForm | None) -> dict[str, Any]:
    form = sent if sent and sent.channel == channel else FORMS[channel]()
    return {"name": channel, "rows": [row for row in rows if row.channel == channel], "form": form}


@require_POST
@worker_page
def sms(request: HttpRequest) -> HttpResponse:
    """Switch SMS on or off."""
    on = request.POST.get("on") == "1"
    accounts.take_sms(actor=actor_of(request), on=on, now=timezone.now())
    messages.success(request, _("You get SMS again.") if on else _("You get no more SMS but codes you ask for."))
    return redirect(request, "my_addresses")


ACTS = {
    "again": (addresses.confirm_again, _given),
    "test": (addresses.send_test, lambda row: _("The test message is on its way.")),
    "remove": (addresses.remove, lambda row: _("Removed. For an hour you can put it back below.")),
    "put-back": (addresses.put_back, lambda row: _("It is back.")),
}


@require_POST
@worker_page
def act(request: HttpRequest, address_id: UUID, what: str) -> HttpResponse:
    """Do something with one of my addresses.

    Raises:
        NotFound: no such thing to do.
    """
    if what not in ACTS:
        raise NotFound
    service, said = ACTS[what]
    try:
        row = service(actor=actor_of(request), address_id=address_id, now=timezone.now())
    except Invalid as error:  # no field to show it beside
        messages.error(request, sentence(Conflict(next(iter(error.fields.values()))[0], **error.data)))
    else:
        messages.success(request, said(row))
    return redirect(request, "my_addresses")


@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a letter's link is for; only its button confirms, because scanners of letters open links too."""
    now = timezone.now()
    try:
        row = (addresses.confirm if request.method == "POST" else addresses.check_link)(token=token, now=now)
    except Conflict as error:
        return render(request, "worker/address_confirm.html", {"sentence": sentence(error)}, status=409)
    return render(request, "worker/address_confirm.html", {"address": row})
