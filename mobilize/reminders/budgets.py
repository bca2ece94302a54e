"""What a campaign's SMS may cost, set by those who pay for them."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from mobilize.campaigns.models import Campaign
from mobilize.channels import budget
from mobilize.core.actor import Actor
from mobilize.core.errors import Invalid, NotFound
from mobilize.reminders import policies

MOST_YUAN = 10_000_000


@dataclass(frozen=True, slots=True)
class CampaignBudget:
    """A campaign's money for SMS, in thousandths of a yuan; `most` is None without a cap."""

    campaign: Campaign
    spent: int
    most: int | None


def budgets(actor: Actor) -> list[CampaignBudget]:
    """Return the budgets the actor may set, the newest campaign first, in a fixed number of queries.

    Raises:
        Unauthenticated, Forbidden: see `policies.campaigns_paid_by`.
    """
    campaigns = list(policies.campaigns_paid_by(actor).order_by("-starts_on", "pk"))
    purses = budget.of_campaigns([campaign.pk for campaign in campaigns])
    return [CampaignBudget(campaign, *purses.get(campaign.pk, (0, None))) for campaign in campaigns]


@transaction.atomic
def set_cap(*, actor: Actor, campaign_id: UUID, yuan: int | None) -> None:
    """Set what a campaign's SMS may cost in all.

    Args:
        actor: an administrator of the campaign's union or above.
        campaign_id: which.
        yuan: at most; None takes the cap away. What is spent already stays spent.
    Raises:
        Unauthenticated, Forbidden: see `policies.campaigns_paid_by`.
        NotFound: no such campaign of hers.
        Invalid: `bad_budget` with `most`.
    """
    if not policies.campaigns_paid_by(actor).filter(pk=campaign_id).exists():
        raise NotFound
    if yuan is not None and not 0 <= yuan <= MOST_YUAN:
        raise Invalid({"yuan": ["bad_budget"]}, most=MOST_YUAN)
    budget.cap_campaign(campaign_id, most=None if yuan is None else yuan * 1000)
