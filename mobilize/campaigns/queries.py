"""Reading campaigns."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.core.cache import cache
from django.db.models import QuerySet, Sum

from mobilize.campaigns.models import Campaign, CovenantArticle, Pledge, ViewTally
from mobilize.campaigns.states import CampaignStatus
from mobilize.core.errors import NotFound

COUNTERS_LAST = 10  # seconds


def public() -> QuerySet[Campaign]:
    """Open and closed campaigns, the newest first."""
    return (
        Campaign.objects.filter(status__in=[CampaignStatus.OPEN, CampaignStatus.CLOSED])
        .select_related("union")
        .order_by("status", "-starts_on")
        .reverse()
    )


def by_slug(slug: str) -> Campaign:
    """Return one public campaign.

    Raises:
        NotFound
    """
    campaign = public().filter(slug=slug).first()
    if campaign is None:
        raise NotFound
    return campaign


def current() -> Campaign | None:
    """Return the open campaign that started last, None when there is none."""
    return public().filter(status=CampaignStatus.OPEN).order_by("-starts_on").first()


def articles(campaign_id: UUID) -> QuerySet[CovenantArticle]:
    """The covenant's articles in order."""
    return CovenantArticle.objects.filter(campaign_id=campaign_id)


@dataclass(frozen=True)
class Counters:
    """What the appeal page counts. Every figure is counted from rows."""

    views: int
    volunteers: int


def counters(campaign_id: UUID) -> Counters:
    """Return the campaign's counters, counted at most ten seconds ago."""
    key = f"campaign:{campaign_id}:counters"
    return cast(Counters, cache.get_or_set(key, lambda: count(campaign_id), COUNTERS_LAST))


def count(campaign_id: UUID) -> Counters:
    """Count now."""
    views = ViewTally.objects.filter(campaign_id=campaign_id).aggregate(total=Sum("count"))["total"]
    return Counters(views=views or 0, volunteers=Pledge.objects.filter(campaign_id=campaign_id).count())


def has_pledged(*, campaign_id: UUID, user_id: UUID) -> bool:
    """Tell whether a person accepted this campaign's covenant."""
    return Pledge.objects.filter(campaign_id=campaign_id, worker__user_id=user_id).exists()
