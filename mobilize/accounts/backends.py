"""Who a session or a token belongs to, without a query."""

from typing import Any, NamedTuple
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models.signals import post_delete, post_save

from mobilize.accounts.models import User
from mobilize.core.copies import Copies
from mobilize.core.models import known_in_part

UNSEEN = {"last_login"}  # fields that change without changing who she is to a request


class Known(NamedTuple):
    """What the cache holds of an active person: no name, no number, and the sessions' hash in place of the password."""

    is_staff: bool
    is_superuser: bool
    session_hash: str


def _read(user_id: UUID) -> Known | None:
    user = User.objects.filter(pk=user_id, is_active=True).only("is_staff", "is_superuser", "password").first()
    return Known(user.is_staff, user.is_superuser, user.get_session_auth_hash()) if user else None


people: Copies[Known] = Copies("person", _read)


class PhoneBackend(AuthenticationBackend):
    """allauth's sign-in, with the person of each later request from her copy in the cache.

    She comes with what `Known` holds; every other field is read from the database when a page asks for it.
    """

    def place_of(self, user_id: UUID) -> str:
        """Return where in the cache her copy is, for `copies.lead`."""
        return people.place(user_id)

    def get_user(self, user_id: UUID) -> User | None:
        known = people.get(user_id)
        if known is None:
            return None
        user = known_in_part(User, id=user_id, is_active=True, is_staff=known.is_staff, is_superuser=known.is_superuser)
        user.known_session_hash = known.session_hash
        return user


def watch() -> None:
    """Give a person's copy up whenever her row is saved or deleted. Who writes with `update()` drops it herself."""
    post_save.connect(_saved, sender=User, dispatch_uid="people")
    post_delete.connect(_deleted, sender=User, dispatch_uid="people")


def _saved(instance: User, created: bool, update_fields: frozenset[str] | None, **kwargs: Any) -> None:
    if not created and not (update_fields and update_fields <= UNSEEN):
        people.drop(instance.pk)


def _deleted(instance: User, **kwargs: Any) -> None:
    people.drop(instance.pk)
