"""The figures the city reports."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel


class Fact(BaseModel):
    """A figure as it was reported, with the sentence it comes from.

    `is_counted`: the product counts it from its own rows (see `queries.COUNTS`); the others are quoted.
    """

    key = models.SlugField(max_length=40, unique=True)
    section = models.PositiveSmallIntegerField(_("section"))
    position = models.PositiveSmallIntegerField(verbose_name=_("position"))
    label = models.CharField(_("label"), max_length=100)
    label_en = models.CharField(_("English label"), max_length=150)
    unit = models.CharField(_("unit"), max_length=20)
    unit_en = models.CharField(_("English unit"), max_length=30)
    value = models.BigIntegerField(_("value"))
    is_counted = models.BooleanField(_("counted from rows"))
    source = models.TextField(_("source"))

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = pgettext_lazy("back office", "figures")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label
