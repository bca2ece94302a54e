from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """How we know of a service."""

    CODE = "code", _("scanned code")
    LEADER = "leader", _("team leader")
    SELF = "self", _("own statement")
    TRIP = "trip", _("completed trip")
    REPORT = "report", _("a union's report")
