"""Whose a bearer token is, without a query: a copy of the token, then a copy of its owner.

The owner is a person (her backend's copy, see accounts/backends.py) or a partner's application. A token that is
revoked, an account that is closed, an application that is deleted or may do less: each gives up one copy, and the next
request is refused. The cache knows a token by its SHA-256 alone, as the database does.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models.signals import post_delete, post_save
from oauth2_provider.models import get_access_token_model, get_application_model

from mobilize.core.actor import Actor
from mobilize.core.copies import Copies, lead


class Token(NamedTuple):
    """What the cache holds of a token."""

    pk: int
    user_id: UUID | None
    application_id: int | None
    scope: str
    expires: datetime
    resource: list[str]


class Client(NamedTuple):
    """What the cache holds of a partner's application."""

    client_id: str
    union_id: UUID | None
    scopes: frozenset[str]


def _read_token(checksum: str) -> Token | None:
    found = get_access_token_model().objects.filter(token_checksum=checksum).first()
    return found and Token(
        found.pk, found.user_id, found.application_id, found.scope, found.expires, list(found.resource)
    )


def _read_client(application_id: int) -> Client | None:
    found: Any = get_application_model().objects.filter(pk=application_id).first()
    return found and Client(found.client_id, found.union_id, frozenset(found.allowed_scopes.split()))


tokens: Copies[Token] = Copies("token", _read_token)
clients: Copies[Client] = Copies("client", _read_client)


@dataclass(frozen=True)
class Credential:
    """A token that opens something now.

    Attributes:
        token_id: of its row.
        actor: on whose behalf its bearer acts.
        user: the person, None for a partner's machine.
    """

    token_id: int
    actor: Actor
    user: AbstractBaseUser | None


def credential_of(raw: str, *, address: Callable[[], str], now: datetime) -> Credential | None:
    """Return what a bearer token opens, None when it is unknown, expired, for another service or its owner gone.

    Args:
        raw: the token as sent.
        address: returns the absolute one it was sent to, without the query; asked for tokens that are bound to some.
        now: current time.
    """
    checksum = hashlib.sha256(raw.encode()).hexdigest()
    token = tokens.get(checksum)
    if token is None or now >= token.expires:
        return None
    if token.resource and not get_access_token_model()(resource=token.resource).allows_audience(address()):
        return None
    scopes = frozenset(token.scope.split())
    if token.user_id:
        backend: Any = get_backends()[0]
        lead(tokens.place(checksum), backend.place_of(token.user_id))
        user = backend.get_user(token.user_id)
        return Credential(token.pk, Actor(user_id=token.user_id, scopes=scopes), user) if user else None
    client = clients.get(token.application_id) if token.application_id else None
    if client is None:
        return None
    actor = Actor(client_id=client.client_id, union_id=client.union_id, scopes=scopes & client.scopes)
    return Credential(token.pk, actor, None)


def watch() -> None:
    """Give up the copy of a token or an application whenever its row is saved or deleted."""
    for model, dropped in ((get_access_token_model(), _drop_token), (get_application_model(), _drop_client)):
        for signal in (post_save, post_delete):
            signal.connect(dropped, sender=model, dispatch_uid="bearer")


def _drop_token(instance: Any, created: bool = False, **kwargs: Any) -> None:
    if not created:
        tokens.drop(instance.token_checksum)


def _drop_client(instance: Any, created: bool = False, **kwargs: Any) -> None:
    if not created:
        clients.drop(instance.pk)
