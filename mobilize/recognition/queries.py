"""Reading certificates, and what they could be issued for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from mobilize.attendance.models import ServiceRecord
from mobilize.campaigns.models import Campaign
from mobilize.core.errors import NotFound
from mobilize.recognition.models import Certificate
from mobilize.recognition.states import CertificateState
from mobilize.workers.models import Worker


@dataclass(frozen=True)
class Figures:
    """What a certificate says of some service records.

    Attributes:
        record_ids: which, in order.
        first_day, last_day: of service.
        services: how many.
        minutes: served, by how we know of them.
    """

    record_ids: list[UUID]
    first_day: date
    last_day: date
    services: int
    minutes: dict[str, int]

    @property
    def hours(self) -> float:
        """All hours, to a tenth."""
        return round(sum(self.minutes.values()) / 60, 1)


def figures(records: Iterable[ServiceRecord]) -> Figures | None:
    """Add service records up; None when nothing was served."""
    rows = sorted((row for row in records if row.services), key=lambda row: row.pk)
    if not rows:
        return None
    minutes: Counter[str] = Counter()
    for row in rows:
        minutes[row.source] += row.minutes
    days = [row.day for row in rows]
    return Figures([row.pk for row in rows], min(days), max(days), sum(row.services for row in rows), dict(minutes))


def says(certificate: Certificate) -> Figures:
    """Return what a certificate says."""
    return Figures(
        certificate.record_ids,
        certificate.first_day,
        certificate.last_day,
        certificate.services,
        certificate.minutes,
    )


def records(*, worker_id: UUID, campaign_id: UUID) -> QuerySet[ServiceRecord]:
    """What a worker has served in a campaign."""
    return ServiceRecord.objects.filter(worker_id=worker_id, task__campaign_id=campaign_id)


def state(certificate: Certificate) -> CertificateState:
    """Tell what a certificate is worth today: a correction of what it counts makes it void, at once and for good."""
    counted = figures(ServiceRecord.objects.filter(pk__in=certificate.record_ids))
    if counted != says(certificate):
        return CertificateState.VOID
    return CertificateState.REPLACED if certificate.replaced_at else CertificateState.VALID


def one(rows: QuerySet[Certificate], certificate_id: UUID) -> Certificate:
    """Return one of the certificates.

    Raises:
        NotFound
    """
    found = rows.filter(pk=certificate_id).first()
    if found is None:
        raise NotFound
    return found


def by_number(number: str) -> Certificate | None:
    """Return the certificate of a number, None when there is none."""
    return Certificate.objects.filter(number=number).first()


@dataclass(frozen=True)
class Earned:
    """What a person served in a campaign, and the certificate she has for it.

    Attributes:
        campaign: which.
        figures: what there is to say today.
        certificate: the latest one, None before the first.
        state: of that; None without one.
        name: the worker's today.
    """

    campaign: Campaign
    figures: Figures
    certificate: Certificate | None
    state: CertificateState | None
    name: str

    @property
    def up_to_date(self) -> bool:
        """Whether the certificate says all there is to say today."""
        held = self.certificate
        return held is not None and says(held) == self.figures and held.name == self.name


def earned(*, worker_id: UUID) -> list[Earned]:
    """Return what a worker can have certificates for, the latest campaign first; four statements for all of them."""
    by_campaign: dict[UUID, list[ServiceRecord]] = {}
    rows = ServiceRecord.objects.filter(worker_id=worker_id, task__isnull=False).select_related("task")
    for row in rows:
        if row.task:
            by_campaign.setdefault(row.task.campaign_id, []).append(row)
    held = {row.campaign_id: row for row in Certificate.objects.filter(worker_id=worker_id, replaced_at=None)}
    known = {row.pk: row for found in by_campaign.values() for row in found}
    name = Worker.objects.values_list("user__name", flat=True).get(pk=worker_id)
    all_earned = []
    for campaign in Campaign.objects.filter(pk__in=by_campaign).order_by("-starts_on", "pk"):
        counted, certificate = figures(by_campaign[campaign.pk]), held.get(campaign.pk)
        if counted is None:
            continue
        state_now = None
        if certificate:
            still = figures(known[pk] for pk in certificate.record_ids if pk in known)
            state_now = CertificateState.VALID if still == says(certificate) else CertificateState.VOID
        all_earned.append(Earned(campaign, counted, certificate, state_now, name))
    return all_earned
