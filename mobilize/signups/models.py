"""Who signed up for which shift, alone or in a group, the waiting list, and proposed swaps."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.ids import reference
from mobilize.core.models import BaseModel
from mobilize.signups.states import AHEAD, ProposalStatus, SignupStatus
from mobilize.tasks.models import Shift
from mobilize.workers.models import Worker


class SignupGroup(BaseModel):
    """People who come together or not at all: a shop floor of six, a shock team (突击队) of thirty."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="groups", verbose_name=_("shift"))
    name = models.CharField(_("name of the group"), max_length=60)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("leader")
    )

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = pgettext_lazy("back office", "groups")

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> str:
        """A short reference to say on the telephone; see `ids.reference`."""
        return reference(self.pk)


class Signup(BaseModel):
    """A worker's place on a shift, or on its waiting list.

    In a surge each index costs every sign-up: keys that another index begins with have none of their own.
    """

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="signups", db_index=False, verbose_name=_("shift"))
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="signups", db_index=False, verbose_name=_("worker"))
    group = models.ForeignKey(
        SignupGroup, models.SET_NULL, null=True, blank=True, related_name="signups", verbose_name=_("group")
    )
    status = models.CharField(max_length=10, choices=SignupStatus.choices, verbose_name=_("status"))
    # The shift's time: the constraint below cannot look into another table.
    during = DateTimeRangeField(editable=False)
    # The order of arrival on the waiting list. Numbers of people who left stay unused: a position is a count.
    waiting_number = models.PositiveIntegerField(null=True, blank=True, verbose_name=_("waiting number"))
    answer_by = models.DateTimeField(null=True, blank=True, verbose_name=_("answer by"))
    signed_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("signed up by"),
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True, verbose_name=_("withdrawn at"))
    # Set: she looks for somebody who takes her place over, see `swaps`.
    up_for_swap_since = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=_("looks for somebody since")
    )
    passed_to = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("taken over by"),
    )

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = pgettext_lazy("back office", "sign-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "worker"],
                condition=~Q(status=SignupStatus.WITHDRAWN),
                name="a_worker_is_on_a_shift_once",
            ),
            ExclusionConstraint(
                expressions=[("worker", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(status__in=AHEAD),
                name="a_worker_is_at_one_place_at_a_time",
            ),
            models.UniqueConstraint(fields=["shift", "waiting_number"], name="each_one_waiting_has_her_own_number"),
            models.CheckConstraint(
                condition=~Q(status=SignupStatus.WAITLISTED) | Q(waiting_number__isnull=False),
                name="who_waits_has_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(status=SignupStatus.OFFERED) | Q(answer_by__isnull=False),
                name="an_offered_place_has_a_deadline",
            ),
        ]
        indexes = [
            models.Index(fields=["shift", "status", "waiting_number"], name="signup_by_shift"),
            models.Index(fields=["worker", "-created_at"], name="signup_by_worker"),
            models.Index(
                fields=["answer_by"], condition=Q(status=SignupStatus.OFFERED), name="offered_place_by_deadline"
            ),
            models.Index(
                fields=["up_for_swap_since"],
                condition=Q(status=SignupStatus.CONFIRMED, up_for_swap_since__isnull=False),
                name="place_up_for_swap",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def reference(self) -> str:
        """A short reference to say on the telephone; see `ids.reference`."""
        return reference(self.pk)


class SwapProposal(BaseModel):
    """Somebody would take a place over and give one of hers for it."""

    place = models.ForeignKey(Signup, models.CASCADE, related_name="proposals", verbose_name=_("place"))
    in_return = models.ForeignKey(Signup, models.CASCADE, related_name="+", verbose_name=_("in return"))
    status = models.CharField(
        max_length=10, choices=ProposalStatus.choices, default=ProposalStatus.OPEN, verbose_name=_("status")
    )

    class Meta:
        verbose_name = _("proposed swap")
        verbose_name_plural = pgettext_lazy("back office", "proposed swaps")
        constraints = [
            models.UniqueConstraint(
                fields=["place", "in_return"],
                condition=Q(status=ProposalStatus.OPEN),
                name="a_swap_is_proposed_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
