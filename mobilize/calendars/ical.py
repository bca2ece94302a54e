"""Events as iCalendar (RFC 5545, with the names and the refresh interval of RFC 7986). Knows no row of ours."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Timezone, vDuration
from icalendar import Event as Component

MIME = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=1)
FIRST_DAY = date(2020, 1, 1)  # of the zone's description; no event lies before


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One duty.

    Attributes:
        uid: the same as long as the duty is the same.
        sequence: grows when time, place or standing change.
        status: TENTATIVE, CONFIRMED or CANCELLED.
        starts_at, ends_at: with zone.
        changed_at: when time, place or standing changed last.
        summary, location, description, url: as people read them.
        position: latitude and longitude in degrees.
        alarms: how long before the start the calendar reminds.
    """

    uid: str
    sequence: int
    status: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    summary: str
    location: str
    description: str
    url: str
    position: tuple[float, float]
    alarms: tuple[timedelta, ...] = ()


def write(events: Sequence[Event], *, name: str, zone: str) -> bytes:
    """Return events as one iCalendar object. The same events give the same bytes.

    Args:
        events: in the order they are written.
        name: of the calendar, as its reader sees it.
        zone: IANA name; all times are told in it.
    """
    calendar = Calendar()
    calendar.add("PRODID", "-//Mobilize//Calendars//ZH")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("NAME", _plain(name))
    calendar.add("X-WR-CALNAME", _plain(name))
    calendar.add("X-WR-TIMEZONE", zone)
    calendar.add("REFRESH-INTERVAL", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH).to_ical().decode())
    calendar.add_component(_zone(zone))
    for event in events:
        calendar.add_component(_component(event, ZoneInfo(zone)))
    return calendar.to_ical()


@lru_cache
def _zone(name: str) -> Timezone:
    return Timezone.from_tzid(name, first_date=FIRST_DAY)


def _component(event: Event, zone: ZoneInfo) -> Component:
    said = Component()
    said.add("UID", event.uid)
    said.add("SEQUENCE", event.sequence)
    said.add("STATUS", event.status)
    said.add("DTSTART", event.starts_at.astimezone(zone))
    said.add("DTEND", event.ends_at.astimezone(zone))
    # Without a METHOD the stamp, too, is the time of the last change; so an unchanged calendar has unchanged bytes.
    said.add("DTSTAMP", event.changed_at.astimezone(UTC))
    said.add("LAST-MODIFIED", event.changed_at.astimezone(UTC))
    said.add("SUMMARY", _plain(event.summary))
    said.add("LOCATION", _plain(event.location))
    said.add("DESCRIPTION", _plain(event.description))
    said.add("GEO", event.position)
    said.add("URL", event.url)
    for before in event.alarms:
        alarm = Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("TRIGGER", -before)
        alarm.add("DESCRIPTION", _plain(event.summary))
        said.add_component(alarm)
    return said


def _plain(text: str) -> str:
    """Leave out control characters, which no text of a calendar may carry; lines still end."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) != "Cc")
