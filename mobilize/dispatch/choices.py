"""Which fleets a task can be offered to by hand or by the search, and with how many vehicles."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone

from mobilize.dispatch import queries, situation
from mobilize.dispatch.models import Offer
from mobilize.dispatch.planner.problem import Barred
from mobilize.dispatch.states import OfferStatus
from mobilize.fleets.models import Driver, Fleet
from mobilize.fleets.states import FleetStatus
from mobilize.tasks.models import Task


def free_vehicles(task: Task, *, now: datetime, fleets: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many vehicles of each fleet fit a task, are free then, and are not asked for already.

    As plans count them: what an open offer to the fleet asks for at an overlapping time is set aside, and so is a
    driver with an open offer of her own, and one who said no to the task.

    Args:
        task: with campaign, site and destination.
        now: current time.
        fleets: which; those without any are missing in the result.
    """
    found = situation.read(
        tasks=[task],
        drivers=Driver.objects.filter(fleet__in=list(fleets)),
        day=timezone.localdate(queries.trip_times(task, now=now)[0]),
        now=now,
    )
    refused = Offer.objects.filter(task=task, status=OfferStatus.DECLINED, driver__isnull=False)
    said_no = set(refused.values_list("driver_id", flat=True))
    # that a leader said no, or is being asked, is told apart from having nothing free
    free = replace(found, problem=replace(found.problem, barred=Barred.none())).may_take(0)
    free &= np.array([pk not in said_no for pk in found.drivers], bool)
    counts = np.bincount(found.fleet[free], minlength=len(found.fleets)).tolist()
    return {pk: count for pk, count in zip(found.fleets, counts, strict=True) if count}


@dataclass(frozen=True)
class FleetChoice:
    """A fleet that could be offered a task."""

    fleet: Fleet
    free: int


def fleets_to_offer(task: Task, *, fleets: QuerySet[Fleet], now: datetime) -> list[FleetChoice]:
    """Return enrolled fleets with free fitting vehicles and no open offer for the task, the largest number first."""
    asked = Offer.objects.filter(task=task, status=OfferStatus.OFFERED, fleet__isnull=False).values("fleet_id")
    candidates = fleets.filter(status=FleetStatus.ENROLLED).exclude(pk__in=asked).select_related("leader", "union")
    by_id = {fleet.pk: fleet for fleet in candidates}
    free = free_vehicles(task, now=now, fleets=by_id)
    found = [FleetChoice(fleet=by_id[pk], free=count) for pk, count in free.items()]
    return sorted(found, key=lambda choice: (-choice.free, choice.fleet.sort_key))
