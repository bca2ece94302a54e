"""Messages and addresses, for the pages that show them and the services that change them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from mobilize.channels.models import Address, Delivery, Unsubscribed
from mobilize.channels.states import AboutAddress, ChannelName
from mobilize.core.errors import NotFound

PUT_BACK_WITHIN = timedelta(hours=1)


def inbox() -> QuerySet[Delivery]:
    """Messages of the embedded channel, newest first (the demonstration's page)."""
    return Delivery.objects.filter(channel=ChannelName.INBOX).order_by("-created_at", "-pk")


def about(subject_id: UUID) -> QuerySet[Delivery]:
    """Messages about one subject, newest first."""
    return Delivery.objects.filter(subject_id=subject_id).order_by("-created_at")


def reachable(rows: QuerySet[Address]) -> QuerySet[Address]:
    """Those addresses that messages go to."""
    return rows.filter(confirmed_at__isnull=False, ended_at=None, removed_at=None)


def kept(rows: QuerySet[Address]) -> QuerySet[Address]:
    """Those addresses that were not taken away, the oldest first."""
    return rows.filter(removed_at=None).order_by("created_at", "pk")


def shown(rows: QuerySet[Address], *, now: datetime) -> list[Address]:
    """Addresses as their owner sees them, the oldest first, each with its newest test message.

    Those just taken away are among them: she can put them back.
    """
    found = list(rows.filter(_not_long_gone(now)).order_by("created_at", "pk"))
    tests = Delivery.objects.filter(kind=AboutAddress.TEST, subject_id__in=[one.pk for one in found])
    newest = {test.subject_id: test for test in tests.order_by("created_at", "pk")}
    for one in found:
        one.last_test = newest.get(one.pk)
    return found


def address(rows: QuerySet[Address], address_id: UUID, *, now: datetime) -> Address:
    """Return one of some addresses.

    Raises:
        NotFound: no such one, or taken away so long ago that it cannot be put back.
    """
    found = rows.filter(_not_long_gone(now), pk=address_id).first()
    if found is None:
        raise NotFound
    return found


def _not_long_gone(now: datetime) -> Q:
    return Q(removed_at=None) | Q(removed_at__gt=now - PUT_BACK_WITHIN)


def takes_sms(phone: str) -> bool:
    """Tell whether a number's owner has not unsubscribed from SMS."""
    return not Unsubscribed.objects.filter(phone=phone).exists()
