"""Duties in people's own calendars: an address to subscribe to, or one duty as a file."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend.htmx import redirect, render
from frontend.identity import actor_of, worker_page
from frontend.sentences import sentence
from frontend.user_agents import is_wechat
from mobilize.calendars import feeds, ical, links, policies, queries, services
from mobilize.core.errors import Conflict, NotFound


@never_cache
@worker_page
def mine(request: HttpRequest) -> HttpResponse:
    """Show the address of my calendar and those of the teams I lead, or how to switch them on."""
    actor = actor_of(request)
    switches = queries.switches(policies.own(actor), policies.led_teams(actor))
    return render(request, "worker/calendar.html", {"calendars": [_shown(switch) for switch in switches]})


def _shown(switch: queries.Switch) -> dict[str, Any]:
    address = links.link(switch.feed.key) if switch.feed else ""
    steps = ("make", "renew", "end")
    return {
        "team": switch.team,
        "id": f"address-{switch.team.pk if switch.team else 'mine'}",
        "address": address,
        "webcal": f"webcal://{address.partition('://')[2]}",
    } | {step: _way(step, switch.team.pk if switch.team else None) for step in steps}


def _way(step: str, team_id: UUID | None) -> str:
    return reverse(f"calendar_{step}", args=[team_id] if team_id else [])


@require_POST
@worker_page
def make(request: HttpRequest, team_id: UUID | None = None) -> HttpResponse:
    """Switch a calendar on."""
    services.make(actor=actor_of(request), team_id=team_id, now=timezone.now())
    return redirect(request, "my_calendar")


@worker_page
def renew(request: HttpRequest, team_id: UUID | None = None) -> HttpResponse:
    """Ask once, then give a calendar another address."""
    questions = {
        "heading": _("A new address?"),
        "sentences": [_("The address you have now ends at once. Calendars that use it must be subscribed anew.")],
        "button": _("Make a new address"),
        "cancel": _("Keep the address"),
    }
    return _ask(request, team_id, questions, _renewed)


def _renewed(**given: Any) -> str:
    services.renew(now=timezone.now(), **given)
    return _("This is the new address. The one before has ended.")


@worker_page
def end(request: HttpRequest, team_id: UUID | None = None) -> HttpResponse:
    """Ask once, then switch a calendar off."""
    questions = {
        "heading": _("Switch the calendar off?"),
        "sentences": [_("Its address ends at once: calendars that use it get nothing new any more.")],
        "button": _("Switch it off"),
        "cancel": _("Keep it"),
    }
    return _ask(request, team_id, questions, _ended)


def _ended(**given: Any) -> str:
    services.end(**given)
    return _("Switched off. The address has ended.")


def _ask(
    request: HttpRequest, team_id: UUID | None, questions: dict[str, Any], act: Callable[..., str]
) -> HttpResponse:
    actor = actor_of(request)
    if team_id:
        policies.demand_team(actor, team_id=team_id)
    if request.method != "POST":
        return render(request, "ask.html", questions | {"back": reverse("my_calendar")})
    messages.success(request, act(actor=actor, team_id=team_id))
    return redirect(request, "my_calendar")


@worker_page
@require_safe
def duty(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Give one of my duties as a file that the phone's calendar opens; inside WeChat say how to come out of it."""
    if is_wechat(request.headers.get("User-Agent", "")):
        context = {"heading": _("Add to calendar"), "url": reverse("signup", args=[signup_id])}
        return render(request, "worker/outside_wechat.html", context)
    return _served(request, feeds.of_duty(actor=actor_of(request), signup_id=signup_id))


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give the calendar behind a secret address; programs read it, so nobody is signed in."""
    try:
        return _served(request, feeds.read(token=token, now=timezone.now()))
    except NotFound as error:
        return render(request, "worker/calendar_ended.html", {"sentence": sentence(error)}, status=404)
    except Conflict as error:
        return render(request, "worker/calendar_ended.html", {"sentence": sentence(error)}, status=410)


def _served(request: HttpRequest, file: feeds.File) -> HttpResponse:
    etag = quote_etag(salted_hmac("frontend.calendar", file.content).hexdigest()[:32])
    answer = HttpResponse(
        file.content,
        content_type=ical.MIME,
        headers={
            "Content-Disposition": f'inline; filename="{file.name}"',
            "Content-Language": file.language,
            "Cache-Control": "private, no-cache",
            "ETag": etag,
        },
    )
    return get_conditional_response(request, etag=etag, response=answer) or answer
