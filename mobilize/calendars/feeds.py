"""Calendars as they are read: by their secret address, or one duty as a file."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language, gettext, override

from mobilize.calendars import events, ical, links, policies, queries
from mobilize.calendars.models import Feed
from mobilize.calendars.queries import MOST_EVENTS
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict, NotFound
from mobilize.dispatch.models import Trip
from mobilize.reminders import rules
from mobilize.signups import policies as signups
from mobilize.signups.models import Signup


@dataclass(frozen=True)
class File:
    """What a calendar program reads.

    Attributes:
        content: iCalendar.
        language: in which it is written.
        name: of the file.
    """

    content: bytes
    language: str
    name: str


def read(*, token: str, now: datetime) -> File:
    """Return the calendar behind an address, to anybody who has it, in the language of its person.

    Args:
        token: of the address.
        now: current time.
    Raises:
        NotFound: `unknown_calendar`: cut off or made up.
        Conflict: `calendar_ended`: there was one; it was switched off, got a new address, or its person is gone.
    """
    feed = queries.feed(links.read(token))
    if feed is None or not policies.is_alive(feed):
        raise Conflict("calendar_ended")
    with override(feed.user.language):
        found = _of_team(feed, now) if feed.team else _of_person(feed.user_id, now)
        name = events.spoken(feed.team) if feed.team else gettext("My duties")
        content = ical.write(found, name=name, zone=settings.TIME_ZONE)
    return File(content=content, language=feed.user.language, name="mobilize.ics")


def _of_person(user_id: UUID, now: datetime) -> list[ical.Event]:
    rule_of = rules.current()
    served = queries.duties(Signup.objects.filter(worker__user=user_id), now=now)
    driven = queries.trips(Trip.objects.filter(driver__worker__user=user_id), now=now)
    found = [events.of_signup(row, rule_of) for row in served] + [events.of_trip(row, rule_of) for row in driven]
    return sorted(found, key=lambda event: (event.starts_at, event.uid))[:MOST_EVENTS]


def _of_team(feed: Feed, now: datetime) -> list[ical.Event]:
    return [events.of_shift(row) for row in queries.shifts(feed.team_id, now=now)]  # type: ignore[arg-type]


def of_duty(*, actor: Actor, signup_id: UUID) -> File:
    """Return one duty of the actor's own as a file, in the language that is active.

    Args:
        actor: the person herself.
        signup_id: which.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound
    """
    found = queries.full_duties(signups.own(actor)).filter(pk=signup_id).first()
    if found is None:
        raise NotFound
    event = events.of_signup(found, rules.current())
    content = ical.write([event], name=event.summary, zone=settings.TIME_ZONE)
    return File(content=content, language=get_language() or "", name=f"duty-{found.reference}.ics")
