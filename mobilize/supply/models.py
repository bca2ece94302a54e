"""The supply directory: merchants and the channels through which residents order online."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilize.core.models import BaseModel
from mobilize.supply.states import Category, ChannelKind, ChannelStatus, DeliveredBy


class Merchant(BaseModel):
    """A shop that supplies residents. `is_invented` marks a numbered placeholder."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_invented = models.BooleanField(_("invented"), default=False)

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = pgettext_lazy("back office", "merchants")

    def __str__(self) -> str:
        return self.name


class SupplyChannel(BaseModel):
    """One way to order from a merchant: an app, a mini-program or an official account."""

    merchant = models.ForeignKey(Merchant, models.CASCADE, related_name="channels", verbose_name=_("merchant"))
    name = models.CharField(_("name"), max_length=80)
    category = models.CharField(_("category"), max_length=12, choices=Category.choices)
    kind = models.CharField(_("kind"), max_length=16, choices=ChannelKind.choices)
    delivered_by = models.CharField(_("delivered by"), max_length=8, choices=DeliveredBy.choices)
    status = models.CharField(
        max_length=8, choices=ChannelStatus.choices, default=ChannelStatus.ACTIVE, verbose_name=_("status")
    )
    is_invented = models.BooleanField(_("invented"), default=False)

    class Meta:
        verbose_name = _("supply channel")
        verbose_name_plural = pgettext_lazy("back office", "supply channels")
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="a_merchant_lists_a_channel_once")]
        indexes = [models.Index(fields=["category", "status"], name="supply_channel_by_category")]

    def __str__(self) -> str:
        return self.name
