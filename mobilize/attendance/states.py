"""How we know of a service, and how a person stands on a shift. Standings are derived, never stored."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

EARLY = timedelta(hours=2)  # so long before the start somebody may arrive
GRACE = timedelta(minutes=15)  # before the start and after the end it still counts as served
LATE = timedelta(minutes=10)  # after the start, or before the end: late, left early
BACKDATED = timedelta(hours=24)  # how old a scan may be that a phone kept without network
AHEAD = timedelta(minutes=2)  # how far a phone's clock may run before ours
ON_PAPER = timedelta(days=7)  # after the end, until when the list may be typed back


class Source(models.TextChoices):
    """How we know of a service."""

    CODE = "code", _("scanned code")
    LEADER = "leader", _("team leader")
    SELF = "self", _("own statement")
    PLANNED = "planned", _("planned end")
    OFFICER = "officer", _("officer's correction")
    TRIP = "trip", _("completed trip")
    REPORT = "report", _("a union's report")


# What is weaker stands for a whole stretch: hours whose end is a guess are no hours by code.
STRENGTH = [Source.OFFICER, Source.CODE, Source.LEADER, Source.SELF, Source.PLANNED]


class Step(models.TextChoices):
    """What a scan or a tap says."""

    ARRIVED = "arrived", _("arrived")
    LEFT = "left", _("left")


class Outcome(models.TextChoices):
    """What became of a scan."""

    RECORDED = "recorded", _("recorded")
    ALREADY = "already", _("was recorded already")
    REFUSED = "refused", _("refused")


class Standing(models.TextChoices):
    """Where a person stands on a shift. NEVER_TRACKED says nothing about her: nobody kept the list."""

    EXPECTED = "expected", _("expected")
    PRESENT = "present", _("here")
    SERVED = "served", _("served")
    NO_SHOW = "no_show", _("did not come")
    NOT_NOTED = "not_noted", _("not noted")
    NEVER_TRACKED = "never_tracked", _("never tracked")


class Mark(models.TextChoices):
    """What is said of her beside it."""

    WALK_IN = "walk_in", _("without sign-up")
    LATE = "late", _("late")
    LEFT_EARLY = "left_early", _("left early")
    END_NOT_RECORDED = "end_not_recorded", _("end not recorded")


def weaker(one: str, other: str) -> Source:
    """Return the weaker of two sources of one stretch."""
    return max(Source(one), Source(other), key=STRENGTH.index)


def counted(
    arrived_at: datetime, left_at: datetime, *, starts_at: datetime, ends_at: datetime
) -> tuple[datetime, datetime]:
    """Return from when to when a stay counts: within the shift and its grace; nothing if it ends before it begins."""
    return max(arrived_at, starts_at - GRACE), min(left_at, ends_at + GRACE)


def minutes_between(arrived_at: datetime, left_at: datetime, *, starts_at: datetime, ends_at: datetime) -> int:
    """Return the minutes that count: from arrival to leaving, within the shift and its grace, to the nearest minute."""
    begin, end = counted(arrived_at, left_at, starts_at=starts_at, ends_at=ends_at)
    return max(0, round((end - begin) / timedelta(minutes=1)))


def marks(
    *,
    arrived_at: datetime,
    left_at: datetime | None,
    left_source: str,
    walk_in: bool,
    starts_at: datetime,
    ends_at: datetime,
) -> list[Mark]:
    """Return what is to be said of somebody who came, in the order of `Mark`."""
    unseen = left_source == Source.PLANNED
    said = {
        Mark.WALK_IN: walk_in,
        Mark.LATE: arrived_at > starts_at + LATE,
        Mark.LEFT_EARLY: left_at is not None and not unseen and left_at < ends_at - LATE,
        Mark.END_NOT_RECORDED: unseen,
    }
    return [mark for mark, holds in said.items() if holds]
