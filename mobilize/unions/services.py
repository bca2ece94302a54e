"""Officers: appoint, change the role, dismiss; and the way back in for one who forgot her password."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from mobilize.accounts import passwords
from mobilize.accounts.models import User
from mobilize.accounts.services import phone_or_invalid
from mobilize.core import limits, transitions
from mobilize.core.actor import Actor
from mobilize.core.constraints import clash_as_conflict
from mobilize.core.errors import Conflict, Invalid
from mobilize.core.limits import Limit
from mobilize.core.locks import locked
from mobilize.core.phones import BadPhone, normalised
from mobilize.core.texts import fault_of_name
from mobilize.outbox import services as outbox
from mobilize.unions import policies
from mobilize.unions.models import Officer, Union
from mobilize.unions.states import Role

DISMISSED = "dismissed"
MOST_LINKS_AN_HOUR = 6
MOST_LINKS_AN_ADDRESS = 60  # in ten minutes


@clash_as_conflict()
@transaction.atomic
def appoint(*, actor: Actor, phone: str, name: str, union_id: UUID, role: str, now: datetime) -> Officer:
    """Give a person a role on a union. Who has no password yet gets a link to set one.

    Args:
        actor: an administrator of the union or of one above it.
        phone: as typed; an unknown number becomes a new person.
        name: 1 to 60 characters; a person who is there keeps her own.
        union_id: the node.
        role: of `states.Role`.
        now: current time.
    Raises:
        Unauthenticated, Forbidden, NotFound: see `policies.demand`.
        Invalid: every wrong field at once: `bad_phone`, `required`, `too_long`, `bad_text`, `unknown_choice`;
            `officer_exists` beside `phone` when she holds a role there already.
        Conflict: `own_office`, `account_closed`.
    """
    policies.demand(actor, union_id=union_id, at_least=Role.ADMIN)
    _check(phone, name, role)
    found, _ = User.objects.get_or_create(phone=normalised(phone), defaults={"name": name.strip(), "date_joined": now})
    user = found.owner
    if not user.is_active:
        raise Conflict("account_closed")
    _not_oneself(actor, user.pk)
    officer, is_new = Officer.objects.get_or_create(
        user=user, union_id=union_id, defaults={"role": role, "created_at": now}
    )
    if not is_new:
        raise Invalid({"phone": ["officer_exists"]})
    if not user.name:
        User.objects.filter(pk=user.pk).update(name=name.strip())
    transitions.record([officer], before="", to=role, actor=actor, now=now)
    outbox.record("officer.appointed", officer.pk)
    if not user.has_password:
        passwords.send_link(user=user, union=Union.objects.get(pk=union_id).name, now=now)
    return officer


@transaction.atomic
def change_role(*, actor: Actor, officer_id: UUID, role: str, now: datetime) -> Officer:
    """Give an officer another role on the same union.

    Raises:
        Unauthenticated, Forbidden, NotFound: see `policies.demand`.
        Invalid: `unknown_choice` beside `role`.
        Conflict: `own_office`.
    """
    officer = _held(actor, officer_id)
    if role not in Role.values:
        raise Invalid({"role": ["unknown_choice"]})
    before = officer.role
    if role != before:
        officer.role = role
        officer.save(update_fields=["role"])
        transitions.record([officer], before=before, to=role, actor=actor, now=now)
    return officer


@transaction.atomic
def dismiss(*, actor: Actor, officer_id: UUID, now: datetime) -> None:
    """End an officer's role on a union; her other roles and her own sign-ups stay.

    Raises:
        Unauthenticated, Forbidden, NotFound: see `policies.demand`.
        Conflict: `own_office`.
    """
    officer = _held(actor, officer_id)
    transitions.record([officer], before=officer.role, to=DISMISSED, actor=actor, now=now)
    outbox.record("officer.dismissed", officer.pk)
    officer.delete()


def forgot_password(*, phone: str, now: datetime, address: str = "") -> None:
    """Send an officer a link to set a new password. The answer is the same for every number.

    Args:
        phone: as typed.
        now: current time.
        address: where the request came from, for the limit by address.
    Raises:
        Invalid: `bad_phone`.
        TooMany: `links_too_fast` with `retry_after` seconds: within a minute, over 6 an hour for one number, or
            over 60 in ten minutes from one address.
    """
    number = phone_or_invalid(phone)
    asked = [
        Limit(what="links-minute", subject=number, most=1, window=timedelta(minutes=1)),
        Limit(what="links-hour", subject=number, most=MOST_LINKS_AN_HOUR, window=timedelta(hours=1)),
    ]
    if address:
        most = MOST_LINKS_AN_ADDRESS
        asked.append(Limit(what="links-address", subject=address, most=most, window=timedelta(minutes=10)))
    limits.spend(asked, code="links_too_fast")
    with transaction.atomic():
        user = User.objects.filter(phone=number, is_active=True, offices__isnull=False).first()
        if user:
            passwords.send_link(user=user, now=now)


def _check(phone: str, name: str, role: str) -> None:
    wrong: dict[str, list[str]] = {}
    try:
        normalised(phone)
    except BadPhone:
        wrong["phone"] = ["bad_phone"]
    if fault := fault_of_name(name):
        wrong["name"] = [fault]
    if role not in Role.values:
        wrong["role"] = ["unknown_choice"]
    if wrong:
        raise Invalid(wrong)


def _held(actor: Actor, officer_id: UUID) -> Officer:
    """Return an officer the actor may change."""
    officer = locked(Officer.objects.all(), pk=officer_id)
    policies.demand(actor, union_id=officer.union_id, at_least=Role.ADMIN)
    _not_oneself(actor, officer.user_id)
    return officer


def _not_oneself(actor: Actor, user_id: UUID) -> None:
    """Nobody locks herself out, and nobody raises herself."""
    if user_id == actor.user_id:
        raise Conflict("own_office")
