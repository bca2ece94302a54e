"""Whatever order sending and receipts come in, a status never goes backwards; without the guard it does."""

from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mobilize.channels import claims, receipts, settling
from mobilize.channels.base import Fate, Receipt
from mobilize.channels.models import Delivery
from mobilize.channels.states import _RANK, DeliveryStatus, Outcome
from tests.channels.messages import queue

pytestmark = pytest.mark.django_db
FATES = [Fate.ACCEPTED, Fate.DELIVERED, Fate.FAILED]
RESULTS = [DeliveryStatus.ACCEPTED, Outcome.TRY_AGAIN, Outcome.DOUBTFUL, Outcome.UNRESOLVED, Outcome.REFUSED]
steps = st.lists(st.sampled_from(["claim", "recover", *FATES, *RESULTS]), min_size=3, max_size=12)


def lived_through(doings):
    """Return the statuses a message had, one after the other."""
    delivery, claimed, seen = queue(), None, ["queued"]
    for doing in doings:
        now = timezone.now()
        with transaction.atomic():
            if doing == "claim":
                Delivery.objects.filter(pk=delivery.pk).update(next_try_at=delivery.created_at)
                claimed = next(iter(claims.claim(codes=False, most=1, now=now)), claimed)
            elif doing == "recover":
                claims.recover(now=now + claims.CLAIM_LASTS)
            elif isinstance(doing, Fate):
                row = Delivery.objects.get(pk=delivery.pk)
                report = receipts.Report(Receipt(doing), delivery.pk)
                receipts.take(provider=row.provider, reports=[report], now=now)
            elif claimed:
                settling.settle([settling.Result(claimed, doing)], now=now)
        seen.append(Delivery.objects.get(pk=delivery.pk).status)
    Delivery.objects.all().delete()
    return [DeliveryStatus(status) for status in seen]


def goes_backwards(statuses):
    """Down the list, or from one end to another."""
    return any(
        one != other and (_RANK[other] < _RANK[one] or _RANK[one] == _RANK[DeliveryStatus.DELIVERED])
        for one, other in pairwise(statuses)
    )


@pytest.fixture(autouse=True)
def gateway(settings):
    settings.SMS_PROVIDERS = ["gateway"]


@given(steps)
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_status_never_goes_backwards(doings):
    assert not goes_backwards(lived_through(doings))


def test_without_the_guard_it_would(monkeypatch):
    monkeypatch.setattr(receipts, "before", lambda status: list(DeliveryStatus))
    assert goes_backwards(lived_through(["claim", Fate.DELIVERED, Fate.ACCEPTED]))
