"""Reading workers."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from mobilize.core.errors import NotFound
from mobilize.core.models import Transition
from mobilize.workers.models import Honour, Worker
from mobilize.workers.states import HonourStatus


def profile(*, user_id: UUID) -> Worker | None:
    """Return a person's profile, None as long as she has given none."""
    return Worker.objects.select_related("user", "union").filter(user_id=user_id).first()


def profile_or_error(*, user_id: UUID) -> Worker:
    """Return a person's profile.

    Raises:
        NotFound: `no_profile`.
    """
    worker = profile(user_id=user_id)
    if worker is None:
        raise NotFound("no_profile")
    return worker


def verified_honours() -> QuerySet[Honour]:
    """Honours that may be shown to others, the latest first."""
    return Honour.objects.filter(status=HonourStatus.VERIFIED).order_by("-year")


def honours(rows: QuerySet[Honour], *, status: str = "") -> QuerySet[Honour]:
    """Honours with person and union, the latest claim first, and `why` the revoked ones were revoked.

    Args:
        rows: those the actor may see.
        status: of `states.HonourStatus`; empty for all.
    """
    if status:
        rows = rows.filter(status=status)
    revoked = Transition.objects.filter(subject_id=OuterRef("pk"), to_status=HonourStatus.REVOKED)
    return (
        rows.select_related("worker__user", "worker__union")
        .annotate(why=Subquery(revoked.order_by("-created_at").values("why")[:1]))
        .order_by("-created_at", "pk")
    )


def honour(rows: QuerySet[Honour], honour_id: UUID) -> Honour:
    """Return one of the honours with its person and union.

    Raises:
        NotFound
    """
    found = honours(rows).filter(pk=honour_id).first()
    if found is None:
        raise NotFound
    return found
