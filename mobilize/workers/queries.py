"""Reading workers."""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.core.errors import NotFound
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


def honours_to_show(worker_id: UUID) -> QuerySet[Honour]:
    """Verified honours, the highest first."""
    return Honour.objects.filter(worker_id=worker_id, status=HonourStatus.VERIFIED).order_by("-year")
