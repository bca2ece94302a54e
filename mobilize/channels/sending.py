"""Let messages leave: claim what is due, hand it over, many at a time, and write down what came of it.

A claim is committed before the hand-over, so a sender that dies leaves a mark: its claim runs out and the message is
doubtful. A doubtful one is sent again only to a provider that drops doubles; of any other it is asked what became of
it, and where nobody knows the message ends as `unknown`, never in a blind second sending.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone

from mobilize.channels import health
from mobilize.channels.claims import CLAIM_LASTS, claim
from mobilize.channels.models import Delivery
from mobilize.channels.postmen import SLOTS, Postmen
from mobilize.channels.settling import Result, settle
from mobilize.channels.states import Outcome

log = structlog.get_logger()
SPARE = 50  # messages at hand besides those on their way, so that none of the slots waits for the database


def pump(
    *,
    codes: bool,
    patience: float = 0.0,
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], datetime] = timezone.now,
) -> int:
    """Send what is due until nothing is left. Must run outside a transaction.

    Several pumps, in several processes, share the work: rows another one holds are skipped. This thread works with the
    database, another one's event loop with the providers.

    Args:
        codes: True for sign-in codes, which have senders of their own, False for everything else.
        patience: seconds after which to look once more when nothing is left, for what was committed meanwhile.
        stop: asked again and again; once it says so nothing more is claimed, and what is on its way is waited for.
        clock: tells the current time.
    Returns:
        How many tries were made.
    """
    tries, looked_twice = 0, not patience
    with Postmen() as postmen:
        results: list[Result] = []
        while True:
            free = 0 if stop() else SLOTS + SPARE - postmen.busy
            postmen.send_off(_turn_over(results, codes=codes, most=free, busy=postmen.busy, clock=clock))
            results = postmen.returned()
            tries += len(results)
            if results or postmen.busy:
                looked_twice = not patience
            elif looked_twice or not free:
                return tries
            else:
                looked_twice = True
                time.sleep(patience)


def _turn_over(
    results: list[Result], *, codes: bool, most: int, busy: int, clock: Callable[[], datetime]
) -> list[Delivery]:
    """Write results down and claim more, in one transaction; a database that is away is waited for."""
    if not results and most <= 0:
        return []
    given_up_at = time.monotonic() + CLAIM_LASTS.total_seconds()
    while True:
        try:
            return _settle_and_claim(results, codes=codes, most=most, busy=busy, now=clock())
        except (OperationalError, InterfaceError) as error:
            # What was handed over must be written down; once the claims have run out, others take care of it.
            if time.monotonic() > given_up_at:
                raise
            log.warning("sending.database_away", error=type(error).__name__)
            close_old_connections()
            time.sleep(0.5)


def _settle_and_claim(results: list[Result], *, codes: bool, most: int, busy: int, now: datetime) -> list[Delivery]:
    with transaction.atomic():
        settle(results, now=now)
        claimed = claim(codes=codes, most=most, busy=busy, now=now) if most > 0 else []
    _note_health(results)
    return claimed


def _note_health(results: Sequence[Result]) -> None:
    """Count how the providers did. The cache may be away: nothing depends on it."""
    bad_outcomes = {Outcome.TRY_AGAIN, Outcome.DOUBTFUL}
    for name in {result.delivery.provider for result in results} - {""}:
        own = [result for result in results if result.delivery.provider == name]
        bad = sum(result.outcome in bad_outcomes or result.seconds > health.SLOW.total_seconds() for result in own)
        if health.note(name, tries=len(own), bad=bad):
            log.warning("provider.demoted", provider=name)
