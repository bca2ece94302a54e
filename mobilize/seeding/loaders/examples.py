"""What a visitor should find ready: a group that is signed up, a shift whose sign-up opens later, and one that is about
to begin, with a leader who keeps its list.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet
from django.utils import timezone

from mobilize.accounts.models import User
from mobilize.seeding import queries
from mobilize.seeding.files import read
from mobilize.seeding.loaders import upcoming
from mobilize.seeding.moments import at
from mobilize.signups.models import Signup, SignupGroup
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.tasks.models import Post, Shift
from mobilize.tasks.states import LIVE
from mobilize.workers.models import Worker

_GROUP_IN = timedelta(days=3)
_OPENS_IN = timedelta(days=4)
_LASTS = timedelta(hours=4)
_OTHERS = 5  # who come beside the demonstration's worker
_OPENING_HOUR = 8  # of the day before the shift


def are_there(*, now: datetime) -> bool:
    """Tell whether all of it is there."""
    found = queries.examples(now=now)
    return None not in (found.group, found.opens_later, found.on_the_spot)


def load(*, now: datetime) -> None:
    """Write what is missing."""
    found = queries.examples(now=now)
    shift = _empty_shifts(now + _GROUP_IN).first()
    if not found.group and shift:
        _sign_up_group(shift, now)
    later = _empty_shifts(now + _OPENS_IN).first()
    if not found.opens_later and later:
        later.opens_at = at(timezone.localdate(later.starts_at) - timedelta(days=1), _OPENING_HOUR)
        later.save(update_fields=["opens_at"])
    if not found.on_the_spot:
        _begin_soon(now)


def _begin_soon(now: datetime) -> None:
    """Write a shift of the team leader's, for the demonstration's worker and some invented volunteers."""
    demo = read("demo")
    post = Post.objects.get(team__leader__user__phone=demo["team_leader"]["phone"])
    task = upcoming.tasks().filter(site=post.site_id, status__in=LIVE).first()
    if task is None:
        return
    start = now.replace(second=0, microsecond=0) + queries.ON_THE_SPOT_IN
    if start.minute == 0:  # when other shifts of the post begin
        start += timedelta(minutes=5)
    shift = Shift.objects.create(task=task, post=post, starts_at=start, ends_at=start + _LASTS, places=12)
    people = Worker.objects.exclude(signups__status__in=AHEAD)
    idle = people.filter(user__is_invented=True, pledges__campaign=task.campaign_id).order_by("user__phone")
    comes = [*people.filter(user__phone=demo["worker"]["phone"]), *idle[:_OTHERS]]
    _sign_up(shift, comes, now)


def _empty_shifts(begin: datetime) -> QuerySet[Shift]:
    shifts = Shift.objects.filter(task__in=upcoming.tasks(), starts_at__gt=begin, last_number=0, taken=0)
    return shifts.order_by("starts_at", "pk")


def _sign_up_group(shift: Shift, now: datetime) -> None:
    """Sign up invented volunteers who have nothing ahead, led by somebody who stays at home."""
    data = read("demo")["group"]
    leader = User.objects.get(phone=data["leader"])
    group = SignupGroup.objects.create(shift=shift, name=data["name"], leader=leader, created_at=now)
    idle = Worker.objects.filter(user__is_invented=True, pledges__campaign=shift.task.campaign)
    members = idle.exclude(signups__status__in=AHEAD).order_by("user__phone")[: data["people"]]
    _sign_up(shift, members, now, group=group, by=leader)


def _sign_up(
    shift: Shift, people: Iterable[Worker], now: datetime, *, group: SignupGroup | None = None, by: User | None = None
) -> None:
    made = Signup.objects.bulk_create(
        Signup(
            shift=shift,
            worker=worker,
            group=group,
            status=SignupStatus.CONFIRMED,
            during=DateTimeTZRange(shift.starts_at, shift.ends_at),
            signed_up_by=by,
            created_at=now,
        )
        for worker in people
    )
    shift.taken = len(made)
    shift.save(update_fields=["taken"])
