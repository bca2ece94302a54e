"""What an officer's branch did in a week, for the digests of many officers at once."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, FloatField, Func, Sum
from django.utils import timezone

from mobilize.channels.models import Delivery
from mobilize.channels.states import CALLED_OFF
from mobilize.reminders.queries import NOT_REACHED
from mobilize.tasks.models import Shift
from mobilize.tasks.states import TaskStatus
from mobilize.unions import queries as unions
from mobilize.unions.models import Officer, Union

WEEK = timedelta(days=7)
COUNTED = ("shifts", "people", "unfilled", "hours")


@dataclass(frozen=True, slots=True)
class Digest:
    """A week of an officer's branch.

    Attributes:
        union: at the branch's top.
        first, last: its days.
        shifts, people: that took place, and who had a place in them.
        hours: which these people served, as planned.
        unfilled: places that stayed empty.
        lost: messages in the branch's name that were not delivered.
    """

    union: Union
    first: date
    last: date
    shifts: int
    people: int
    hours: int
    unfilled: int
    lost: int


def due_at(now: datetime, *, clock: time) -> datetime:
    """Return the last Monday on which digests were due, at a time of the city."""
    today = timezone.localtime(now).date()
    monday = timezone.make_aware(datetime.combine(today - timedelta(days=today.weekday()), clock))
    return monday if monday <= now else monday - WEEK


def digests(officer_ids: Collection[UUID], *, due: datetime) -> dict[UUID, Digest]:
    """Return the digests of some officers, by their ids, in a fixed number of queries.

    Args:
        officer_ids: who; dismissed ones are left out.
        due: on that Monday, or a day later where quiet hours kept them; the week before is told of.
    """
    if not officer_ids:
        return {}
    day = timezone.localtime(due).date()
    monday = timezone.make_aware(datetime.combine(day - timedelta(days=day.weekday()), time()))
    first, counted, lost = monday - WEEK, _shifts(monday), _lost(monday)
    below = unions.branches()
    found = {}
    for officer in Officer.objects.filter(pk__in=officer_ids).select_related("union"):
        total: Counter[str] = Counter()
        for union_id in below[officer.union_id]:
            week = counted.get(union_id, {})
            total.update({name: week[name] for name in COUNTED if name in week})
            total["lost"] += lost.get(union_id, 0)
        found[officer.pk] = Digest(
            union=officer.union,
            first=timezone.localtime(first).date(),
            last=timezone.localtime(monday - timedelta(days=1)).date(),
            lost=total["lost"],
            **{name: round(total[name]) for name in COUNTED},
        )
    return found


def _shifts(monday: datetime) -> dict[UUID, dict[str, Any]]:
    length = Func(F("ends_at") - F("starts_at"), template="extract(epoch from %(expressions)s) / 3600.0")
    rows = (
        Shift.objects.filter(starts_at__gte=monday - WEEK, starts_at__lt=monday, called_off_at=None)
        .exclude(task__status__in=[TaskStatus.DRAFT, TaskStatus.CANCELLED])
        .order_by()
        .values("task__union")
        .annotate(
            shifts=Count("pk"),
            people=Sum("taken"),
            unfilled=Sum(F("places") - F("taken")),
            hours=Sum(F("taken") * length, output_field=FloatField()),
        )
    )
    return {row["task__union"]: dict(row) for row in rows}


def _lost(monday: datetime) -> dict[UUID | None, int]:
    rows = Delivery.objects.filter(created_at__gte=monday - WEEK, created_at__lt=monday, status__in=NOT_REACHED)
    rows = rows.exclude(failure=CALLED_OFF)
    return dict(rows.order_by().values_list("union").annotate(n=Count("pk")))
