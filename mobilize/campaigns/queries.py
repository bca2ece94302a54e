"""Reading campaigns."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from mobilize.campaigns.models import Campaign, CovenantArticle, Pledge, ViewTally
from mobilize.campaigns.states import CampaignStatus
from mobilize.core.errors import NotFound
from mobilize.unions.models import Union

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


def through_share_links(unions: QuerySet[Union], *, campaign_id: UUID) -> QuerySet[Union]:
    """The unions with `views` and `volunteers`: who came to a campaign through each one's share link.

    Args:
        unions: those the actor may see.
        campaign_id: which campaign.
    """
    via = {"campaign_id": campaign_id, "via": OuterRef("pk")}
    views = ViewTally.objects.filter(**via).order_by().values("via").annotate(n=Sum("count")).values("n")
    volunteers = Pledge.objects.filter(**via).order_by().values("via").annotate(n=Count("pk")).values("n")
    return unions.annotate(views=Coalesce(Subquery(views), 0), volunteers=Coalesce(Subquery(volunteers), 0))


def has_pledged(*, campaign_id: UUID, user_id: UUID) -> bool:
    """Tell whether a person accepted this campaign's covenant."""
    return Pledge.objects.filter(campaign_id=campaign_id, worker__user_id=user_id).exists()
