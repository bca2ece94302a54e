"""Issuing certificates of service."""

from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mobilize.campaigns.models import Campaign
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict, NotFound
from mobilize.core.limits import Limit, spend
from mobilize.core.locks import locked
from mobilize.recognition import numbers, queries, summary
from mobilize.recognition.models import Certificate
from mobilize.workers import queries as workers
from mobilize.workers.models import Worker


@lru_cache
def _key_from(secret: str) -> Ed25519PrivateKey:
    return summary.private_key(secret)


def public_key() -> str:
    """Return the public key of all certificates, as PEM."""
    return summary.public_pem(_key_from(settings.CERTIFICATE_KEY))


@transaction.atomic
def issue(*, actor: Actor, campaign_id: UUID, now: datetime) -> Certificate:
    """Certify what the actor has served in a campaign; one that says the same already is returned instead.

    Args:
        actor: the person herself.
        campaign_id: for which campaign.
        now: current time.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: `no_profile`, or no such campaign.
        Conflict: `nothing_served`.
    """
    profile = workers.profile_or_error(user_id=actor.person)
    locked(Worker.objects.all(), pk=profile.pk)  # one after the other, so that two taps make one certificate
    campaign = Campaign.objects.select_related("union").filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound
    counted = queries.figures(queries.records(worker_id=profile.pk, campaign_id=campaign_id))
    if counted is None:
        raise Conflict("nothing_served")
    held = Certificate.objects.filter(worker=profile, campaign=campaign, replaced_at=None)
    before = held.first()
    if before and queries.says(before) == counted and before.name == profile.user.name:
        return before
    held.update(replaced_at=now)
    today = timezone.localtime(now).date()
    number = numbers.new(today)
    while Certificate.objects.filter(number=number).exists():
        number = numbers.new(today)
    name, union, title = profile.user.name, campaign.union.name, campaign.title
    return Certificate.objects.create(
        number=number,
        worker=profile,
        campaign=campaign,
        name=name,
        union_name=union,
        title=title,
        first_day=counted.first_day,
        last_day=counted.last_day,
        services=counted.services,
        minutes=counted.minutes,
        record_ids=counted.record_ids,
        signed=summary.sign(
            _key_from(settings.CERTIFICATE_KEY),
            number=number,
            name=name,
            union=union,
            title=title,
            days=(counted.first_day, counted.last_day),
            issued=today,
            services=counted.services,
            minutes=counted.minutes,
        ),
        created_at=now,
    )


def look_up(*, number: str, address: str) -> Certificate:
    """Return the certificate of a number, to anybody who has the number.

    Args:
        number: 12 digits.
        address: where the question comes from; 30 a minute are answered.
    Raises:
        TooMany: `too_many_numbers`.
        NotFound: `no_certificate`.
    """
    spend([Limit(what="certificates", subject=address, most=30, window=timedelta(minutes=1))], code="too_many_numbers")
    found = queries.by_number(number) if numbers.is_number(number) else None
    if found is None:
        raise NotFound("no_certificate")
    return found


def forget(*, user_id: UUID) -> None:
    """Delete the certificates of somebody who closed her account: they carry her name."""
    Certificate.objects.filter(worker__user_id=user_id).delete()
