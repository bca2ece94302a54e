"""What a visitor should find ready: a group that is signed up, and a shift whose sign-up opens later."""

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
from mobilize.tasks.models import Shift
from mobilize.workers.models import Worker

_GROUP_IN = timedelta(days=3)
_OPENS_IN = timedelta(days=4)
_OPENING_HOUR = 8  # of the day before the shift


def are_there(*, now: datetime) -> bool:
    """Tell whether both lie ahead."""
    found = queries.examples(now=now)
    return found.group is not None and found.opens_later is not None


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
    Signup.objects.bulk_create(
        Signup(
            shift=shift,
            worker=worker,
            group=group,
            status=SignupStatus.CONFIRMED,
            during=DateTimeTZRange(shift.starts_at, shift.ends_at),
            signed_up_by=leader,
            created_at=now,
        )
        for worker in members
    )
    shift.taken = data["people"]
    shift.save(update_fields=["taken"])
