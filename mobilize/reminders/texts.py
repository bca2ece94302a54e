"""The words of each message, in the recipient's language."""

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from mobilize.dispatch.models import Offer, Trip
from mobilize.reminders.models import Reminder
from mobilize.reminders.states import ReminderKind
from mobilize.signups.models import Signup


def _signup_text(kind: str, signup: Signup) -> str:
    shift = signup.shift
    start = timezone.localtime(shift.starts_at)
    facts = {
        "day": date_format(start, "MONTH_DAY_FORMAT"),
        "time": start.strftime("%H:%M"),
        "site": shift.post.site.name,
        "post": shift.post.get_kind_display(),
        "address": shift.post.site.address,
        "link": f"{settings.PUBLIC_URL}/signups/{signup.pk}/",
    }
    sentences = {
        ReminderKind.CONFIRMED: gettext("You are confirmed: %(day)s %(time)s, %(site)s, %(post)s. %(link)s"),
        ReminderKind.PROMOTED: gettext(
            "A place became free and it is yours: %(day)s %(time)s, %(site)s, %(post)s. Cannot come? %(link)s"
        ),
        ReminderKind.EVENING_BEFORE: gettext(
            "Tomorrow %(time)s you are on duty: %(site)s, %(post)s. Address: %(address)s. Cannot come? %(link)s"
        ),
        ReminderKind.HOUR_BEFORE: gettext("In one hour, %(time)s: %(site)s, %(post)s. Address: %(address)s."),
        ReminderKind.CALLED_OFF: gettext(
            "Called off: %(day)s %(time)s, %(site)s, %(post)s. You need not come. Thank you."
        ),
    }
    return sentences[ReminderKind(kind)] % facts


def _offer_text(offer: Offer) -> str:
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
        "link": f"{settings.PUBLIC_URL}/offers/{offer.pk}/",
    }


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


def compose(reminder: Reminder) -> str | None:
    """Return the message in the recipient's language, None when its subject is gone."""
    with override(reminder.user.language):
        if reminder.kind == ReminderKind.OFFER:
            offer = Offer.objects.select_related("task__site").filter(pk=reminder.subject_id).first()
            return _offer_text(offer) if offer else None
        if reminder.kind in {ReminderKind.TRIP, ReminderKind.TRIP_CALLED_OFF}:
            trip = Trip.objects.select_related("task__site", "vehicle").filter(pk=reminder.subject_id).first()
            return _trip_text(reminder.kind, trip) if trip else None
        signup = Signup.objects.select_related("shift__post__site").filter(pk=reminder.subject_id).first()
        return _signup_text(reminder.kind, signup) if signup else None
