from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override


class TaskKind(models.TextChoices):
    DUTY = "duty", _("post duty")
    TRANSPORT = "transport", _("transport")


class TaskStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    FULFILLED = "fulfilled", _("fulfilled")
    CLOSED = "closed", _("closed")
    CANCELLED = "cancelled", _("cancelled")


# A fulfilled transport task falls back to published when an accepted vehicle drops out.
LIVE = [TaskStatus.PUBLISHED, TaskStatus.FULFILLED]


class Urgency(models.IntegerChoices):
    NORMAL = 1, _("normal")
    URGENT = 2, _("urgent")
    AT_ONCE = 3, _("at once")


class Cargo(models.TextChoices):
    """What a transport task moves."""

    RESIDENTS = "residents", _("residents")
    TEST_STAFF = "test_staff", _("test staff")
    PASSENGERS = "passengers", _("flight passengers")
    GOODS = "goods", _("goods")


class RiskClass(models.TextChoices):
    """Of the place a flight comes from (风险等级)."""

    LOW = "low", _("low risk")
    MEDIUM = "medium", _("medium risk")
    HIGH = "high", _("high risk")


class SiteKind(models.TextChoices):
    COMMUNITY = "community", _("community")
    CHECKPOINT = "checkpoint", _("checkpoint")
    TEST_SITE = "test_site", _("test site")
    AIRPORT = "airport", _("airport")
    DEPOT = "depot", _("depot")
    HOTEL = "hotel", _("hotel")
    OFFICE = "office", _("command post")


class PostKind(models.TextChoices):
    """The posts of the story: 太原工人文化宫's five, 北沙河社区's five, and the estates' gates."""

    ORDER = "order", _("order keeping")
    INFORMATION = "information", _("information check")
    TEMPERATURE = "temperature", _("code scan and temperature")
    GUIDING = "guiding", _("advice and guiding")
    INCIDENT = "incident", _("incident handling")
    SUPPLIES = "supplies", _("supplies")
    REGISTRATION = "registration", _("registration")
    TRANSFER = "transfer", _("transfer")
    GATE = "gate", _("gate duty")
    DISINFECTION = "disinfection", _("disinfection")

    @classmethod
    def named(cls, part: str) -> list["PostKind"]:
        """Return the kinds whose name holds this part, in whichever language it is typed."""
        found = set()
        for language, _own_name in settings.LANGUAGES:
            with override(language):
                found |= {kind for kind in cls if part.casefold() in str(kind.label).casefold()}
        return sorted(found)
