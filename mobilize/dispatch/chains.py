"""Chains: a plan gives a driver several tasks in a row, and each is offered when she accepts the one before."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mobilize.core import bulk
from mobilize.dispatch.models import Assignment, Offer
from mobilize.dispatch.states import LOST, OfferStatus, PlanStatus
from mobilize.tasks.models import Task

GOES_ON_WITHIN = timedelta(minutes=1)  # after a yes


def waiting(tasks: QuerySet[Task] | Iterable[UUID], *, now: datetime) -> QuerySet[Assignment]:
    """Further tasks of committed plans' drivers, each offered to her when she accepts the one before."""
    hers, further = _links(tasks)
    return further.filter(~Exists(hers.filter(status__in=LOST)), Exists(_goes_on(hers, now)))


def broken(tasks: QuerySet[Task] | Iterable[UUID], *, now: datetime) -> QuerySet[Assignment]:
    """Further tasks of committed plans' drivers that nobody offers them any more.

    Such a driver said no, or nothing, to an earlier one; or she said yes, and some time later has not got the next one,
    because she cannot take it any more.
    """
    hers, further = _links(tasks)
    stands = Exists(hers.filter(status=OfferStatus.ACCEPTED)) & ~Exists(_goes_on(hers, now))
    return further.filter(Exists(hers.filter(status__in=LOST)) | stands)


def _links(tasks: QuerySet[Task] | Iterable[UUID]) -> tuple[QuerySet[Offer], QuerySet[Assignment]]:
    """Return the offers of an assignment's plan to its driver, and the assignments that were not offered to her yet."""
    among = tasks if isinstance(tasks, QuerySet) else bulk.among(tasks)
    hers = Offer.objects.filter(plan=OuterRef("plan"), driver=OuterRef("driver"))
    committed = Assignment.objects.filter(task__in=among, plan__status=PlanStatus.COMMITTED, struck=False)
    return hers, committed.filter(~Exists(hers.filter(task=OuterRef("task"))), driver__isnull=False).order_by()


def _goes_on(hers: QuerySet[Offer], now: datetime) -> QuerySet[Offer]:
    return hers.filter(Q(status=OfferStatus.OFFERED) | Q(answered_at__gt=now - GOES_ON_WITHIN))


def counted(rows: QuerySet[Assignment]) -> dict[UUID, int]:
    """Return how many assignments there are of each task that has any."""
    return dict(rows.order_by().values_list("task").annotate(n=Count("pk")))
