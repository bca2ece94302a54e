"""What a reply by SMS does: the same as the link in the message it answers, or the end of messages by SMS."""

import unicodedata
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from mobilize.accounts.models import User
from mobilize.channels import services as channels
from mobilize.channels.models import Delivery, Inbound
from mobilize.channels.states import REPLY, ChannelName, DeliveryStatus, Priority
from mobilize.core.actor import WORKER, Actor
from mobilize.core.errors import DomainError
from mobilize.core.locks import one_at_a_time
from mobilize.dispatch import queries as dispatch
from mobilize.dispatch import services as offers
from mobilize.dispatch.models import Offer
from mobilize.dispatch.states import OfferStatus
from mobilize.reminders.states import ReminderKind
from mobilize.signups import services as signups
from mobilize.signups import waiting
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus

MOST_ANSWERS = 5  # an hour to one number: a machine that answers ours must come to an end
ANSWER_OF_USE = timedelta(hours=1)
QUESTION_LASTS = timedelta(hours=24)
GIVEN_BACK = SignupStatus.WITHDRAWN
PLACES = {ReminderKind.PROMOTED: SignupStatus.OFFERED, ReminderKind.LAST_CALL: SignupStatus.WAITLISTED}
# "Cannot come?" they ask, so a no gives the place back; a yes is thanked for and changes nothing
DUTIES = {
    ReminderKind.CONFIRMED,
    ReminderKind.ENROLLED,
    ReminderKind.EVENING_BEFORE,
    ReminderKind.HOUR_BEFORE,
    ReminderKind.MOVED,
}


class Meaning(Enum):
    """What somebody wants."""

    YES = auto()
    NO = auto()
    STOP = auto()
    START = auto()


WORDS = {
    Meaning.YES: {"1", "来", "我来", "会来", "能来", "是", "好", "好的", "y", "yes"},
    Meaning.NO: {
        "2", "不来", "不来了", "我不来", "我不来了", "来不了", "我来不了", "来不了了", "去不了", "不去了", "不能来",
        "否", "不", "n", "no",
    },
    Meaning.STOP: {"td", "t", "退订", "unsubscribe", "stop"},
    Meaning.START: {"hf", "恢复", "恢复订阅", "start"},
}  # fmt: skip


def meaning(text: str) -> Meaning | None:
    """Return what a reply means, None for anything else; width, case, spaces and signs do not matter."""
    narrow = unicodedata.normalize("NFKC", text).lower()
    plain = "".join(sign for sign in narrow if sign.isalnum())
    return next((wish for wish, words in WORDS.items() if plain in words), None)


def answer(*, reply_id: UUID, now: datetime) -> None:
    """Do what somebody wrote, and tell her what was done. Must run inside a transaction.

    What the same number wrote before and nobody has answered yet comes first: of two words the last one holds.

    Args:
        reply_id: of an `Inbound` row.
        now: current time.
    """
    reply = Inbound.objects.get(pk=reply_id)
    one_at_a_time(f"replies:{reply.phone}")
    waiting = Inbound.objects.filter(phone=reply.phone, answered_at=None, created_at__lte=reply.created_at)
    for one in waiting.order_by("created_at", "pk"):
        if (one.created_at, one.pk) <= (reply.created_at, reply.pk):
            _answer(one, now)
    waiting.filter(Q(created_at__lt=reply.created_at) | Q(pk__lte=reply.pk)).update(answered_at=now)


def _answer(reply: Inbound, now: datetime) -> None:
    wish, phone = meaning(reply.text), str(reply.phone)
    if wish == Meaning.STOP:
        channels.unsubscribe(phone=phone, by_reply=True, now=now)
    if wish == Meaning.START:
        channels.subscribe(phone=phone)
    known = User.objects.select_related("merged_into").filter(phone=phone).first()
    if known is None or not known.owner.is_active:
        return
    with override(known.owner.language):
        _tell(known.owner, reply, _done(wish, known.owner, phone, now), now)


