from django.db import models
from django.utils.translation import gettext_lazy as _


class FleetKind(models.TextChoices):
    TAXI = "taxi", _("cruising taxis")
    RIDE_HAILING = "ride_hailing", _("ride-hailing cars")
    BUS = "bus", _("buses")
    FREIGHT = "freight", _("vans and lorries")


class FleetStatus(models.TextChoices):
    """A fleet joins as a whole unit (成建制)."""

    APPLIED = "applied", _("applied")
    ENROLLED = "enrolled", _("enrolled")
    SUSPENDED = "suspended", _("suspended")
    LEFT = "left", _("left")
