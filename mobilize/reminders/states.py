from django.db import models
from django.utils.translation import gettext_lazy as _


class ReminderKind(models.TextChoices):
    """What is said."""

    CONFIRMED = "confirmed", _("sign-up confirmed")
    ENROLLED = "enrolled", _("signed up by somebody else")
    PROMOTED = "promoted", _("a place is offered")
    LAPSED = "lapsed", _("an offered place is not held any more")
    LAST_CALL = "last_call", _("a place is free, who answers first gets it")
    EVENING_BEFORE = "evening_before", _("the evening before")
    HOUR_BEFORE = "hour_before", _("an hour before")
    SWAP_PROPOSED = "swap_proposed", _("swap of duties proposed")
    SWAP_DECLINED = "swap_declined", _("swap of duties declined")
    HANDED_OVER = "handed_over", _("duty taken over by somebody else")
    CALLED_OFF = "called_off", _("shift called off")
    CLOSED = "closed", _("sign-up closed")
    MOVED = "moved", _("time or place changed")
    OFFER = "offer", _("offer")
    OFFER_CALLED_BACK = "offer_called_back", _("accepted offer taken back")
    TRIP = "trip", _("trip assigned")
    FLIGHT_MOVED = "flight_moved", _("flight moved")
    TRIP_CALLED_OFF = "trip_called_off", _("trip called off")
    ESCALATED = "escalated", _("leaders of all fleets asked")
    RED = "red", _("nobody left to ask")
    SHORT = "short", _("site short of people")
    DONE = "done", _("duty done")
    DIGEST = "digest", _("weekly digest for officers")


ABOUT_OFFERS = {ReminderKind.OFFER, ReminderKind.OFFER_CALLED_BACK}
ABOUT_TRIPS = {ReminderKind.TRIP, ReminderKind.TRIP_CALLED_OFF}
# said to whoever has a place, at a time reckoned from the shift's
OF_A_DUTY = (ReminderKind.EVENING_BEFORE, ReminderKind.HOUR_BEFORE, ReminderKind.DONE)
# written down a little ahead, so that thousands due at one moment leave at it; their subjects change seldom
WRITTEN_AHEAD = (ReminderKind.EVENING_BEFORE, ReminderKind.HOUR_BEFORE)
# without these somebody comes in vain, or loses a place: no budget keeps them back
ESSENTIAL = {
    ReminderKind.PROMOTED,
    ReminderKind.CALLED_OFF,
    ReminderKind.MOVED,
    ReminderKind.CLOSED,
    ReminderKind.HANDED_OVER,
}
ABOUT_SWAPS = {ReminderKind.SWAP_PROPOSED, ReminderKind.SWAP_DECLINED}
ABOUT_SEARCHES = {ReminderKind.ESCALATED, ReminderKind.RED}


class ReminderStatus(models.TextChoices):
    PENDING = "pending", _("pending")
    SENT = "sent", _("handed over")
    CANCELLED = "cancelled", _("cancelled")
    DROPPED = "dropped", _("dropped")


class DropReason(models.TextChoices):
    """Why a reminder was not sent."""

    LATE = "late", _("too late")
    DISABLED = "disabled", _("switched off")
    GONE = "gone", _("nothing to tell any more")
    INACTIVE = "inactive", _("account closed")
    TOGETHER = "together", _("told together with another one")


class Audience(models.TextChoices):
    """To whom a bulk message goes."""

    BRANCH = "branch", _("everybody in the branch")
    PLEDGED = "pledged", _("who took part in the campaign")
    ON_DUTY = "on_duty", _("who is on duty in the next 48 hours")
    LEADERS = "leaders", _("leaders of the fleets")


class BroadcastStatus(models.TextChoices):
    """Life of a bulk message."""

    DRAFT = "draft", _("draft")
    SENDING = "sending", _("being sent")
    PAUSED = "paused", _("paused")
    DONE = "done", _("sent to all")
    CANCELLED = "cancelled", _("cancelled")


class CallOutcome(models.TextChoices):
    """What came of calling somebody whom no message reached."""

    REACHED = "reached", _("reached")
    NO_ANSWER = "no_answer", _("no answer")
