"""Messages in tests: written down, left behind by a sender that died, sent."""

from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from mobilize.channels import claims, services
from mobilize.channels.models import Delivery
from tests import acting


def queue(**more):
    now = timezone.now()
    given = {
        "kind": "test",
        "phone": "+8613800000001",
        "body": "你好",
        "subject_id": uuid4(),
        "due_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    with transaction.atomic():
        return services.queue(services.Draft(**(given | more)), now=now)


def leave(delivery, *, after=timedelta(0)):
    """Let everything leave some time after a message was written down; return the message as it stands then."""
    acting.send_messages(now=delivery.created_at + after)
    return Delivery.objects.get(pk=delivery.pk)


def die_in_the_middle(delivery):
    """Claim a message, as a sender does that dies before it can write down what came of it."""
    with transaction.atomic():
        assert claims.claim(codes=False, most=1, now=delivery.created_at)
    claims.recover(now=delivery.created_at + claims.CLAIM_LASTS)


def outcomes(delivery):
    return [step.outcome for step in delivery.steps.order_by("created_at", "pk")]
