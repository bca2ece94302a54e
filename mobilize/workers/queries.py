"""Reading workers."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from mobilize.accounts import queries as accounts
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
