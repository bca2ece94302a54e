"""The campaign's appeal and its covenant."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from frontend.htmx import render
from mobilize.campaigns import queries as campaigns
from mobilize.campaigns import services as campaign_services
from mobilize.fleets import queries as fleets
from mobilize.signups import queries as signups
from mobilize.tasks import queries as tasks

SHIFTS_SHOWN = 4


def home(request: HttpRequest) -> HttpResponse:
    """Show the open campaign; a city without one says so."""
    campaign = campaigns.current()
    if campaign is None:
        return render(request, "worker/no_campaign.html")
    return _appeal(request, campaign)


def appeal(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one campaign's appeal."""
    return _appeal(request, campaigns.by_slug(slug))


def covenant(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the articles every participant keeps."""
    campaign = campaigns.by_slug(slug)
    return render(request, "worker/covenant.html", {"campaign": campaign, "articles": campaigns.articles(campaign.pk)})


def _appeal(request: HttpRequest, campaign: Any) -> HttpResponse:
    now = timezone.now()
    campaign_services.count_view(campaign_id=campaign.pk, now=now)
    context = {
        "campaign": campaign,
        "counters": campaigns.counters(campaign.pk),
        "totals": fleets.totals(),
        "districts": tasks.districts(),
        "shifts": signups.open_for_signup(now=now, only_free=True, campaign=campaign.slug)[:SHIFTS_SHOWN],
    }
    return render(request, "worker/appeal.html", context)
