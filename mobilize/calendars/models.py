"""The addresses at which calendars read duties."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel
from mobilize.tasks.models import Team


class Feed(BaseModel):
    """A calendar somebody has switched on: her own duties, or those of the team she leads.

    The address itself is not kept: `links` signs the key, so the row alone opens nothing. A new key is a new address.
    """

    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendars", verbose_name=_("person")
    )
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="calendars", verbose_name=_("team")
    )

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = pgettext_lazy("back office", "calendars")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(team=None), name="a_person_has_one_calendar"),
            models.UniqueConstraint(fields=["team"], condition=Q(team__isnull=False), name="a_team_has_one_calendar"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
