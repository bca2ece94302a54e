"""Small helpers of the design system."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate, localtime, now
from django.utils.translation import get_language, gettext, ngettext

from frontend.offline import owner
from mobilize.channels.states import ChannelName, Outcome
from mobilize.reminders.rules import Entry
from mobilize.reminders.states import ReminderKind
from mobilize.signups.states import SignupStatus

register = template.Library()

A_DAY_OF_MINUTES = 24 * 60
HALF_A_DAY = timedelta(hours=12)
TONES = {
    "confirmed": "good", "attended": "good", "accepted": "good", "completed": "good", "enrolled": "good",
    "fulfilled": "good", "waitlisted": "warn", "offered": "warn", "applied": "warn", "draft": "warn",
    "verified": "good", "claimed": "warn", "revoked": "bad", "unconfirmed": "warn", "gone": "bad",
    "suspended": "bad", "no_show": "bad", "aborted": "bad", "declined": "bad", "expired": "bad",
    "delivered": "good", "done": "good", "failed": "bad", "unknown": "bad", "cancelled": "bad", "paused": "warn",
    "queued": "calm", "sending": "calm", "present": "good", "served": "good",
    "not_noted": "warn", "never_tracked": "warn",
    "published": "calm", "assigned": "calm", "en_route": "calm", "arrived": "calm", "loaded": "calm",
}  # fmt: skip


@register.simple_tag
def copy_owner(user: Any) -> str:
    """Return what tells one person's things in a phone from another's; see `frontend.offline`."""
    return owner(user.pk)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return an inline icon, hidden from assistive technology: the text beside it says the word.

    Args:
        name: of a file in templates/icons/.
    """
    return mark_safe(get_template(f"icons/{name}.svg").render())  # noqa: S308 - our own file


@register.filter
def spoken(row: Any, field: str = "name") -> str:
    """Return a row's text in the reader's language: `<field>_en` for English when there is one.

    Args:
        row: e.g. a union or a campaign.
        field: the column with the Chinese text.
    """
    english = getattr(row, field + "_en", None)
    if get_language() == "en" and english:
        return str(english)
    return str(getattr(row, field))


@register.filter
def way(site: Any) -> str:
    """Return the address at which a phone's map application leads to a site; nothing is asked of it before the tap.

    Source: https://lbs.amap.com/api/uri-api/guide/travel/route
    """
    to = f"{site.longitude},{site.latitude},{spoken(site)}"
    return "https://uri.amap.com/navigation?" + urlencode({"to": to, "coordinate": "wgs84", "callnative": "1"})


@register.simple_tag
def span(starts_at: datetime, ends_at: datetime) -> SafeString:
    """Return a stretch of time in the city's zone, e.g. "today 07:00–11:00"; a line ends between its parts only."""
    start, end = localtime(starts_at), localtime(ends_at)
    if start.date() == end.date() or end - start < HALF_A_DAY:
        first, last = day(start), f"{start:%H:%M}–{end:%H:%M}"
    else:
        first, last = f"{moment(start)} –", moment(end)
    return format_html('<span><span class="nb">{}</span> <span class="nb">{}</span></span>', first, last)


@register.filter
def day(moment: datetime | date) -> str:
    """Return a day as people say it: today, tomorrow, or weekday and date."""
    that = localtime(moment).date() if isinstance(moment, datetime) else moment
    ahead = (that - localdate()).days
    if ahead == 0:
        return gettext("today")
    if ahead == 1:
        return gettext("tomorrow")
    return date_format(that, gettext("D j M"))


@register.filter
def moment(at: datetime) -> str:
    """Return a day and a time as people say them, e.g. "tomorrow 08:00"."""
    return f"{day(at)} {localtime(at):%H:%M}"


@register.filter
def stamp(at: datetime) -> str:
    """Return a date and a time that stay true however late they are read, e.g. "25 Nov 21:30"."""
    return date_format(localtime(at), gettext("j M H:i"))


