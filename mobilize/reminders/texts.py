"""The words of each message, in the recipient's language.

What somebody typed (a name, a group's name) never opens a message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, override

from mobilize.dispatch import links
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import OfferStatus
from mobilize.reminders.models import Reminder
from mobilize.reminders.states import ABOUT_OFFERS, ABOUT_TRIPS, ReminderKind
from mobilize.reminders.subjects import Concern, Subjects
from mobilize.signups.models import Signup, SignupGroup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Flight, Shift, Task


def _signup_text(reminder: Reminder, signup: Signup) -> str | None:
    facts = _facts(signup.shift, f"signups/{signup.pk}")
    group = signup.group
    if reminder.kind == ReminderKind.PROMOTED:
        if signup.status != SignupStatus.OFFERED or signup.answer_by is None:
            return None
        facts["until"] = _moment(signup.answer_by, reminder.due_at)
        if group and group.leader:
            return gettext(
                "A place became free for your group %(group)s: %(day)s %(time)s, %(site)s, %(post)s. "
                "%(leader)s answers for all until %(until)s. %(link)s"
            ) % (facts | {"group": group.name, "leader": group.leader.name})
    if reminder.kind == ReminderKind.ENROLLED:
        by = signup.signed_up_by
        facts["who"] = by.name if by and by.name else signup.shift.task.union.name
        if signup.status == SignupStatus.WAITLISTED:
            return (
                gettext(
                    "You are on the waiting list: %(day)s %(time)s, %(site)s, %(post)s. Please do not come before you "
                    "hear from us. Signed up by %(who)s. Cannot come? %(link)s"
                )
                % facts
            )
    if reminder.kind == ReminderKind.CLOSED:
        return _closed_text(facts, stays=signup.status == SignupStatus.CONFIRMED)
    sentences = {
        ReminderKind.CONFIRMED: gettext("You are confirmed: %(day)s %(time)s, %(site)s, %(post)s. %(link)s"),
        ReminderKind.ENROLLED: gettext(
            "You are signed up: %(day)s %(time)s, %(site)s, %(post)s. Address: %(address)s. "
            "Signed up by %(who)s. Cannot come? %(link)s"
        ),
        ReminderKind.PROMOTED: gettext(
            "A place became free: %(day)s %(time)s, %(site)s, %(post)s. Answer until %(until)s: %(link)s"
        ),
        ReminderKind.LAPSED: gettext(
            "No answer came in time, the place is not held for you any more: %(day)s %(time)s, %(site)s, %(post)s. "
            "You can sign up again: %(link)s"
        ),
        ReminderKind.LAST_CALL: gettext(
            "A place is free: %(day)s %(time)s, %(site)s, %(post)s. The first to answer gets it: %(link)s"
        ),
        ReminderKind.EVENING_BEFORE: gettext(
            "Tomorrow %(time)s you are on duty: %(site)s, %(post)s. Address: %(address)s. Cannot come? %(link)s"
        ),
        ReminderKind.HOUR_BEFORE: gettext("In one hour, %(time)s: %(site)s, %(post)s. Address: %(address)s."),
        ReminderKind.CALLED_OFF: gettext(
            "Called off: %(day)s %(time)s, %(site)s, %(post)s. You need not come. Thank you."
        ),
        ReminderKind.MOVED: gettext(
            "Time or place changed: %(day)s %(time)s, %(site)s, %(post)s. Address: %(address)s. Cannot come? %(link)s"
        ),
    }
    return sentences[ReminderKind(reminder.kind)] % facts


def _closed_text(facts: dict[str, str], *, stays: bool) -> str:
    if stays:
        text = gettext(
            "Sign-up is closed: %(day)s %(time)s, %(site)s, %(post)s. You have a place: please come. %(link)s"
        )
    else:
        text = gettext(
            "Sign-up is closed: %(day)s %(time)s, %(site)s, %(post)s. You got no place and need not come. Thank you."
        )
    return text % facts


def _group_text(reminder: Reminder, group: SignupGroup) -> str | None:
    """To the leader, about the whole group; None when there is nothing to answer any more."""
    facts = _facts(group.shift, f"groups/{group.pk}") | {"group": group.name}
    if reminder.kind == ReminderKind.CALLED_OFF:
        text = gettext(
            "Called off: %(day)s %(time)s, %(site)s, %(post)s. Your group %(group)s need not come. Thank you."
        )
        return text % facts
    if reminder.kind == ReminderKind.CLOSED:
        return _closed_text(facts, stays=bool(_of(group, SignupStatus.CONFIRMED)))
    if reminder.kind == ReminderKind.MOVED:
        text = gettext(
            "Time or place changed for your group %(group)s: %(day)s %(time)s, %(site)s, %(post)s. "
            "Address: %(address)s. Cannot come? %(link)s"
        )
        return text % facts
    asked = {ReminderKind.PROMOTED: SignupStatus.OFFERED, ReminderKind.LAST_CALL: SignupStatus.WAITLISTED}
    if wanted := asked.get(ReminderKind(reminder.kind)):
        together = _of(group, wanted)
        if not together or (reminder.kind == ReminderKind.LAST_CALL and len(together) > group.shift.left):
            return None
        count = len(together)
        facts["n"] = str(count)
        if reminder.kind == ReminderKind.LAST_CALL:
            text = gettext(
                "All places for your group %(group)s (%(n)s people) are free: %(day)s %(time)s, %(site)s, %(post)s. "
                "The first to answer gets them: %(link)s"
            )
            return text % facts
        facts["until"] = _moment(together[0].answer_by or reminder.useless_after, reminder.due_at)
        text = ngettext(
            "%(n)s place became free for your group %(group)s: %(day)s %(time)s, %(site)s, %(post)s. "
            "Answer for all until %(until)s: %(link)s",
            "%(n)s places became free for your group %(group)s: %(day)s %(time)s, %(site)s, %(post)s. "
            "Answer for all until %(until)s: %(link)s",
            count,
        )
        return text % facts
    return (
        gettext(
            "No answer came in time, the places of your group %(group)s are not held any more: %(day)s %(time)s, "
            "%(site)s, %(post)s. You can sign up again: %(link)s"
        )
        % facts
    )


def _of(group: SignupGroup, status: SignupStatus) -> list[Signup]:
    return [signup for signup in group.signups.all() if signup.status == status]


def _facts(shift: Shift, page: str) -> dict[str, str]:
    start = timezone.localtime(shift.starts_at)
    return {
        "day": date_format(start, "MONTH_DAY_FORMAT"),
        "time": start.strftime("%H:%M"),
        "site": shift.post.site.name,
        "post": shift.post.get_kind_display(),
        "address": shift.post.site.address,
        "link": f"{settings.PUBLIC_URL}/{page}/",
    }


def _moment(moment: datetime, now: datetime) -> str:
    """Return a time of day, with the day unless it is today."""
    local = timezone.localtime(moment)
    clock = local.strftime("%H:%M")
    if local.date() == timezone.localtime(now).date():
        return clock
    return f"{date_format(local, 'MONTH_DAY_FORMAT')} {clock}"


def _offer_text(offer: Offer, user_id: UUID) -> str:
    task = offer.task
    start = timezone.localtime(task.starts_at)
    return gettext(
        "%(count)s vehicles wanted: %(title)s, %(day)s %(time)s, from %(site)s. Answer until %(until)s: %(link)s"
    ) % {
        "count": offer.vehicles_offered,
        "title": task.title,
        "day": date_format(start, "MONTH_DAY_FORMAT"),
        "time": start.strftime("%H:%M"),
        "site": task.site.name,
        "until": timezone.localtime(offer.expires_at).strftime("%H:%M"),
        "link": links.link(offer_id=offer.pk, user_id=user_id),
    }


def _called_back_text(offer: Offer) -> str:
    start = timezone.localtime(offer.task.starts_at)
    return gettext("Taken back: %(title)s, %(day)s %(time)s. Your fleet need not come; its drivers are told.") % {
        "title": offer.task.title,
        "day": date_format(start, "MONTH_DAY_FORMAT"),
        "time": start.strftime("%H:%M"),
    }


def _red_text(task: Task) -> str:
    text = ngettext(
        "Nobody is left to ask: %(title)s, %(n)s vehicle is missing. It stands on the red list. %(link)s",
        "Nobody is left to ask: %(title)s, %(n)s vehicles are missing. It stands on the red list. %(link)s",
        task.vehicles_left,
    )
    link = f"{settings.PUBLIC_URL}/desk/tasks/{task.pk}/"
    return text % {"title": task.title, "n": task.vehicles_left, "link": link}


def _trip_text(kind: str, trip: Trip) -> str:
    start = timezone.localtime(trip.starts_at)
    facts = {
        "title": trip.task.title,
        "day": date_format(start, "MONTH_DAY_FORMAT"),
        "time": start.strftime("%H:%M"),
        "site": trip.task.site.name,
        "plate": trip.vehicle.plate,
        "link": f"{settings.PUBLIC_URL}/trips/{trip.pk}/",
    }
    sentences = {
        ReminderKind.TRIP: gettext("You drive %(plate)s: %(title)s, %(day)s %(time)s, from %(site)s. %(link)s"),
        ReminderKind.TRIP_CALLED_OFF: gettext("Called off: %(title)s, %(day)s %(time)s, %(plate)s. Do not set out."),
    }
    return sentences[ReminderKind(kind)] % facts


def _flight_text(flight: Flight, concern: Concern, user_id: UUID, now: datetime) -> str | None:
    """What a moved flight means for one person: when she drives or would drive now, or that she need not.

    None when none of these concerns her any more.
    """
    facts = {"number": flight.number, "arrival": _moment(flight.arrives_at, now)}
    trip, broken_off, offer = concern.trip, concern.broken_off, concern.offer
    if trip:
        facts |= {
            "plate": trip.vehicle.plate,
            "start": _moment(trip.starts_at, now),
            "site": trip.task.site.name,
            "link": f"{settings.PUBLIC_URL}/trips/{trip.pk}/",
        }
        text = gettext(
            "Flight %(number)s lands %(arrival)s now. Your trip with %(plate)s starts %(start)s from %(site)s. %(link)s"
        )
        if broken_off:
            facts |= {"was": _moment(broken_off.starts_at, now), "from": broken_off.task.site.name}
            text = gettext(
                "Flight %(number)s lands %(arrival)s now. Your trip with %(plate)s starts %(start)s from %(site)s. "
                "The one that was to start %(was)s from %(from)s you need not drive any more. %(link)s"
            )
        return text % facts
    if broken_off:
        return gettext(
            "Flight %(number)s lands %(arrival)s now, which does not fit your other trips: "
            "you need not drive %(plate)s for it any more."
        ) % (facts | {"plate": broken_off.vehicle.plate})
    if offer is None:
        return None
    facts |= {
        "start": _moment(offer.task.starts_at, now),
        "link": links.link(offer_id=offer.pk, user_id=user_id),
    }
    return (
        gettext("Flight %(number)s lands %(arrival)s now; what you are asked for starts %(start)s. Answer: %(link)s")
        % facts
    )


@dataclass(frozen=True, slots=True)
class Text:
    """What is said, and in whose name.

    Attributes:
        body: in the recipient's language.
        union_id: whose matter it is, so whose officers may read of it.
        campaign_id: what it is part of, so whose budget it is.
    """

    body: str
    union_id: UUID
    campaign_id: UUID


def compose_many(reminders: Sequence[Reminder]) -> dict[UUID, Text]:
    """Write the messages of some reminders, each in its recipient's language.

    Args:
        reminders: any mix, each with its `user` loaded; the number of queries does not depend on how many.
    Returns:
        The texts by the reminder's id; left out is one whose subject is gone or needs no answer any more.
    """
    subjects = Subjects(reminders)
    texts = {}
    for reminder in reminders:
        with override(reminder.user.language):
            text = _compose(reminder, subjects)
        if text:
            texts[reminder.pk] = text
    return texts


def _compose(reminder: Reminder, subjects: Subjects) -> Text | None:
    kind, subject_id = ReminderKind(reminder.kind), reminder.subject_id
    body: str | None = None
    task: Task | None = None
    if kind in ABOUT_OFFERS and (offer := subjects.offers.get(subject_id)):
        task = offer.task
        if kind == ReminderKind.OFFER_CALLED_BACK:
            body = _called_back_text(offer)
        elif offer.status == OfferStatus.OFFERED:
            body = _offer_text(offer, reminder.user_id)
    elif kind == ReminderKind.RED and (task := subjects.red_tasks.get(subject_id)):
        body = _red_text(task)
    elif kind == ReminderKind.FLIGHT_MOVED and (flight := subjects.flights.get(subject_id)):
        concern = subjects.concerns[flight.pk, reminder.user_id]
        task = concern.task
        body = _flight_text(flight, concern, reminder.user_id, reminder.due_at)
    elif kind in ABOUT_TRIPS and (trip := subjects.trips.get(subject_id)):
        task, body = trip.task, _trip_text(kind, trip)
    elif signup := subjects.signups.get(subject_id):
        task, body = signup.shift.task, _signup_text(reminder, signup)
    elif group := subjects.groups.get(subject_id):
        task, body = group.shift.task, _group_text(reminder, group)
    return Text(body, task.union_id, task.campaign_id) if body and task else None
