"""Pledges, and the count of readers."""

from datetime import date, datetime
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from mobilize.campaigns.models import Campaign, Pledge
from mobilize.campaigns.states import CampaignStatus
from mobilize.core.errors import Conflict
from mobilize.outbox import services as outbox
from mobilize.workers.models import Worker

_PENDING = "campaign:pending-views"


def pledge(*, campaign: Campaign, worker: Worker, now: datetime) -> Pledge:
    """Note that a worker accepts the covenant; the second time changes nothing. Runs inside a transaction.

    Args:
        campaign: an open one.
        worker: who.
        now: current time.
    Raises:
        Conflict: `campaign_not_open`.
    """
    if campaign.status != CampaignStatus.OPEN:
        raise Conflict("campaign_not_open", status=campaign.status)
    found, created = Pledge.objects.get_or_create(
        campaign=campaign, worker=worker, defaults={"union_id": worker.union_id, "created_at": now}
    )
    if created:
        outbox.record("pledge.made", found.pk)
    return found


def count_view(*, campaign_id: UUID, now: datetime) -> None:
    """Count one reader, in the cache: the page itself writes no row.

    Args:
        campaign_id: whose page.
        now: current time; the view counts for its day in the city's zone.
    """
    key = _pending_key(campaign_id, timezone.localdate(now))
    cache.add(key, 0, timeout=None)
    try:
        cache.incr(key)
    except ValueError:  # folded in between the two calls
        cache.set(key, 1, timeout=None)


def fold_views(*, now: datetime) -> int:
    """Move the counted views of today and yesterday from the cache into their rows.

    Two folds at once cannot count a view twice: the amount is taken off the cache before it is written.

    Returns:
        How many views were folded in.
    """
    folded = 0
    today = timezone.localdate(now)
    for campaign_id in Campaign.objects.values_list("pk", flat=True):
        for day in (today, date.fromordinal(today.toordinal() - 1)):
            folded += _fold(campaign_id, day)
    return folded


def _fold(campaign_id: UUID, day: date) -> int:
    key = _pending_key(campaign_id, day)
    amount = cache.get(key, 0)
    if not amount or cache.decr(key, amount) < 0:
        if amount:
            cache.incr(key, amount)
        return 0
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO campaigns_viewtally (campaign_id, day, count) VALUES (%s, %s, %s)
                   ON CONFLICT (campaign_id, day) DO UPDATE SET count = campaigns_viewtally.count + excluded.count""",
                [campaign_id, day, amount],
            )
    except Exception:
        cache.incr(key, amount)
        raise
    return amount


def _pending_key(campaign_id: UUID, day: date) -> str:
    return f"{_PENDING}:{campaign_id}:{day}"
