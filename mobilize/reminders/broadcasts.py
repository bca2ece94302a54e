"""Bulk messages: written, checked with what they cost, sent bit by bit, paused, gone on with, cancelled."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from mobilize.accounts.models import User
from mobilize.campaigns.models import Campaign
from mobilize.channels import budget, quiet, roads
from mobilize.channels import services as channels
from mobilize.channels.models import Delivery, Unsubscribed
from mobilize.channels.states import UNDER_WAY, ChannelName, Priority
from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.errors import Invalid
from mobilize.core.nudges import nudge
from mobilize.core.texts import is_plain
from mobilize.fleets.models import Fleet
from mobilize.reminders import policies, queries
from mobilize.reminders.models import Broadcast
from mobilize.reminders.states import Audience, BroadcastStatus
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.unions import queries as unions
from mobilize.workers.models import Worker

FAN_OUT = "reminders.fan_out"
KIND = "broadcast"
CHUNK = 500
MOST_AHEAD = 2000  # messages of one that wait for a sender, so that a pause is felt at once
LASTS = timedelta(hours=24)
SOON = timedelta(hours=48)
LONGEST, LONGEST_EN = 300, 500


@transaction.atomic
def write(
    *,
    actor: Actor,
    union_id: UUID,
    audience: str,
    text: str,
    text_en: str = "",
    urgent: bool = False,
    campaign_id: UUID | None = None,
    now: datetime,
) -> Broadcast:
    """Write a bulk message down as a draft; nothing leaves before `start`.

    Args:
        actor: an administrator of the union.
        union_id: in whose name, and whose branch it goes to.
        audience: see `Audience`.
        text: Chinese, without the sender, at most 300 signs.
        text_en: for those who read English, at most 500; empty: they get the Chinese one.
        urgent: whether it leaves in quiet hours too.
        campaign_id: whose people `pledged` asks for, and whose budget it is if its union is of the branch.
        now: current time.
    Raises:
        NotFound, Forbidden: see `policies.demand_writing`.
        Invalid: `required`, `too_long`, `bad_text`, `unknown_choice`, each beside its field.
    """
    policies.demand_writing(actor, union_id)
    text, text_en = (" ".join(typed.split()) for typed in (text, text_en))  # an SMS has no paragraphs
    faults = {"text": _fault(text, LONGEST), "text_en": _fault(text_en, LONGEST_EN) if text_en else ""}
    faults["audience"] = "" if audience in Audience.values else "unknown_choice"
    known = campaign_id is None or Campaign.objects.filter(pk=campaign_id).exists()
    if not known or (audience == Audience.PLEDGED and campaign_id is None):
        faults["campaign_id"] = "unknown_choice" if campaign_id else "required"
    if wrong := {name: [code] for name, code in faults.items() if code}:
        raise Invalid(wrong, most=LONGEST)
    return Broadcast.objects.create(
        union_id=union_id,
        campaign_id=campaign_id,
        by_id=actor.user_id,
        audience=audience,
        text=text,
        text_en=text_en,
        urgent=urgent,
        created_at=now,
    )


def _fault(text: str, longest: int) -> str:
    if not text:
        return "required"
    if len(text) > longest:
        return "too_long"
    return "" if is_plain(text) else "bad_text"


def audience(broadcast: Broadcast, *, now: datetime) -> QuerySet[User]:
    """Return the people a bulk message goes to, each once."""
    branch = unions.branch_ids([broadcast.union_id])
    people = User.objects.filter(is_active=True)
    match Audience(broadcast.audience):
        case Audience.BRANCH:
            return people.filter(pk__in=Worker.objects.filter(union__in=branch).values("user"))
        case Audience.PLEDGED:
            took_part = Worker.objects.filter(union__in=branch, pledges__campaign=broadcast.campaign_id)
            return people.filter(pk__in=took_part.values("user"))
        case Audience.ON_DUTY:
            soon = Signup.objects.filter(
                status=SignupStatus.CONFIRMED,
                shift__task__union__in=branch,
                shift__starts_at__lt=now + SOON,
                shift__ends_at__gt=now,
            )
            return people.filter(pk__in=soon.values("worker__user"))
        case Audience.LEADERS:
            return people.filter(pk__in=Fleet.objects.filter(union__in=branch).values("leader"))


@dataclass(frozen=True)
class Estimate:
    """What a bulk message would come to if it started now.

    Attributes:
        people: to whom it goes.
        by_sms: how many of them get an SMS; the others find it in their inbox.
        cost: in thousandths of a yuan.
        left_today, left_of_campaign: what the caps leave, in thousandths of a yuan; None without a cap.
    """

    people: int
    by_sms: int
    cost: int
    left_today: int | None
    left_of_campaign: int | None

    @property
    def too_dear(self) -> bool:
        """Whether a cap will keep some of it in the inbox."""
        caps = [cap for cap in (self.left_today, self.left_of_campaign) if cap is not None]
        return any(self.cost > cap for cap in caps)


def paid_by(broadcast: Broadcast) -> UUID | None:
    """Return the campaign whose budget pays for a bulk message.

    A union below may write to its own people of the city's campaign; nobody who answers for that campaign's budget
    agreed to it, so only the day's cap holds it.
    """
    if broadcast.campaign_id is None:
        return None
    branch = unions.branch_ids([broadcast.union_id])
    paying = Campaign.objects.filter(pk=broadcast.campaign_id, union__in=branch)
    return paying.values_list("pk", flat=True).first()


def estimate(broadcast: Broadcast, *, now: datetime) -> Estimate:
    """Reckon what a bulk message would come to."""
    people = audience(broadcast, now=now)
    total = people.count()
    by_sms = people.none()
    if roads.names(ChannelName.SMS):
        by_sms = people.filter(is_invented=False).exclude(phone__in=Unsubscribed.objects.values("phone"))
    counts = by_sms.aggregate(english=Count("pk", filter=Q(language="en")), all=Count("pk"))
    english = counts["english"] if broadcast.text_en else 0
    cost = (counts["all"] - english) * budget.cost(channels.SENDER + broadcast.text)
    cost += english * budget.cost(channels.SENDER + broadcast.text_en)
    campaign_id = paid_by(broadcast)
    return Estimate(
        people=total,
        by_sms=counts["all"],
        cost=cost,
        left_today=budget.left_today(now=now),
        left_of_campaign=budget.left_of_campaign(campaign_id) if campaign_id else None,
    )


def waits_until(broadcast: Broadcast, *, now: datetime) -> datetime | None:
    """Return when the quiet hours end that keep one from leaving now, None when nothing keeps it."""
    over = broadcast.status in {BroadcastStatus.DONE, BroadcastStatus.CANCELLED}
    return None if broadcast.urgent or over else quiet.morning_after(now)


def start(*, actor: Actor, broadcast_id: UUID, now: datetime) -> Broadcast:
    """Begin to send a draft.

    Raises:
        NotFound, Forbidden, Conflict: `wrong_status`.
    """
    return _move(actor, broadcast_id, BroadcastStatus.SENDING, {BroadcastStatus.DRAFT}, now)


def pause(*, actor: Actor, broadcast_id: UUID, now: datetime) -> Broadcast:
    """Stop sending for a while; what a provider has already is not called back.

    Raises:
        NotFound, Forbidden, Conflict: `wrong_status`.
    """
    return _move(actor, broadcast_id, BroadcastStatus.PAUSED, {BroadcastStatus.SENDING}, now)


def resume(*, actor: Actor, broadcast_id: UUID, now: datetime) -> Broadcast:
    """Go on with a paused one.

    Raises:
        NotFound, Forbidden, Conflict: `wrong_status`.
    """
    return _move(actor, broadcast_id, BroadcastStatus.SENDING, {BroadcastStatus.PAUSED}, now)


def cancel(*, actor: Actor, broadcast_id: UUID, now: datetime) -> Broadcast:
    """End it for good; whoever has not got it does not get it.

    Raises:
        NotFound, Forbidden, Conflict: `wrong_status`.
    """
    stoppable = {BroadcastStatus.DRAFT, BroadcastStatus.SENDING, BroadcastStatus.PAUSED}
    return _move(actor, broadcast_id, BroadcastStatus.CANCELLED, stoppable, now)


@transaction.atomic
def _move(
    actor: Actor, broadcast_id: UUID, to: BroadcastStatus, allowed_from: set[BroadcastStatus], now: datetime
) -> Broadcast:
    row = queries.broadcast(policies.broadcasts_visible_to(actor), broadcast_id)
    policies.demand_writing(actor, row.union_id)
    changes: dict[str, Any] = {}
    if row.status == BroadcastStatus.DRAFT and to == BroadcastStatus.SENDING:
        changes = {"started_at": now, "people": audience(row, now=now).count()}
    elif to == BroadcastStatus.CANCELLED:
        changes = {"finished_at": now}
    transitions.move(row, to=to, allowed_from=allowed_from, actor=actor, now=now, **changes)
    if to == BroadcastStatus.CANCELLED:
        channels.call_off(subject_id=row.pk, now=now)
    else:
        channels.hold(subject_id=row.pk, held=to == BroadcastStatus.PAUSED)
    nudge(FAN_OUT)
    return row


def fan_out(*, now: datetime) -> int:
    """Write down the next messages of every bulk message that is being sent, in chunks of 500.

    Several may run at once: a row another one holds is skipped. A message and the note how far it has come are one
    transaction, so whoever dies in between repeats nothing.

    Returns:
        How many messages were written down.
    """
    sending = Broadcast.objects.filter(status=BroadcastStatus.SENDING).order_by("created_at")
    return sum(_fan_out_one(pk, now) for pk in sending.values_list("pk", flat=True))


@transaction.atomic
def _fan_out_one(broadcast_id: UUID, now: datetime) -> int:
    held = Broadcast.objects.select_for_update(skip_locked=True, of=("self",))
    row = held.filter(pk=broadcast_id, status=BroadcastStatus.SENDING).first()
    if row is None or waits_until(row, now=now):
        return 0
    waiting = Delivery.objects.filter(subject_id=row.pk, status__in=UNDER_WAY)
    if waiting[:MOST_AHEAD].count() >= MOST_AHEAD:
        return 0
    people = audience(row, now=now).order_by("pk")
    if row.last_user_id:
        people = people.filter(pk__gt=row.last_user_id)
    chunk = list(people[:CHUNK])
    campaign_id = paid_by(row)
    channels.queue_many([_draft(row, campaign_id, person, now) for person in chunk], now=now)
    row.written += len(chunk)
    if chunk:
        row.last_user_id = chunk[-1].pk
    if len(chunk) < CHUNK and not waiting.exists():
        row.status, row.finished_at = BroadcastStatus.DONE, now
    row.save(update_fields=["written", "last_user_id", "status", "finished_at"])
    return len(chunk)


def _draft(row: Broadcast, campaign_id: UUID | None, person: User, now: datetime) -> channels.Draft:
    in_english = person.language == "en" and row.text_en
    return channels.Draft(
        kind=KIND,
        phone=str(person.phone),
        body=row.text_en if in_english else row.text,
        language="en" if in_english else settings.LANGUAGE_CODE,
        subject_id=row.pk,
        recipient_id=person.pk,
        union_id=row.union_id,
        campaign_id=campaign_id,
        invented=person.is_invented,
        priority=Priority.BULK,
        at_night=row.urgent,
        due_at=row.started_at or now,
        expires_at=now + LASTS,
    )
