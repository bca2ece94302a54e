from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """Where a union stands in the tree."""

    CITY = "city", _("city federation")
    DISTRICT = "district", _("district federation")
    INDUSTRY = "industry", _("industry union")
    ENTERPRISE = "enterprise", _("enterprise union")
    GRASSROOTS = "grassroots", _("grassroots union")


class Role(models.TextChoices):
    """What an officer may do in her branch. Each role may do what the ones before it may."""

    VIEWER = "viewer", _("viewer")
    DISPATCHER = "dispatcher", _("dispatcher")
    ADMIN = "admin", _("administrator")

    @property
    def and_above(self) -> list["Role"]:
        """This role and every stronger one."""
        roles = list(Role)
        return roles[roles.index(self) :]
