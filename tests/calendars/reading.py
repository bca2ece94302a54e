"""Calendars as a program reads them."""

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar

from mobilize.calendars import feeds, links, services
from tests import acting


def token_of(feed):
    """What stands between /calendars/ and .ics."""
    return links.link(feed.key).removeprefix(f"{settings.PUBLIC_URL}/calendars/").removesuffix(".ics")


def made(user, team=None):
    """The calendar of a person, or of the team she leads, switched on."""
    return services.make(actor=acting.worker(user), team_id=team and team.pk, now=timezone.now())


def read(feed, now=None):
    """The calendar behind a feed's address."""
    return Calendar.from_ical(feeds.read(token=token_of(feed), now=now or timezone.now()).content)


def events(feed, now=None):
    """Its events by UID, each of them once."""
    found = read(feed, now).events
    by_uid = {str(event["UID"]): event for event in found}
    assert len(by_uid) == len(found)
    return by_uid


def standing(event):
    """Its STATUS and SEQUENCE."""
    return str(event["STATUS"]), int(event["SEQUENCE"])
