"""People of flesh and blood for the benchmarks of messages: not marked as invented, so their messages do leave."""

from datetime import datetime, timedelta

from django.utils import timezone

from mobilize.accounts.models import User
from mobilize.reminders.models import Reminder
from mobilize.reminders.states import ReminderKind, ReminderStatus
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.workers.models import Worker
from tests.bench import crowd

BATCH = 2000


def make_audience(count: int, *, starts_at: datetime, shifts: int = 200) -> None:
    """Add people numbered from 0, each confirmed for one of some shifts, half an hour each from a moment on."""
    crowd.make_people(0, count, signed_in=False)
    User.objects.filter(pk__in=[crowd.user_id(number) for number in range(count)]).update(is_invented=False)
    crowd.make_shifts(0, shifts, begin=starts_at)
    workers = dict(Worker.objects.filter(user__is_invented=False).values_list("user_id", "pk"))
    for start in range(0, count, BATCH):
        Signup.objects.bulk_create(
            Signup(
                shift_id=crowd.shift_id(number % shifts),
                worker_id=workers[crowd.user_id(number)],
                signed_up_by_id=crowd.user_id(number),
                status=SignupStatus.CONFIRMED,
                during=(starts_at + crowd.SLOT * (number % shifts), starts_at + crowd.SLOT * (number % shifts + 1)),
            )
            for number in range(start, min(start + BATCH, count))
        )


def plan_reminders(*, due_at: datetime, spread: timedelta = timedelta(0)) -> None:
    """Plan one reminder for each sign-up of the audience anew, all due at one moment or spread evenly after it."""
    Reminder.objects.all().delete()
    signups = Signup.objects.filter(worker__user__is_invented=False).select_related("worker", "shift")
    rows = list(signups.order_by("worker__user_id"))
    Reminder.objects.bulk_create(
        (
            Reminder(
                kind=ReminderKind.HOUR_BEFORE,
                user_id=signup.worker.user_id,
                subject_id=signup.pk,
                due_at=due_at + spread * number / len(rows),
                useless_after=signup.shift.starts_at,
                status=ReminderStatus.PENDING,
                created_at=timezone.now(),
            )
            for number, signup in enumerate(rows)
        ),
        batch_size=BATCH,
    )
