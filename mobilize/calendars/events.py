"""What a calendar says of a sign-up, a trip or a team's shift, in the language that is active.

Nobody's number stands in it: a calendar keeps copies, and its address may be passed on. The leader of the team is named
to whoever has a place; her number is on the duty's page, which each event links, for as long as it is shown there. The
organisers' hotline is for everybody.

SEQUENCE is reckoned, not stored: how often the thing was moved, which is a count that only grows, and how far it has
come, which never goes back. So the statement that takes places writes nothing for calendars.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext

from mobilize.calendars.ical import Event
from mobilize.calendars.states import Standing, rank
from mobilize.dispatch.models import Trip
from mobilize.dispatch.states import TripStatus
from mobilize.reminders import standards
from mobilize.reminders.standards import Rule
from mobilize.reminders.states import WRITTEN_AHEAD, ReminderKind
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift, Site, Task, Team

STANDING = {
    SignupStatus.WAITLISTED: Standing.TENTATIVE,
    SignupStatus.OFFERED: Standing.TENTATIVE,
    SignupStatus.WITHDRAWN: Standing.CANCELLED,
}
Rules = Mapping[ReminderKind, Rule]


def of_signup(signup: Signup, rule_of: Rules) -> Event:
    """Return the event of a sign-up.

    Args:
        signup: from `queries.full_duties`.
        rule_of: when people are reminded; alarms ring at the same times.
    """
    shift, standing = signup.shift, STANDING.get(SignupStatus(signup.status), Standing.CONFIRMED)
    what = _name_of(shift)
    if signup.status == SignupStatus.WAITLISTED:
        what = gettext("Waiting list: %(what)s") % {"what": what}
    elif signup.status == SignupStatus.OFFERED:
        what = gettext("Answer whether you come: %(what)s") % {"what": what}
    lines = {
        Standing.TENTATIVE: [gettext("Do not come before you are confirmed.")],
        Standing.CONFIRMED: [
            gettext("Come ten minutes early, warmly dressed, with your identity card."),
            *(_about(shift), _led_by(shift.post.team), _hotline(shift.task)),
            gettext("Reference: %(reference)s") % {"reference": signup.reference},
        ],
        Standing.CANCELLED: [],
    }[standing]
    return _event(
        signup,
        standing=standing,
        times=(shift.starts_at, shift.ends_at),
        moves=shift.moves,
        changed=(signup.created_at, signup.changed_at, shift.moved_at),  # type: ignore[attr-defined]  # annotated
        what=what,
        lines=lines,
        site=shift.post.site,
        page=f"signups/{signup.pk}",
        rule_of=rule_of,
    )


def of_trip(trip: Trip, rule_of: Rules) -> Event:
    """Return the event of a driver's trip.

    Args:
        trip: from `queries.trips`.
        rule_of: as in `of_signup`.
    """
    task = trip.task
    way = {"start": spoken(task.site), "end": spoken(task.destination or task.site)}
    return _event(
        trip,
        standing=Standing.CANCELLED if trip.status == TripStatus.ABORTED else Standing.CONFIRMED,
        times=(trip.starts_at, trip.ends_at),
        moves=trip.moves,
        changed=(trip.created_at, trip.changed_at, trip.moved_at),  # type: ignore[attr-defined]  # annotated
        what=f"{task.title} · {trip.vehicle.plate}",
        lines=[gettext("From %(start)s to %(end)s") % way, task.description, _hotline(task)],
        site=task.site,
        page=f"trips/{trip.pk}",
        rule_of=rule_of,
    )


def of_shift(shift: Shift) -> Event:
    """Return the event of a team's shift. It rings no alarm: whoever serves on it has one in her own calendar.

    Args:
        shift: from `queries.shifts`.
    """
    cancelled_at: datetime | None = shift.cancelled_at  # type: ignore[attr-defined]  # annotated
    # a task that is called off frees those of its shifts that have not begun
    off = shift.called_off_at or (cancelled_at and shift.starts_at > cancelled_at)
    return _event(
        shift,
        standing=Standing.CANCELLED if off else Standing.CONFIRMED,
        times=(shift.starts_at, shift.ends_at),
        moves=shift.moves,
        changed=(shift.created_at, shift.moved_at, shift.called_off_at, cancelled_at),
        what=_name_of(shift),
        lines=[_about(shift), _led_by(shift.post.team), _hotline(shift.task)],
        site=shift.post.site,
        page=f"shifts/{shift.pk}",
        rule_of={},
    )


def _event(
    row: Signup | Trip | Shift,
    *,
    standing: Standing,
    times: tuple[datetime, datetime],
    moves: int,
    changed: tuple[datetime | None, ...],
    what: str,
    lines: list[str],
    site: Site,
    page: str,
    rule_of: Rules,
) -> Event:
    off = standing == Standing.CANCELLED
    starts_at, ends_at = times
    return Event(
        uid=str(row.pk),
        sequence=moves + rank(standing),
        status=standing,
        starts_at=starts_at,
        ends_at=ends_at,
        changed_at=max(at for at in changed if at),
        summary=gettext("Called off: %(what)s") % {"what": what} if off else what,
        location=f"{spoken(site)}, {site.address}",
        description="\n".join(line for line in lines if line),
        url=f"{settings.PUBLIC_URL}/{page}/",
        position=(float(site.latitude), float(site.longitude)),
        alarms=_alarms(starts_at, ends_at, rule_of) if standing == Standing.CONFIRMED else (),
    )


def _alarms(starts_at: datetime, ends_at: datetime, rule_of: Rules) -> tuple[timedelta, ...]:
    rules = {kind: rule_of[kind] for kind in WRITTEN_AHEAD if kind in rule_of and rule_of[kind].enabled}
    due = [standards.due_at(kind, rule, starts_at=starts_at, ends_at=ends_at) for kind, rule in rules.items()]
    return tuple(starts_at - at for at in due if at < starts_at)


def _name_of(shift: Shift) -> str:
    return f"{shift.post.get_kind_display()} · {spoken(shift.post.site)}"


def _about(shift: Shift) -> str:
    return "\n".join(text for text in (shift.post.note, shift.task.description) if text)


def _led_by(team: Team | None) -> str:
    if team is None:
        return ""
    if team.leader and team.leader.user.name:
        return gettext("Team: %(team)s, led by %(leader)s") % {"team": spoken(team), "leader": team.leader.user.name}
    return gettext("Team: %(team)s") % {"team": spoken(team)}


def _hotline(task: Task) -> str:
    hotline = task.campaign.hotline
    return gettext("Organisers: %(hotline)s") % {"hotline": hotline} if hotline else ""


def spoken(row: Any) -> str:
    """Return the name of a site or a team in the language that is active."""
    return row.name_en if get_language() == "en" and row.name_en else row.name
