"""Where people are reached besides by SMS: they give an address, confirm it, try it, take it away and put it back."""

import hashlib
import unicodedata
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext, override

from mobilize.channels import links, policies, queries, roads
from mobilize.channels import services as channels
from mobilize.channels.models import Address
from mobilize.channels.providers import browsers, robots
from mobilize.channels.states import AboutAddress, ChannelName, Priority
from mobilize.core import limits
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict, Invalid, TooMany
from mobilize.core.limits import Limit
from mobilize.core.locks import locked
from mobilize.core.texts import is_plain

MOST = {ChannelName.EMAIL: 3, ChannelName.PUSH: 10, ChannelName.CHAT: 5}  # of one person
TOO_FAST = "letters_too_fast"
MOST_LABEL = 60
MOST_EMAIL, MOST_MAILBOX = 254, 64  # signs, RFC 5321 section 4.5.3.1
TEST_OF_USE = timedelta(minutes=15)
UNCONFIRMED_FOR = timedelta(days=7)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_is_email = EmailValidator(allowlist=[])


@transaction.atomic
def add(*, actor: Actor, channel: str, address: Any, now: datetime, label: str = "") -> Address:
    """Take an address of the actor's; one she gave before is the same row.

    The answer is the same whoever else has given it. An e-mail address gets a letter with a link, and nothing else
    before that was opened; a browser leaves whomever it belonged to.

    Args:
        actor: the signed-in person.
        channel: one of `roads.offered()`.
        address: the e-mail address, the webhook's URL as the robot's vendor shows it, or the browser's
            PushSubscription, as an object or its JSON.
        now: current time.
        label: what she calls it, at most 60 characters.
    Raises:
        Unauthenticated, Forbidden: see `policies.demand_giving`.
        Invalid: every wrong field at once: `unknown_choice` beside `channel`; `required`, `bad_email`,
            `bad_subscription`, `unknown_push_service`, `bad_robot`, `too_many_addresses` beside `address`;
            `too_long`, `bad_text` beside `label`.
        TooMany: `letters_too_fast` with `retry_after` seconds.
    """
    person = policies.demand_giving(actor, channel)
    text, identity = _read(channel, address, label.strip())
    _one_at_a_time(person)
    digest = digest_of(channel, identity if channel == ChannelName.PUSH else f"{person} {identity}")
    _demand_room(person, channel, but_for=digest)
    at_once = None if channel == ChannelName.EMAIL else now
    row, is_new = Address.objects.get_or_create(
        digest=digest,
        defaults={
            "user_id": person,
            "channel": channel,
            "address": text,
            "label": label.strip(),
            "confirmed_at": at_once,
            "created_at": now,
        },
    )
    if not is_new:
        _give_again(row, person, text, label.strip() or row.label, at_once, now)
    if not row.confirmed_at:
        try:
            limits.spend([_once_a_minute(row)], code=TOO_FAST)
        except TooMany:  # typed twice: the letter is on its way
            return row
        _send_letter(row, now)
    return row


def _give_again(row: Address, person: UUID, text: str, label: str, at_once: datetime | None, now: datetime) -> None:
    if row.removed_at or row.ended_at or row.user_id != person:
        row.confirmed_at, row.created_at = at_once, now
    row.user_id, row.address, row.label = person, text, label
    row.ended_at = row.removed_at = None
    row.save()


def _read(channel: str, address: Any, label: str) -> tuple[str, str]:
    """Return an address as it is kept, and what makes two of them the same."""
    wrong: dict[str, list[str]] = {}
    found = "", ""
    if channel not in roads.offered():
        wrong["channel"] = ["unknown_choice"]
    elif not address:
        wrong["address"] = ["required"]
    else:
        try:
            found = _READ[ChannelName(channel)](address)
        except Invalid as error:
            wrong |= error.fields
    if len(label) > MOST_LABEL:
        wrong["label"] = ["too_long"]
    elif not is_plain(label):
        wrong["label"] = ["bad_text"]
    if wrong:
        raise Invalid(wrong)
    return found


def _email(typed: Any) -> tuple[str, str]:
    text = unicodedata.normalize("NFKC", str(typed)).strip()
    try:
        _is_email(text)
    except ValidationError:
        raise Invalid({"address": ["bad_email"]}) from None
    name, _at, host = text.rpartition("@")
    if len(text) > MOST_EMAIL or len(name) > MOST_MAILBOX or "[" in host or not text.isascii():
        raise Invalid({"address": ["bad_email"]})
    return f"{name}@{host.lower()}", text.lower()


def _browser(given: Any) -> tuple[str, str]:
    subscription = browsers.subscription_of(given)
    if subscription is None:
        raise Invalid({"address": ["bad_subscription"]})
    if not browsers.served(subscription["endpoint"]):
        raise Invalid({"address": ["unknown_push_service"]})
    return browsers.written(subscription), subscription["endpoint"]


def _robot(webhook: Any) -> tuple[str, str]:
    robot = robots.robot_of(str(webhook))
    if robot is None:
        raise Invalid({"address": ["bad_robot"]})
    return robot, robot


_READ = {ChannelName.EMAIL: _email, ChannelName.PUSH: _browser, ChannelName.CHAT: _robot}


def digest_of(channel: str, identity: str) -> str:
    """Return what is unique of an address; pages compare it to find the browser they are shown in."""
    return hashlib.sha256(f"{channel} {identity}".encode()).hexdigest()


