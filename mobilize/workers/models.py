"""Workers: the people who volunteer, and their honours."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel
from mobilize.unions.models import Union
from mobilize.workers.states import HonourKind, HonourLevel, HonourStatus, Skill


class Worker(BaseModel):
    """A person's profile. Name and phone number stand on the user."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="worker", verbose_name=_("person")
    )
    union = models.ForeignKey(Union, models.PROTECT, related_name="workers", verbose_name=_("union"))
    home_community = models.CharField(_("home community"), max_length=60, blank=True)
    skills = ArrayField(
        models.CharField(max_length=20, choices=Skill.choices), default=list, blank=True, verbose_name=_("skills")
    )
    # unset for a driver whom an officer enrolled and who has not signed in yet
    consented_at = models.DateTimeField(_("consent to keep these data"), null=True, blank=True)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = pgettext_lazy("back office", "workers")
        indexes = [models.Index(fields=["union", "-created_at"], name="worker_by_union")]

    def __str__(self) -> str:
        return str(self.user)


class Honour(BaseModel):
    """Labour model (劳模) or craftsman (工匠), by whom awarded, when, and who verified it."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="honours", verbose_name=_("worker"))
    kind = models.CharField(_("kind"), max_length=20, choices=HonourKind.choices)
    level = models.CharField(_("level"), max_length=12, choices=HonourLevel.choices)
    awarding_body = models.CharField(_("awarding body"), max_length=100)
    year = models.PositiveSmallIntegerField(_("year"))
    status = models.CharField(
        max_length=10, choices=HonourStatus.choices, default=HonourStatus.CLAIMED, verbose_name=_("status")
    )
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verified_at = models.DateTimeField(null=True, blank=True, verbose_name=_("verified at"))

    class Meta:
        verbose_name = _("honour")
        verbose_name_plural = pgettext_lazy("back office", "honours")
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=HonourStatus.VERIFIED) | Q(verified_at__isnull=False),
                name="a_verified_honour_says_when",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1949) & Q(year__lte=2100), name="an_honour_has_a_plausible_year"
            ),
            models.UniqueConstraint(fields=["worker", "kind", "level", "year"], name="an_honour_is_listed_once"),
        ]
        indexes = [models.Index(fields=["status", "-created_at"], name="honour_by_status")]

    def __str__(self) -> str:
        return f"{self.get_level_display()}{self.get_kind_display()} {self.year}"
