from django.db import models
from django.utils.translation import gettext_lazy as _


class Skill(models.TextChoices):
    """What a worker can do besides."""

    FIRST_AID = "first_aid", _("first aid")
    NURSING = "nursing", _("nursing")
    DRIVING = "driving", _("driving")
    DISINFECTION = "disinfection", _("disinfection")
    ENGLISH = "english", _("English")
    SIGN_LANGUAGE = "sign_language", _("sign language")
    LOADING = "loading", _("loading goods")
    COMPUTER = "computer", _("computer entry")


class HonourKind(models.TextChoices):
    LABOUR_MODEL = "labour_model", _("labour model")
    CRAFTSMAN = "craftsman", _("craftsman")


class HonourLevel(models.TextChoices):
    NATIONAL = "national", _("national")
    PROVINCIAL = "provincial", _("provincial")
    CITY = "city", _("city level")


class HonourStatus(models.TextChoices):
    """An honour shows only when verified."""

    CLAIMED = "claimed", _("claimed")
    VERIFIED = "verified", _("verified")
    REVOKED = "revoked", _("revoked")