def _done(wish: Meaning | None, person: User, phone: str, now: datetime) -> str:
    """Do it; return what was done, or why not, in the language that is active."""
    if wish is None:
        return gettext("We did not understand. Reply 1 for yes, 2 for no, TD to get no more messages.")
    if wish == Meaning.STOP:
        return gettext("You get no more SMS from us but codes you ask for. To get them again reply HF.")
    if wish == Meaning.START:
        return gettext("You get messages by SMS again.")
    done, yes = "", wish == Meaning.YES
    asked = _newest_question(phone, now)
    nothing = gettext("There is nothing to answer now. Your duties: %(link)s")
    try:
        if asked:
            done = _answer_one(ReminderKind(asked.kind), asked.subject_id, person, yes, now)
    except DomainError:
        nothing = gettext("That is not possible any more. See %(link)s")
    return done or nothing % {"link": f"{settings.PUBLIC_URL}/me/"}


def _newest_question(phone: str, now: datetime) -> Delivery | None:
    """Return the message that a yes or a no answers: the last that left, never an older one behind it."""
    kinds = {ReminderKind.OFFER, *PLACES, *DUTIES}
    sent = Delivery.objects.filter(phone=phone, kind__in=kinds, created_at__gt=now - QUESTION_LASTS)
    return sent.exclude(status=DeliveryStatus.QUEUED).order_by("-created_at", "-pk").first()


def _answer_one(kind: ReminderKind, subject_id: UUID, person: User, yes: bool, now: datetime) -> str:
    """Answer what one message asked; return what was done, nothing when it is not open any more."""
    actor = Actor(user_id=person.pk, scopes=frozenset({WORKER}))
    if kind == ReminderKind.OFFER:
        return _answer_offer(actor, subject_id, yes, now)
    about = Signup.objects.filter(pk=subject_id) | Signup.objects.filter(group=subject_id)
    about = about.select_related("shift__post__site").filter(shift__starts_at__gt=now)
    if kind in PLACES:
        return _answer_place(actor, about.filter(status=PLACES[kind]).first(), yes, now)
    own = about.filter(worker__user=person).first()
    if own is None or own.status not in ({SignupStatus.CONFIRMED} if yes else {SignupStatus.CONFIRMED, GIVEN_BACK}):
        return ""
    if yes:
        return gettext("Thank you, see you there: %(duty)s.") % {"duty": _named(own)}
    signups.withdraw(actor=actor, signup_id=own.pk, now=now)  # said once more it changes nothing
    return gettext("Your place is given back: %(duty)s.") % {"duty": _named(own)}


def _named(signup: Signup) -> str:
    start = timezone.localtime(signup.shift.starts_at)
    return f"{date_format(start, 'MONTH_DAY_FORMAT')} {start:%H:%M} {signup.shift.post.site.name}"


def _answer_offer(actor: Actor, offer_id: UUID, yes: bool, now: datetime) -> str:
    offer = Offer.objects.filter(pk=offer_id, status=OfferStatus.OFFERED).select_related("task").first()
    if offer is None:
        return ""
    if not yes:
        offers.decline(actor=actor, offer_id=offer_id, now=now)
        return gettext("Declined: %(title)s.") % {"title": offer.task.title}
    vehicles = dispatch.most_to_accept(offer, now=now)
    offers.accept(actor=actor, offer_id=offer_id, vehicles=vehicles, now=now)
    return gettext("Accepted with %(n)s vehicles: %(title)s.") % {"n": vehicles, "title": offer.task.title}


def _answer_place(actor: Actor, signup: Signup | None, yes: bool, now: datetime) -> str:
    if signup is None:
        return ""
    facts = {"duty": _named(signup)}
    if yes:
        waiting.accept(actor=actor, signup_id=signup.pk, now=now)
        return gettext("You have the place: %(duty)s.") % facts
    waiting.decline(actor=actor, signup_id=signup.pk, now=now)
    return gettext("The place goes to somebody else: %(duty)s.") % facts


def _tell(person: User, reply: Inbound, text: str, now: datetime) -> None:
    told = Delivery.objects.filter(kind=REPLY, phone=reply.phone, created_at__gt=now - timedelta(hours=1)).count()
    if told >= MOST_ANSWERS:
        return
    draft = channels.Draft(
        kind=REPLY,
        phone=str(reply.phone),
        body=text,
        language=person.language,
        subject_id=reply.pk,
        recipient_id=person.pk,
        invented=person.is_invented,
        channels=(ChannelName.SMS,),
        priority=Priority.URGENT,
        due_at=now,
        expires_at=now + ANSWER_OF_USE,
    )
    channels.queue(draft, now=now)
