"""Duty still to come: shifts of today and a week ahead, so that there is always something to sign up for."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet
from django.utils import timezone

from mobilize.seeding.loaders.campaign import the_campaign
from mobilize.seeding.moments import at, days
from mobilize.seeding.names import MAKER
from mobilize.signups.models import Signup
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.tasks.models import Post, Shift, Site, Task
from mobilize.tasks.states import LIVE, TaskKind, TaskStatus
from mobilize.workers.models import Worker

DAYS_AHEAD = 7
_WINDOWS = [(7, 11), (15, 19)]
_PLACES = [8, 10, 12, 15, 20, 30]
_BUSY_SHIFTS_A_DAY = 12


def tasks() -> QuerySet[Task]:
    """Our tasks after the story's; an officer may have closed some of them since."""
    return Task.objects.filter(
        campaign=the_campaign(),
        kind=TaskKind.DUTY,
        created_by_client=MAKER,
        starts_at__gt=at(days()[-1], 22),
    )


def missing_days(*, now: datetime) -> list[date]:
    """Return the days, from today to a week ahead, that have no shifts of ours yet."""
    today = timezone.localdate(now)
    shifts = Shift.objects.filter(task__in=tasks(), starts_at__gte=at(today, 0))
    there = set(shifts.values_list("starts_at__date", flat=True).distinct())
    wanted = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
    # Late in the day nothing of today is left to sign up for.
    return [day for day in wanted if day not in there and at(day, _WINDOWS[-1][0]) > now]


def load(*, now: datetime) -> None:
    """Write the shifts of the missing days, some of them busy with invented people."""
    missing = missing_days(now=now)
    if not missing:
        return
    _lengthen_tasks(now=now, until=at(missing[-1], _WINDOWS[-1][1]))
    chance = random.Random(missing[0].toordinal())
    shifts = [shift for shift in _shifts(missing, chance) if shift.starts_at > now]
    Shift.objects.bulk_create(shifts, ignore_conflicts=True)
    _fill(chance.sample(shifts, min(len(shifts), _BUSY_SHIFTS_A_DAY * len(missing))), chance, now)


def _lengthen_tasks(*, now: datetime, until: datetime) -> None:
    """Let our live tasks last until the last shift; a site that has had none yet gets one."""
    tasks().filter(status__in=LIVE, ends_at__lt=until).update(ends_at=until)
    new = Site.objects.exclude(tasks__in=tasks()).filter(posts__isnull=False).distinct()
    campaign = the_campaign()
    Task.objects.bulk_create(
        Task(
            campaign=campaign,
            union_id=site.union_id,
            kind=TaskKind.DUTY,
            title=f"{site.name}志愿服务",
            status=TaskStatus.PUBLISHED,
            site=site,
            starts_at=now,
            ends_at=until,
            created_by_client=MAKER,
            created_at=now,
        )
        for site in new
    )


def _shifts(missing: list[date], chance: random.Random) -> Iterator[Shift]:
    at_site = {task.site_id: task for task in tasks().filter(status__in=LIVE)}
    for post in Post.objects.filter(site__in=at_site).order_by("site__sort_key", "kind"):
        for day in missing:
            for begins, ends in _WINDOWS:
                yield Shift(
                    task=at_site[post.site_id],
                    post=post,
                    starts_at=at(day, begins),
                    ends_at=at(day, ends),
                    places=chance.choice(_PLACES),
                )


def _fill(shifts: list[Shift], chance: random.Random, now: datetime) -> None:
    """Leave one or two places free; fill every third shift and let some more wait."""
    free = _idle_workers(sum(shift.places + 8 for shift in shifts), chance)
    signups = []
    for place, shift in enumerate(shifts):
        full = place % 3 == 0
        confirmed = shift.places if full else shift.places - chance.randint(1, 2)
        waiting = range(1, chance.randint(3, 8) + 1) if full else []
        ranks = [(SignupStatus.CONFIRMED, None)] * confirmed + [(SignupStatus.WAITLISTED, n) for n in waiting]
        signups += [
            Signup(
                shift=shift,
                worker_id=next(free),
                status=status,
                during=DateTimeTZRange(shift.starts_at, shift.ends_at),
                waiting_number=number,
                created_at=now,
            )
            for status, number in ranks
        ]
        shift.taken, shift.waiting, shift.last_number = confirmed, len(waiting), len(waiting)
    Signup.objects.bulk_create(signups)
    Shift.objects.bulk_update(shifts, ["taken", "waiting", "last_number"])


def _idle_workers(count: int, chance: random.Random) -> Iterator[UUID]:
    """Pick invented volunteers who have nothing ahead of them."""
    idle = (
        Worker.objects.filter(user__is_invented=True, pledges__campaign=the_campaign())
        .exclude(signups__status__in=AHEAD)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return iter(chance.sample(list(idle), count))
