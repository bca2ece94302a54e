"""Reading accounts."""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.accounts.models import Challenge, User
from mobilize.core.errors import NotFound


def user(*, user_id: UUID) -> User:
    """Return one person.

    Raises:
        NotFound
    """
    found = User.objects.filter(pk=user_id, is_active=True).first()
    if found is None:
        raise NotFound
    return found


def challenges_of(phone: str) -> QuerySet[Challenge]:
    """Sign-in codes sent to a number, newest first."""
    return Challenge.objects.filter(phone=phone).order_by("-created_at")
