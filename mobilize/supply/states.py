from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """The nine parts of the supply directory."""

    DAILY = "daily", _("daily necessities")
    SPECIALITIES = "specialities", _("local specialities")
    GENERAL = "general", _("general merchandise")
    FOOD = "food", _("food delivery")
    DRINKS = "drinks", _("drinks")
    PHARMACIES = "pharmacies", _("pharmacies")
    APPLIANCES = "appliances", _("appliances")
    HOME = "home", _("household goods")
    OTHER = "other", _("other")


class ChannelKind(models.TextChoices):
    """Where an order is placed."""

    APP = "app", _("app")
    MINI_PROGRAM = "mini_program", _("mini-program")
    OFFICIAL_ACCOUNT = "official_account", _("official account")


class DeliveredBy(models.TextChoices):
    """Who brings an order to the estate."""

    STAFF = "staff", _("the shop's own staff")
    COURIER = "courier", _("a third-party courier")


class ChannelStatus(models.TextChoices):
    """Channels open, pause and close as the situation changes."""

    ACTIVE = "active", _("open for orders")
    PAUSED = "paused", _("paused")
    CLOSED = "closed", _("closed")
