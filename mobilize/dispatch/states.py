from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class OfferStatus(models.TextChoices):
    OFFERED = "offered", _("waiting for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")


# Somebody else must be found.
LOST = [OfferStatus.DECLINED, OfferStatus.EXPIRED]


class PlanMode(models.TextChoices):
    FLEETS = "fleets", _("whole fleets")
    DRIVERS = "drivers", _("single drivers")
    AUTO = "auto", _("whole fleets for many vehicles, single drivers for few")


class PlanStatus(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    COMMITTED = "committed", _("committed")
    UNDONE = "undone", _("taken back")


# A dispatch can be taken back so long, and no message leaves before.
UNDO_WITHIN = timedelta(seconds=10)


MANY = 5  # vehicles from which on whole fleets are asked first


class SearchStep(models.TextChoices):
    """How far the search for somebody who says yes has come."""

    ALTERNATES = "alternates", _("next in line")
    WIDER = "wider", _("wider circle")
    LEADERS = "leaders", _("fleet leaders")
    RED = "red", _("with the officer")


class TripStatus(models.TextChoices):
    ASSIGNED = "assigned", _("assigned")
    EN_ROUTE = "en_route", _("on the way")
    ARRIVED = "arrived", _("arrived")
    LOADED = "loaded", _("loaded")
    COMPLETED = "completed", _("completed")
    ABORTED = "aborted", _("aborted")


# The stage after each stage; loading may be skipped when there is nothing to wait for.
NEXT = {
    TripStatus.ASSIGNED: TripStatus.EN_ROUTE,
    TripStatus.EN_ROUTE: TripStatus.ARRIVED,
    TripStatus.ARRIVED: TripStatus.LOADED,
    TripStatus.LOADED: TripStatus.COMPLETED,
}
ALLOWED_FROM = {
    TripStatus.EN_ROUTE: [TripStatus.ASSIGNED],
    TripStatus.ARRIVED: [TripStatus.EN_ROUTE],
    TripStatus.LOADED: [TripStatus.ARRIVED],
    TripStatus.COMPLETED: [TripStatus.ARRIVED, TripStatus.LOADED],
    TripStatus.ABORTED: [TripStatus.ASSIGNED, TripStatus.EN_ROUTE, TripStatus.ARRIVED, TripStatus.LOADED],
}
UNDER_WAY = ALLOWED_FROM[TripStatus.ABORTED]
# Nobody is aboard yet: its time can still change.
MOVABLE = [TripStatus.ASSIGNED, TripStatus.EN_ROUTE, TripStatus.ARRIVED]
STAMP = {
    TripStatus.EN_ROUTE: "en_route_at",
    TripStatus.ARRIVED: "arrived_at",
    TripStatus.LOADED: "loaded_at",
    TripStatus.COMPLETED: "completed_at",
    TripStatus.ABORTED: "aborted_at",
}
