"""How often the appeal is read: counted in memory, gathered in the cache every second, folded into rows by a job.

To count a reader is an addition, so the page may be answered millions of times. When the process ends cleanly what is
left is gathered too; a crash loses at most the last second. While the cache is away the counts wait in memory.
"""

import logging
import threading
from collections import Counter
from datetime import datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

GATHER_EVERY = 1.0  # seconds
GATHERED = "mobilize:campaigns:readers"  # a hash: "campaign/union/day" -> readers not yet in their row

_lock = threading.Lock()
_counted: Counter[str] = Counter()
_gatherer: threading.Thread | None = None


def count(*, campaign_id: UUID, via_id: UUID | None, now: datetime) -> None:
    """Count one reader of a campaign's appeal.

    Args:
        campaign_id: whose appeal.
        via_id: the union whose share link led here.
        now: current time; the reader counts for its day in the city's zone.
    """
    global _gatherer
    field = f"{campaign_id}/{via_id or ''}/{timezone.localdate(now)}"
    with _lock:
        _counted[field] += 1
        if _gatherer is None or not _gatherer.is_alive():
            # not a daemon: the interpreter waits for it, so it gathers what is left after the last request
            _gatherer = threading.Thread(target=_gather_until_the_end, name="readers", daemon=False)
            _gatherer.start()


def gather() -> None:
    """Move this process's counts to the cache, all or none of them."""
    with _lock:
        taken = _counted.copy()
        _counted.clear()
    if not taken:
        return
    try:
        with _valkey().pipeline(transaction=True) as pipeline:
            for field, amount in taken.items():
                pipeline.hincrby(GATHERED, field, amount)
            pipeline.execute()
    except RedisError:
        logger.warning("readers wait in memory: the cache does not answer")
        with _lock:
            _counted.update(taken)


def fold() -> int:
    """Move the gathered readers from the cache into the rows of their days.

    Two folds at once cannot count a reader twice: the first one takes all there is off the cache before it writes.

    Returns:
        How many readers were folded in.
    """
    return sum(_fold(str(field)) for field in _valkey().hkeys(GATHERED))


def _fold(field: str) -> int:
    amount = _take(field)
    if not amount:  # another fold was first
        return 0
    campaign_id, via_id, day = field.split("/")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO campaigns_viewtally (campaign_id, via_id, day, count) VALUES (%s, %s, %s, %s)
                   ON CONFLICT (campaign_id, day, via_id)
                   DO UPDATE SET count = campaigns_viewtally.count + excluded.count""",
                [campaign_id, via_id or None, day, amount],
            )
    except IntegrityError:
        logger.warning("readers of a campaign or a union that is gone are dropped")
        return 0
    except Exception:
        _valkey().hincrby(GATHERED, field, amount)
        raise
    return amount


def _take(field: str) -> int:
    with _valkey().pipeline(transaction=True) as pipeline:
        pipeline.hget(GATHERED, field)
        pipeline.hdel(GATHERED, field)
        amount, _gone = pipeline.execute()
    return int(amount or 0)


def _gather_until_the_end() -> None:
    main = threading.main_thread()
    while main.is_alive():
        main.join(GATHER_EVERY)
        gather()


@cache
def _valkey() -> Redis:
    return Redis.from_url(settings.CACHES["default"]["LOCATION"], decode_responses=True)
