"""Reading workers."""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.accounts import queries as accounts
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


def export(*, user_id: UUID) -> dict[str, object]:
    """Return everything kept in a person's profile, the phone number in full: for herself alone."""
    user = accounts.user(user_id=user_id)
    worker = profile(user_id=user_id)
    return {
        "phone": str(user.phone),
        "name": user.name,
        "joined": user.date_joined,
        "profile": worker
        and {
            "union": worker.union.name,
            "home_community": worker.home_community,
            "skills": worker.skills,
            "consented_at": worker.consented_at,
            "pledges": list(worker.pledges.values("campaign__title", "created_at")),
            "honours": list(worker.honours.values("kind", "level", "awarding_body", "year", "status")),
            "signups": list(
                worker.signups.values("shift__post__site__name", "shift__starts_at", "status", "created_at")
            ),
            "services": list(worker.service_records.values("day", "person_trips", "minutes", "source")),
        },
    }
