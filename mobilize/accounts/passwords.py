"""Setting a password by a link sent to the person's phone: an invitation, or a forgotten password.

Nothing is stored. The link carries a keyed hash over the password it replaces, so it works once; and opening it
changes nothing, because scanners of messages open links too.
"""

import re
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext, override

from mobilize.accounts.models import User
from mobilize.channels import services as channels
from mobilize.channels.states import Priority
from mobilize.core.crypto import keyed_hash, same
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.locks import guarded

LINK_LASTS = timedelta(hours=48)
TOKEN = re.compile(r"([0-9a-f]{1,10})-[0-9a-f]{40}")


def send_link(*, user: User, now: datetime, union: str = "") -> None:
    """Send a person a link to set her password; must run inside a transaction.

    Args:
        user: who.
        now: current time.
        union: the union that invites her; empty when she has forgotten her password.
    """
    with override(user.language):
        text = (
            gettext("%(union)s has made you an officer. Set your password within 48 hours: %(link)s")
            if union
            else gettext("Set a new password within 48 hours: %(link)s Not asked for? Then do nothing.")
        )
    token = _token(user, int(now.timestamp()))
    link = f"{settings.PUBLIC_URL}/accounts/password/set/{user.pk}/{token}/"
    draft = channels.Draft(
        kind="password_link",
        variant="invitation" if union else "",
        phone=str(user.phone),
        body=text % {"union": union, "link": link},
        facts={"union": union, "link": link},
        language=user.language,
        subject_id=user.pk,
        recipient_id=user.pk,
        invented=user.is_invented,
        due_at=now,
        expires_at=now + LINK_LASTS,
        priority=Priority.CODE,
        secret=True,
    )
    channels.queue(draft, now=now)


def check_link(*, user_id: UUID, token: str, now: datetime) -> User:
    """Return the person a link is for.

    Raises:
        Conflict: `link_expired`: used, older than 48 hours, or never sent.
    """
    return _person(user_id, token, now, lock=False)


@transaction.atomic
def set_password(*, user_id: UUID, token: str, password: str, now: datetime) -> User:
    """Set a person's password; her open sessions end.

    Args:
        user_id: who.
        token: of the link.
        password: at least 12 characters and not a common one.
        now: current time.
    Raises:
        Conflict: as `check_link`.
        Invalid: `password_too_short`, `password_too_common` beside `password`.
    """
    user = _person(user_id, token, now, lock=True)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid({"password": [wrong.code or "invalid" for wrong in error.error_list]}) from error
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


def _person(user_id: UUID, token: str, now: datetime, *, lock: bool) -> User:
    people = User.objects.filter(pk=user_id, is_active=True)
    user = (guarded(people) if lock else people).first()
    shape = TOKEN.fullmatch(token)
    if user is None or shape is None:
        raise Conflict("link_expired")
    sent_at = int(shape[1], 16)
    is_fresh = 0 <= int(now.timestamp()) - sent_at < LINK_LASTS.total_seconds()
    if not (is_fresh and same(token, _token(user, sent_at))):
        raise Conflict("link_expired")
    return user


def _token(user: User, sent_at: int) -> str:
    """Return the token of a link sent at a Unix time in seconds."""
    digest = keyed_hash("password link", str(user.pk), str(user.phone), user.password, str(sent_at))
    return f"{sent_at:x}-{digest[:40]}"
