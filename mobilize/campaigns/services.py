"""Pledges."""

from datetime import datetime

from mobilize.campaigns.models import Campaign, Pledge
from mobilize.campaigns.states import CampaignStatus
from mobilize.core.errors import Conflict
from mobilize.outbox import services as outbox
from mobilize.unions.models import Union
from mobilize.workers.models import Worker


def pledge(*, campaign: Campaign, worker: Worker, now: datetime, via: Union | None = None) -> Pledge:
    """Note that a worker accepts the covenant; the second time changes nothing. Runs inside a transaction.

    Args:
        campaign: an open one.
        worker: who.
        now: current time.
        via: the union whose share link brought her.
    Raises:
        Conflict: `campaign_not_open`.
    """
    if campaign.status != CampaignStatus.OPEN:
        raise Conflict("campaign_not_open", status=campaign.status)
    found, created = Pledge.objects.get_or_create(
        campaign=campaign, worker=worker, defaults={"union_id": worker.union_id, "via": via, "created_at": now}
    )
    if created:
        outbox.record("pledge.made", found.pk)
    return found
