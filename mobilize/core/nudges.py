"""Ask Celery to look at once. Beat asks anyway, so a nudge that is left out or a broker that is away costs only
time."""

import time

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger()
EVERY = 0.2  # seconds, for each job and process: in a surge a message for each row would cost more than the rows
_nudged_at: dict[str, float] = {}


def nudge(job: str) -> None:
    """Ask for a run of a job once the transaction is done, at most every fifth of a second.

    Args:
        job: the Celery task's name; it takes no arguments and looks for rows by itself.
    """
    if not _is_fresh(job):
        transaction.on_commit(lambda: _ask(job), robust=True)


def _is_fresh(job: str) -> bool:
    return time.monotonic() - _nudged_at.get(job, 0.0) < EVERY


def _ask(job: str) -> None:
    if _is_fresh(job):
        return
    _nudged_at[job] = time.monotonic()
    try:
        current_app.send_task(job, retry=False, expires=5)
    except Exception as error:
        log.warning("nudge.failed", job=job, error=type(error).__name__)
