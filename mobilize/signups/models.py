"""Who signed up for which shift, and the waiting list."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift
from mobilize.workers.models import Worker


class Signup(BaseModel):
    """A worker's place on a shift, or on its waiting list."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="signups", verbose_name=_("shift"))
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="signups", verbose_name=_("worker"))
    status = models.CharField(max_length=10, choices=SignupStatus.choices, verbose_name=_("status"))
    # The order of arrival on the waiting list. Numbers of people who left stay unused: a position is a count.
    waiting_number = models.PositiveIntegerField(null=True, blank=True, verbose_name=_("waiting number"))
    signed_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("signed up by")
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, verbose_name=_("withdrawn at"))

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = pgettext_lazy("back office", "sign-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "worker"],
                condition=~Q(status=SignupStatus.WITHDRAWN),
                name="a_worker_is_on_a_shift_once",
            ),
            models.UniqueConstraint(fields=["shift", "waiting_number"], name="each_one_waiting_has_her_own_number"),
            models.CheckConstraint(
                condition=~Q(status=SignupStatus.WAITLISTED) | Q(waiting_number__isnull=False),
                name="who_waits_has_a_number",
            ),
        ]
        indexes = [
            models.Index(fields=["shift", "status", "waiting_number"], name="signup_by_shift"),
            models.Index(fields=["worker", "-created_at"], name="signup_by_worker"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def reference(self) -> str:
        """A short reference to say on the telephone: the last eight signs of the id."""
        return self.pk.hex[-8:].upper()
