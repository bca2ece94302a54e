"""Sign-in by phone code, for both faces: ask for a code, redeem it, hold a token.

Why not allauth's own code flow: it counts wrong guesses in the session as `+= 1`, so a hundred parallel guesses
race past the limit. Here one UPDATE counts and decides. Sessions, passwords and second factors stay allauth's.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX as UNUSABLE
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext, override
from oauth2_provider.models import get_access_token_model, set_token_value

from mobilize.accounts import code_limits, queries
from mobilize.accounts.backends import people
from mobilize.accounts.models import Challenge, User
from mobilize.channels import services as channels
from mobilize.channels.states import Priority
from mobilize.core import actor as actors
from mobilize.core.crypto import digits, keyed_hash, same
from mobilize.core.errors import Conflict, Invalid, TooMany
from mobilize.core.ids import uuid7
from mobilize.core.locks import one_at_a_time
from mobilize.core.phones import BadPhone, normalised
from mobilize.core.texts import fault_of_name
from mobilize.outbox import services as outbox

CODE_DIGITS = 6
CODE_LASTS = timedelta(minutes=5)
MOST_GUESSES = 5
PAUSE_BETWEEN_CODES = timedelta(seconds=60)
MOST_CODES_AN_HOUR = 6
TOKEN_LASTS = timedelta(days=30)
OFFICER_TOKEN_LASTS = timedelta(hours=12)


def phone_or_invalid(typed: str, *, field: str = "phone") -> str:
    """Return the number in E.164.

    Raises:
        Invalid: `bad_phone` beside `field`.
    """
    try:
        return normalised(typed)
    except BadPhone:
        raise Invalid({field: ["bad_phone"]}) from None


def request_code(
    *, phone: str, now: datetime, address: str = "", language: str = "zh-hans", proof: str = ""
) -> Challenge:
    """Send a sign-in code. The answer is the same for known and unknown numbers.

    Args:
        phone: as typed.
        now: current time.
        address: where the request came from, for the limits by address and network.
        language: of the message.
        proof: of work, when an earlier answer asked for it.
    Returns:
        The challenge to redeem together with the code.
    Raises:
        Invalid: `bad_phone`.
        TooMany: `codes_too_fast` with `retry_after` seconds: within a minute, over 6 an hour for one number, or
            over a limit that many share (see `code_limits`); `proof_required` with `challenge` besides.
    """
    number = phone_or_invalid(phone)
    asked: Any = {"number": number, "address": address, "proof": proof, "now": now}
    code_limits.demand(**asked)
    code = digits(CODE_DIGITS)
    with transaction.atomic():
        one_at_a_time(f"challenge:{number}")
        _limit_number(number, now)
        code_limits.spend(**asked)
        challenge_id = uuid7()
        challenge = Challenge.objects.create(
            id=challenge_id,
            phone=number,
            code_hash=keyed_hash(str(challenge_id), code),
            expires_at=now + CODE_LASTS,
            created_at=now,
        )
        known = User.objects.filter(phone=number).first()
        with override(language):
            body = gettext("Your Mobilize code is %(code)s. It is valid for 5 minutes. Give it to nobody.") % {
                "code": code
            }
        # the last line lets the browser type the code by itself (https://wicg.github.io/sms-one-time-codes/)
        body += f"\n@{urlsplit(settings.PUBLIC_URL).hostname} #{code}"
        draft = channels.Draft(
            kind="sign_in_code",
            phone=number,
            body=body,
            facts={"code": code},
            language=language,
            subject_id=challenge.pk,
            recipient_id=known.pk if known else None,
            invented=bool(known and known.is_invented),
            due_at=now,
            expires_at=challenge.expires_at,
            priority=Priority.CODE,
            secret=True,
        )
        channels.queue(draft, now=now)
    return challenge


def _limit_number(number: str, now: datetime) -> None:
    recent = list(
        queries.challenges_of(number)
        .filter(created_at__gt=now - timedelta(hours=1))
        .values_list("created_at", flat=True)[:MOST_CODES_AN_HOUR]
    )
    free_at = now
    if recent:
        free_at = recent[0] + PAUSE_BETWEEN_CODES
    if len(recent) == MOST_CODES_AN_HOUR:
        free_at = max(free_at, recent[-1] + timedelta(hours=1))
    if free_at > now:
        raise TooMany("codes_too_fast", retry_after=int((free_at - now).total_seconds()) + 1)


def redeem_code(*, challenge_id: UUID, code: str, now: datetime) -> User:
    """Return the person who typed the code; a new number becomes a new person.

    Args:
        challenge_id: from `request_code`.
        code: six digits as typed, full-width digits and blanks allowed.
        now: current time.
    Raises:
        Conflict: `code_expired`: unknown, too old, used before, or guessed wrong five times.
        Invalid: `wrong_code` beside `code`, with `guesses_left`.
        Conflict: `account_closed`.
    """
    return _used(_guessed(challenge_id, code, now), now)


def _guessed(challenge_id: UUID, code: str, now: datetime) -> Challenge:
    """Count a guess and return the challenge when it is right."""
    # The guess is counted before it is looked at, in one statement: parallel guesses cannot share a count.
    live = Challenge.objects.filter(pk=challenge_id, used_at__isnull=True, expires_at__gt=now, guesses__lt=MOST_GUESSES)
    if not live.update(guesses=F("guesses") + 1):
        raise Conflict("code_expired")
    challenge = Challenge.objects.get(pk=challenge_id)
    typed = "".join(str(int(sign)) for sign in code if sign.isdecimal())
    if not same(challenge.code_hash, keyed_hash(str(challenge_id), typed)):
        raise Invalid({"code": ["wrong_code"]}, guesses_left=_left(challenge))
    return challenge


def is_used_up(*, challenge_id: UUID) -> bool:
    """Tell whether a code was guessed wrong as often as is allowed."""
    return Challenge.objects.filter(pk=challenge_id, guesses__gte=MOST_GUESSES).exists()


def _left(challenge: Challenge) -> int:
    return max(MOST_GUESSES - challenge.guesses, 0)


def _used(challenge: Challenge, now: datetime) -> User:
    """Use a challenge up and return its person."""
    if not Challenge.objects.filter(pk=challenge.pk, used_at__isnull=True).update(used_at=now):
        raise Conflict("code_expired")
    user, _ = User.objects.select_related("merged_into").get_or_create(
        phone=challenge.phone, defaults={"date_joined": now}
    )
    user = user.owner
    if not user.is_active:
        raise Conflict("account_closed")
    return user


@dataclass(frozen=True)
class Token:
    """A bearer token for the API."""

    token: str
    expires_at: datetime


def issue_token(*, user: User, now: datetime, second_factor: bool = False) -> Token:
    """Give a signed-in person a bearer token for the API.

    Args:
        user: who.
        now: current time.
        second_factor: True when a TOTP code was shown too; officer rights come with nothing less.
    """
    scopes = f"{actors.WORKER} {actors.OFFICER}" if second_factor else actors.WORKER
    raw = secrets.token_urlsafe(32)
    expires_at = now + (OFFICER_TOKEN_LASTS if second_factor else TOKEN_LASTS)
    token = get_access_token_model()(user=user, expires=expires_at, scope=scopes)
    set_token_value(token, raw)
    token.save()
    return Token(token=raw, expires_at=expires_at)


def revoke_token(*, token_id: int) -> None:
    """Sign out of the API: the token opens nothing any more."""
    get_access_token_model().objects.filter(pk=token_id).delete()


def sign_in(*, challenge_id: UUID, code: str, now: datetime, totp: str = "") -> Token:
    """Exchange a code for a bearer token; with a valid TOTP code the token carries officer rights.

    Raises:
        Conflict, Invalid: as `redeem_code`; `wrong_totp` beside `totp` with `guesses_left`: it costs a guess, and the
            code may be sent again.
    """
    challenge = _guessed(challenge_id, code, now)
    if totp and not _totp_is_right(challenge.phone, totp):
        raise Invalid({"totp": ["wrong_totp"]}, guesses_left=_left(challenge))
    user = _used(challenge, now)
    User.objects.filter(pk=user.pk).update(last_login=now)
    return issue_token(user=user, now=now, second_factor=bool(totp))


def _totp_is_right(phone: str, totp: str) -> bool:
    hers = Q(user__phone=phone) | Q(user__aliases__phone=phone)
    authenticator = Authenticator.objects.filter(hers, type=Authenticator.Type.TOTP).first()
    return authenticator is not None and authenticator.wrap().validate_code(totp)


def rename(*, user_id: UUID, name: str) -> None:
    """Correct a person's name.

    Raises:
        Invalid: `required`, `too_long`, `bad_text` beside `name`.
        Conflict: `account_closed`.
    """
    if fault := fault_of_name(name):
        raise Invalid({"name": [fault]})
    if not User.objects.filter(pk=user_id, is_active=True).update(name=name.strip()):
        raise Conflict("account_closed")


def take_sms(*, actor: actors.Actor, on: bool, now: datetime) -> None:
    """Send the actor SMS or none but the codes she asks for.

    Args:
        actor: the signed-in person.
        on: whether she wants them.
        now: current time.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: a closed account.
    """
    phone = str(queries.user(user_id=actor.person).phone)
    if on:
        channels.subscribe(phone=phone)
    else:
        channels.unsubscribe(phone=phone, by_reply=False, now=now)


def speak(*, user_id: UUID, language: str) -> None:
    """Write to a person in this language from now on.

    Args:
        user_id: who.
        language: a code of settings.LANGUAGES.
    """
    User.objects.filter(pk=user_id).exclude(language=language).update(language=language)


def become(*, user_id: UUID, other_id: UUID) -> None:
    """Let a number lead to another person from now on; who was signed in with it is signed out.

    Args:
        user_id: whose number; numbers that led to her lead on.
        other_id: the person who stays.
    """
    get_access_token_model().objects.filter(user_id=user_id).delete()
    Authenticator.objects.filter(user_id=user_id).delete()
    User.objects.filter(merged_into_id=user_id).update(merged_into_id=other_id)
    User.objects.filter(pk=user_id).update(merged_into_id=other_id, is_active=False, password=UNUSABLE)
    people.drop(user_id)


def erase(*, user_id: UUID) -> None:
    """Close an account: the person's name and number go, from codes and messages too. Runs inside a transaction.

    What hangs on the person elsewhere (places, the roster of a fleet) is given up by those who hear `user.erased`.

    Args:
        user_id: who.
    """
    for alias_id in User.objects.filter(merged_into_id=user_id).values_list("pk", flat=True):
        _forget(alias_id)
    _forget(user_id)
    outbox.record("user.erased", user_id)


def _forget(user_id: UUID) -> None:
    get_access_token_model().objects.filter(user_id=user_id).delete()
    Authenticator.objects.filter(user_id=user_id).delete()
    user = User.objects.get(pk=user_id)
    # 00 is no country's code: the row keeps its unique number without being anybody's.
    nobody = f"+00{user_id.int % 10**15:015d}"
    Challenge.objects.filter(phone=user.phone).delete()
    channels.forget_person(user_id=user_id, phone=str(user.phone), replacement=nobody)
    User.objects.filter(pk=user_id).update(name="", phone=nobody, is_active=False, password=UNUSABLE, merged_into=None)
    people.drop(user_id)


def tidy(*, now: datetime) -> int:
    """Delete sign-in codes older than a day: nothing needs them any more.

    Returns:
        How many.
    """
    return Challenge.objects.filter(created_at__lt=now - timedelta(days=1)).delete()[0]
