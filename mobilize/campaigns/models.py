"""Campaigns: the appeal, the covenant every participant keeps, who pledged, how often it was read."""

from typing import ClassVar

from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.campaigns.states import CampaignStatus
from mobilize.core.models import BaseModel
from mobilize.unions.models import Union
from mobilize.workers.models import Worker


def _between(least: int, most: int) -> list[BaseValidator]:
    """For the back office: the constraints below say the same without words for people."""
    return [MinValueValidator(least), MaxValueValidator(most)]


class Campaign(BaseModel):
    """A call to act (行动) with its appeal (倡议书)."""

    slug = models.SlugField(unique=True, max_length=60, verbose_name=_("address"))
    union = models.ForeignKey(Union, models.PROTECT, related_name="campaigns", verbose_name=_("union"))
    title = models.CharField(_("title"), max_length=100)
    title_en = models.CharField(_("English title"), max_length=150, blank=True)
    appeal = models.TextField(_("appeal"))
    appeal_en = models.TextField(_("English appeal"), blank=True)
    status = models.CharField(
        max_length=10, choices=CampaignStatus.choices, default=CampaignStatus.DRAFT, verbose_name=_("status")
    )
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    # 12351 is the trade unions' own line in every Chinese city.
    hotline = models.CharField(_("telephone of the organisers"), max_length=20, default="12351", blank=True)
    answer_hours = models.PositiveSmallIntegerField(
        _("hours to answer an offered place"), default=4, validators=_between(1, 72)
    )
    withdraw_hours = models.PositiveSmallIntegerField(
        _("places can be given back until so many hours before"), default=2
    )
    duty_hours = models.PositiveSmallIntegerField(
        _("a driver's hours a day at most"), default=10, validators=_between(1, 24)
    )
    rest_hours = models.PositiveSmallIntegerField(
        _("hours of rest between two duties"), default=8, validators=_between(0, 24)
    )
    answer_seconds_now = models.PositiveSmallIntegerField(
        _("seconds to answer an offer for now"), default=90, validators=_between(30, 3600)
    )
    answer_minutes_later = models.PositiveSmallIntegerField(
        _("minutes to answer an offer for later"), default=15, validators=_between(1, 720)
    )
    alert_factor = models.PositiveSmallIntegerField(
        _("people asked at most, for each vehicle needed"), default=3, validators=_between(1, 10)
    )

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = pgettext_lazy("back office", "campaigns")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_campaign_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=Q(answer_hours__range=(1, 72)), name="an_answer_has_1_to_72_hours"),
            models.CheckConstraint(condition=Q(duty_hours__range=(1, 24)), name="a_duty_has_1_to_24_hours"),
            models.CheckConstraint(condition=Q(rest_hours__range=(0, 24)), name="a_rest_has_0_to_24_hours"),
            models.CheckConstraint(
                condition=Q(answer_seconds_now__range=(30, 3600), answer_minutes_later__range=(1, 720)),
                name="an_offer_leaves_time_to_answer",
            ),
            models.CheckConstraint(condition=Q(alert_factor__range=(1, 10)), name="an_alert_asks_1_to_10_for_each"),
        ]
        indexes = [models.Index(fields=["status", "-starts_on"], name="campaign_by_status")]

    def __str__(self) -> str:
        return self.title


class CovenantArticle(BaseModel):
    """One numbered article of the covenant (公约)."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="articles", verbose_name=_("campaign"))
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    text_en = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("article of the covenant")
        verbose_name_plural = pgettext_lazy("back office", "articles of the covenant")
        ordering: ClassVar[list[str]] = ["number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="each_article_has_its_own_number")]

    def __str__(self) -> str:
        return f"{self.number}. {self.text}"


class Pledge(BaseModel):
    """A volunteer: a worker who accepted the covenant, counted for the union she came from."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="pledges", verbose_name=_("campaign"))
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="pledges", verbose_name=_("worker"))
    union = models.ForeignKey(Union, models.PROTECT, related_name="+", verbose_name=_("union"))
    # the union whose share link brought her
    via = models.ForeignKey(Union, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "worker"], name="a_worker_pledges_once_per_campaign")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ViewTally(models.Model):
    """How often a campaign's page was read on one day: by itself, and through each union's share link."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="views", verbose_name=_("campaign"))
    via = models.ForeignKey(Union, models.PROTECT, related_name="+", null=True, blank=True)
    day = models.DateField()
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "via"],
                nulls_distinct=False,
                name="one_tally_per_day_and_share_link",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.count}"
