from django.db import models
from django.utils.translation import gettext_lazy as _


class SignupStatus(models.TextChoices):
    CONFIRMED = "confirmed", _("confirmed")
    WAITLISTED = "waitlisted", _("on the waiting list")
    OFFERED = "offered", _("a place is offered")
    WITHDRAWN = "withdrawn", _("withdrawn")
    ATTENDED = "attended", _("attended")
    NO_SHOW = "no_show", _("did not come")


# These hold a place of the shift.
TAKING_A_PLACE = [SignupStatus.CONFIRMED, SignupStatus.OFFERED, SignupStatus.ATTENDED, SignupStatus.NO_SHOW]
# Still to come: can be withdrawn, stands against another shift at the same time.
AHEAD = [SignupStatus.CONFIRMED, SignupStatus.WAITLISTED, SignupStatus.OFFERED]
