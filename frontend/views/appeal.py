"""The campaign's appeal and its covenant: the same for everybody, so they are rendered without a look at the person."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from frontend.htmx import render
from frontend.public_pages import VIA, publish
from mobilize.campaigns import queries as campaigns
from mobilize.fleets import queries as fleets
from mobilize.signups import queries as signups
from mobilize.tasks import queries as tasks
from mobilize.unions import queries as unions

SHIFTS_SHOWN = 4
REMEMBERED = timedelta(days=7)


def home(request: HttpRequest) -> HttpResponse:
    """Show the open campaign; a city without one says so."""
    campaign = campaigns.current()
    if campaign is None:
        return publish(render(request, "worker/no_campaign.html"))
    return _appeal(request, campaign)


def appeal(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one campaign's appeal."""
    return _appeal(request, campaigns.by_slug(slug))


def shared(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Show the appeal as a union shares it, and remember which: who signs up within a week came through it."""
    union = unions.by_code(code)
    response = _appeal(request, campaigns.by_slug(slug), union)
    response.set_cookie(
        VIA, union.code, max_age=REMEMBERED, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


def covenant(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the articles every participant keeps."""
    campaign = campaigns.by_slug(slug)
    context = {"campaign": campaign, "articles": campaigns.articles(campaign.pk)}
    return publish(render(request, "worker/covenant.html", context))


def share_link(slug: str, code: str = "") -> str:
    """Return the whole address of an appeal, or of the appeal as the union with this code shares it."""
    return settings.PUBLIC_URL + (reverse("shared", args=[slug, code]) if code else reverse("appeal", args=[slug]))


def _appeal(request: HttpRequest, campaign: Any, via: Any = None) -> HttpResponse:
    now = timezone.now()
    context = {
        "campaign": campaign,
        "via": via,
        "share_link": share_link(campaign.slug, via.code if via else ""),
        "counters": campaigns.counters(campaign.pk),
        "totals": fleets.totals(),
        "districts": tasks.districts(),
        "shifts": signups.open_for_signup(now=now, only_free=True, campaign=campaign.slug)[:SHIFTS_SHOWN],
    }
    response = render(request, "worker/appeal.html", context)
    return publish(response, campaign_id=campaign.pk, via_id=via.pk if via else None)