def _one_at_a_time(person: UUID) -> None:
    """Hold other changes of a person's addresses until this transaction ends: several rows are counted together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"addresses:{person}"])


def _demand_room(person: UUID, channel: str, *, but_for: str) -> None:
    """Refuse one address more than a person may have, not counting the one of a digest."""
    others = Address.objects.filter(user=person, channel=channel, removed_at=None).exclude(digest=but_for)
    if others.count() >= (most := MOST[ChannelName(channel)]):
        raise Invalid({"address": ["too_many_addresses"]}, most=most)


@transaction.atomic
def confirm_again(*, actor: Actor, address_id: UUID, now: datetime) -> Address:
    """Send the letter with the link once more.

    Raises:
        NotFound, Unauthenticated, Forbidden: see `policies.own_addresses`.
        Conflict: `wrong_status`: it is confirmed, or needs no confirmation.
        TooMany: `letters_too_fast` with `retry_after` seconds.
    """
    row = locked(queries.kept(policies.own_addresses(actor)), pk=address_id)
    if row.channel != ChannelName.EMAIL or (row.confirmed_at and not row.ended_at):
        raise Conflict("wrong_status")
    row.confirmed_at = row.ended_at = None
    row.save(update_fields=["confirmed_at", "ended_at"])
    limits.spend([_once_a_minute(row)], code=TOO_FAST)
    _send_letter(row, now)
    return row


def _once_a_minute(row: Address) -> Limit:
    return Limit(what="address-again", subject=str(row.pk), most=1, window=MINUTE)


def _send_letter(row: Address, now: datetime) -> None:
    hers = Limit(what="address-letters", subject=str(row.user_id), most=10, window=HOUR)
    # whoever names strangers' mailboxes, from many accounts, fills none of them
    mailbox = Limit(what="address-mailbox", subject=row.address.lower(), most=6, window=DAY)
    limits.spend([hers, mailbox], code=TOO_FAST)
    link = links.link(address_id=row.pk, now=now)
    with override(row.user.language):
        text = gettext("Confirm within 24 hours that we may write to you here: %(link)s Not asked for? Do nothing.")
    _write(row, AboutAddress.CONFIRM, text % {"link": link}, expires_at=now + links.LASTS, secret=True, now=now)


def _write(
    row: Address, kind: AboutAddress, body: str, *, expires_at: datetime, now: datetime, secret: bool = False
) -> None:
    draft = channels.Draft(
        kind=kind,
        phone=str(row.user.phone),
        body=body,
        language=row.user.language,
        subject_id=row.pk,
        recipient_id=row.user_id,
        invented=row.user.is_invented,
        channels=(row.channel,),
        priority=Priority.URGENT,
        due_at=now,
        expires_at=expires_at,
        secret=secret,
    )
    channels.queue(draft, now=now)


def check_link(*, token: str, now: datetime) -> Address:
    """Return the address a link is for; changes nothing, because scanners of letters open links.

    Raises:
        Conflict: `address_link_expired`: cut off, made up, too old, or the address was taken away.
    """
    address_id = links.read(token, now=now)
    found = queries.kept(Address.objects.filter(pk=address_id)).select_related("user").first()
    if found is None:
        raise Conflict("address_link_expired")
    return found


@transaction.atomic
def confirm(*, token: str, now: datetime) -> Address:
    """Let messages go to an e-mail address from now on; whoever holds the link reads its mailbox. Twice does no harm.

    Raises:
        Conflict: as `check_link`.
    """
    row = check_link(token=token, now=now)
    news = Q(confirmed_at=None) | Q(ended_at__isnull=False)  # it may have been thought gone, and is not
    Address.objects.filter(news, pk=row.pk, removed_at=None).update(confirmed_at=now, ended_at=None)
    row.refresh_from_db()
    return row


@transaction.atomic
def send_test(*, actor: Actor, address_id: UUID, now: datetime) -> Address:
    """Send a test message to one address alone.

    Raises:
        NotFound, Unauthenticated, Forbidden: see `policies.own_addresses`.
        TooMany: `tests_too_fast` with `retry_after` seconds.
    """
    row = locked(queries.reachable(policies.own_addresses(actor)), pk=address_id)
    limit = Limit(what="address-test", subject=str(row.user_id), most=5, window=TEST_OF_USE)
    limits.spend([limit], code="tests_too_fast")
    with override(row.user.language):
        text = gettext("This is a test: messages arrive here.")
    _write(row, AboutAddress.TEST, text, expires_at=now + TEST_OF_USE, now=now)
    return row


@transaction.atomic
def remove(*, actor: Actor, address_id: UUID, now: datetime) -> Address:
    """Send nothing there any more; for an hour it can be put back, then it is forgotten.

    Raises:
        NotFound, Unauthenticated, Forbidden: see `policies.own_addresses`.
    """
    row = locked(queries.kept(policies.own_addresses(actor)), pk=address_id)
    row.removed_at = now
    row.save(update_fields=["removed_at"])
    return row


@transaction.atomic
def put_back(*, actor: Actor, address_id: UUID, now: datetime) -> Address:
    """Undo `remove`; twice does no harm.

    Raises:
        NotFound, Unauthenticated, Forbidden: see `policies.own_addresses`; taken away too long ago.
        Invalid: `too_many_addresses` beside `address`: others were added meanwhile.
    """
    _one_at_a_time(actor.person)
    row = queries.address(policies.own_addresses(actor), address_id, now=now)
    _demand_room(row.user_id, row.channel, but_for=row.digest)
    row.removed_at = None
    row.save(update_fields=["removed_at"])
    return row


def tidy(*, now: datetime) -> int:
    """Forget what was taken away, browsers that are gone, and e-mail addresses that nobody confirmed for a week.

    Returns:
        How many.
    """
    removed = Q(removed_at__lt=now - queries.PUT_BACK_WITHIN)
    gone = Q(channel=ChannelName.PUSH, ended_at__isnull=False)
    unconfirmed = Q(confirmed_at=None, created_at__lt=now - UNCONFIRMED_FOR)
    return Address.objects.filter(removed | gone | unconfirmed).delete()[0]
