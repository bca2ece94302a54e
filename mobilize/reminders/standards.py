"""The standard by which each kind of message leaves: when, over which channels, what if it is late.

Officers may change it (`models.RuleChange`); `rules.py` reads what holds.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from mobilize.channels.states import ChannelName
from mobilize.reminders.states import ReminderKind

TO_PEOPLE = (ChannelName.PUSH, ChannelName.SMS)
TO_OFFICERS = (ChannelName.PUSH, ChannelName.CHAT, ChannelName.SMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a kind of message leaves.

    Attributes:
        channels: the first that can is tried first; the inbox is left when none can.
        urgent: leaves before others, and in quiet hours too.
        enabled: False: it is not sent at all.
        minutes: for kinds with a time: before the start, or after the end; None for all others.
        days_before: for the evening before: how many days.
        clock: for the evening before, and for the digest on Mondays: at which time of the city.
        on_time: how many minutes after its time a message still counts as on time; None: as long as it is of use.
        drop_late: what comes later than that is dropped; otherwise it is sent and says how things stand.
    """

    channels: tuple[str, ...] = TO_PEOPLE
    urgent: bool = False
    enabled: bool = True
    minutes: int | None = None
    days_before: int | None = None
    clock: time | None = None
    on_time: int | None = None
    drop_late: bool = False

    def late_after(self, due_at: datetime) -> datetime | None:
        """Return until when a message that was due counts as on time; None: as long as it is of use."""
        return None if self.on_time is None else due_at + timedelta(minutes=self.on_time)

    def is_late(self, due_at: datetime, now: datetime) -> bool:
        """Tell whether a message that was due comes too late to count as on time."""
        late_after = self.late_after(due_at)
        return late_after is not None and now > late_after


STANDARDS = {kind: Rule() for kind in ReminderKind} | {
    ReminderKind.EVENING_BEFORE: Rule(days_before=1, clock=time(19, 0), on_time=300),
    ReminderKind.HOUR_BEFORE: Rule(minutes=60, on_time=10, urgent=True),
    ReminderKind.DONE: Rule(minutes=30),
    ReminderKind.OFFER: Rule(urgent=True),
    ReminderKind.OFFER_CALLED_BACK: Rule(urgent=True),
    ReminderKind.TRIP: Rule(urgent=True),
    ReminderKind.TRIP_CALLED_OFF: Rule(urgent=True),
    ReminderKind.FLIGHT_MOVED: Rule(urgent=True),
    ReminderKind.ESCALATED: Rule(channels=TO_OFFICERS),
    ReminderKind.RED: Rule(channels=TO_OFFICERS, urgent=True),
    ReminderKind.SHORT: Rule(channels=TO_OFFICERS, minutes=720),
    ReminderKind.DIGEST: Rule(channels=(ChannelName.EMAIL, ChannelName.CHAT, ChannelName.SMS), clock=time(8, 0)),
}
THANKS_FOR = timedelta(days=3)  # so long after the end it can still be said


def due_at(kind: ReminderKind, rule: Rule, *, starts_at: datetime, ends_at: datetime) -> datetime:
    """Return when one of the messages of a duty (`OF_A_DUTY`) is due."""
    if kind == ReminderKind.DONE:
        return ends_at + timedelta(minutes=rule.minutes or 0)
    if kind == ReminderKind.HOUR_BEFORE:
        return starts_at - timedelta(minutes=rule.minutes or 0)
    day = timezone.localtime(starts_at).date() - timedelta(days=rule.days_before or 0)
    return timezone.make_aware(datetime.combine(day, rule.clock or time()))


def useless_after(kind: ReminderKind, *, starts_at: datetime, ends_at: datetime) -> datetime:
    """Return from when on one of the messages of a duty is of no use any more."""
    return ends_at + THANKS_FOR if kind == ReminderKind.DONE else starts_at
