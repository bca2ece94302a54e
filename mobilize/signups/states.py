from django.db import models
from django.utils.translation import gettext_lazy as _


class SignupStatus(models.TextChoices):
    CONFIRMED = "confirmed", _("confirmed")
    WAITLISTED = "waitlisted", _("on the waiting list")
    OFFERED = "offered", _("a place is offered")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ATTENDED = "attended", _("attended")
    NO_SHOW = "no_show", _("did not come")


class Ending(models.TextChoices):
    """Why a sign-up ended without a word of hers: as it stands in the trace, and as she reads it."""

    LAPSED = "no answer in time", _("No answer came in time.")
    TASK_CALLED_OFF = "the task was called off", _("The organisers called it off.")
    SHIFT_CALLED_OFF = "the shift was called off", _("The organisers called this shift off.")
    TAKEN_OVER = "somebody took it over", _("Somebody else took it over.")
    BOOKS_CLOSED = "the books were closed", _("Sign-up was closed before a place became yours.")


class ProposalStatus(models.TextChoices):
    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")


# These hold a place of the shift.
TAKING_A_PLACE = [SignupStatus.CONFIRMED, SignupStatus.OFFERED, SignupStatus.ATTENDED, SignupStatus.NO_SHOW]
# Still to come: can be withdrawn, stands against another shift at the same time.
AHEAD = [SignupStatus.CONFIRMED, SignupStatus.WAITLISTED, SignupStatus.OFFERED]