@register.filter
def since(at: datetime) -> str:
    """Return how far a moment lies ahead or back, e.g. "in 28 min" or "2 h 5 min ago"; beyond a day, the moment."""
    minutes = int((at - now()).total_seconds() // 60)
    if abs(minutes) >= A_DAY_OF_MINUTES:
        return moment(at)
    hours, rest = divmod(abs(minutes), 60)
    parts = {"h": hours, "min": rest}
    length = gettext("%(h)s h %(min)s min") % parts if hours else gettext("%(min)s min") % parts
    return (gettext("in %(length)s") if minutes >= 0 else gettext("%(length)s ago")) % {"length": length}


@register.filter
def ahead(at: datetime | None) -> bool:
    """Return whether a moment is still to come; one that is not set is not."""
    return at is not None and at > now()


@register.filter
def grouped(phone: object) -> str:
    """Return a phone number as people read it out: +8613800000000 is 138 0000 0000."""
    number = str(phone).removeprefix("+86")
    return f"{number[:3]} {number[3:7]} {number[7:]}" if len(number) == 11 else number


@register.filter
def commas(number: float) -> str:
    """Return a number with commas between thousands, in both languages; 3.0 hours are 3."""
    return f"{number:,}".removesuffix(".0")


@register.filter
def yuan(thousandths: int) -> str:
    """Return thousandths of a yuan as money, in fen or what is exact."""
    return f"¥ {thousandths / 1000:,.{3 if thousandths % 10 else 2}f}"


@register.filter
def message_kind(kind: str) -> Any:
    """Return the word for what a message says."""
    known = {str(value): label for value, label in ReminderKind.choices}
    return known.get(kind, gettext("bulk message") if kind == "broadcast" else kind)


@register.filter
def outcome(code: str) -> Any:
    """Return the words for what a step on a message's way came to."""
    return Outcome(code).label


@register.filter
def lead_time(entry: Entry) -> str:
    """Return when a kind of message is said, e.g. "1 day before, 19:00"."""
    rule = entry.rule
    if rule.days_before is not None:
        text = ngettext("%(n)s day before, %(clock)s", "%(n)s days before, %(clock)s", rule.days_before)
        return text % {"n": rule.days_before, "clock": f"{rule.clock:%H:%M}"}
    if entry.kind == ReminderKind.DIGEST:
        return gettext("on Mondays, %(clock)s") % {"clock": f"{rule.clock:%H:%M}"}
    if rule.minutes is None:
        return gettext("as soon as it happens")
    if entry.kind == ReminderKind.DONE:
        return gettext("%(n)s min after the end") % {"n": rule.minutes}
    return gettext("%(n)s min before the start") % {"n": rule.minutes}


@register.filter
def ways(channels: Iterable[str]) -> str:
    """Return ways of messages in their order, e.g. "push message → SMS"."""
    return " → ".join(str(ChannelName(channel).label) for channel in channels)


@register.filter
def without_scheme(address: str) -> str:
    """Return a web address as people read it: without https:// in front."""
    return address.partition("://")[2] or address


@register.filter
def distance(km: float) -> str:
    """Return how far something is, e.g. "300 m" or "2.4 km": no finer than the position, which is rounded to 100 m."""
    return metres(max(1, round(km * 10)) * 100)


@register.filter
def metres(metres: int) -> str:
    """Return a distance as people say it, e.g. "300 m" or "2.4 km"."""
    km = metres / 1000
    if metres < 1000:
        return gettext("%(n)s m") % {"n": metres}
    return gettext("%(n)s km") % {"n": f"{km:.1f}" if km < 10 else f"{km:.0f}"}


@register.filter
def status_word(status: str) -> Any:
    """Return the word of a sign-up's status, for rows that carry the bare value."""
    return SignupStatus(status).label


@register.filter
def tone(status: str) -> str:
    """Return the colour word of a status for the tag component."""
    return TONES.get(str(status), "")
