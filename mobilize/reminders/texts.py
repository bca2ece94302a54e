"""Which text each message has, with its facts, in the recipient's language.

What somebody typed (a name, a group's name) never opens a message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, override

from mobilize.dispatch import links
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import OfferStatus, SearchStep
from mobilize.reminders.digests import Digest
from mobilize.reminders.models import Reminder
from mobilize.reminders.rules import Wordings
from mobilize.reminders.standards import Rule
from mobilize.reminders.states import (
    ABOUT_OFFERS,
    ABOUT_SEARCHES,
    ABOUT_SWAPS,
    ABOUT_TRIPS,
    OF_A_DUTY,
    WRITTEN_AHEAD,
    ReminderKind,
)
from mobilize.reminders.subjects import Concern, Subjects
from mobilize.signups.models import Signup, SignupGroup, SwapProposal
from mobilize.signups.states import ProposalStatus, SignupStatus
from mobilize.tasks.models import Flight, Shift, Task

Facts = dict[str, str]
Said = tuple[str, Facts]  # which of the kind's texts, and what stands in it
AN_HOUR, MORE_OR_LESS, MOMENT = timedelta(hours=1), timedelta(minutes=10), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Text:
    """What is said, and in whose name.

    Attributes:
        body: in the recipient's language.
        late_body: what is said instead once it is late; empty when that makes no difference.
        facts: the values that stand in it, by name.
        union_id: whose matter it is, so whose officers may read of it.
        campaign_id: what it is part of, so whose budget it is; None for what belongs to no campaign.
        variant, late_variant: which of the kind's texts they are; empty for the usual one.
    """

    body: str
    late_body: str
    facts: Facts
    union_id: UUID
    campaign_id: UUID | None
    variant: str
    late_variant: str


def compose_many(
    reminders: Sequence[Reminder], *, rule_of: Mapping[ReminderKind, Rule], now: datetime
) -> dict[UUID, Text]:
    """Write the messages of some reminders, each in its recipient's language.

    Args:
        reminders: any mix, each with its `user` loaded; the number of queries does not depend on how many.
        rule_of: the rules of all kinds: from when on a message is late.
        now: they leave then or at their time, if that comes later; what is late says how things stand then.
    Returns:
        The texts by the reminder's id; left out is one whose subject is gone or needs no answer any more.
    """
    if not reminders:
        return {}
    subjects, wordings = Subjects(reminders), Wordings()
    texts = {}
    for reminder in reminders:
        kind = ReminderKind(reminder.kind)
        with override(reminder.user.language):
            found = _find(reminder, subjects, max(now, reminder.due_at))
            if found is None or found.said is None:
                continue
            variant, facts = found.said
            language = get_language() or ""
            body = wordings.say(kind, variant, language, facts)
            late_after, late_body, late = rule_of[kind].late_after(reminder.due_at), "", variant
            if late_after and kind in WRITTEN_AHEAD:
                late = _before_duty(kind, subjects.signups[reminder.subject_id].shift, late_after + MOMENT)
                late_body = wordings.say(kind, late, language, facts) if late != variant else ""
        texts[reminder.pk] = Text(body, late_body, facts, found.union_id, found.campaign_id, variant, late)
    return texts


@dataclass(frozen=True, slots=True)
class _Found:
    said: Said | None
    union_id: UUID
    campaign_id: UUID | None


def _find(reminder: Reminder, subjects: Subjects, now: datetime) -> _Found | None:
    kind, subject_id = ReminderKind(reminder.kind), reminder.subject_id
    if kind in ABOUT_OFFERS:
        offer = subjects.offers.get(subject_id)
        return _of(offer.task, _about_offer(kind, offer, reminder.user_id)) if offer else None
    if kind in ABOUT_TRIPS:
        trip = subjects.trips.get(subject_id)
        return _of(trip.task, _about_trip(trip)) if trip else None
    if kind in ABOUT_SEARCHES:
        task = subjects.searched.get(subject_id)
        return _of(task, _about_search(kind, task)) if task else None
    if kind == ReminderKind.FLIGHT_MOVED:
        flight = subjects.flights.get(subject_id)
        concern = subjects.concerns[subject_id, reminder.user_id]
        return _of(concern.task, _about_flight(flight, concern, reminder.user_id, now)) if flight else None
    if kind == ReminderKind.SHORT:
        return _about_short(subjects.short.get(reminder.pk, []), now)
    if kind == ReminderKind.DIGEST:
        digest = subjects.digests.get(subject_id)
        return _Found(_about_week(digest), digest.union.pk, None) if digest else None
    if kind in ABOUT_SWAPS:
        proposal = subjects.proposals.get(subject_id)
        return _of(proposal.place.shift.task, _about_swap(kind, proposal)) if proposal else None
    signup = subjects.signups.get(subject_id)
    if signup and kind == ReminderKind.HANDED_OVER:
        return _of(signup.shift.task, _about_successor(signup, subjects.successors.get(subject_id)))
    if signup:
        return _of(signup.shift.task, _about_signup(kind, signup, now, subjects.minutes.get(subject_id)))
    group = subjects.groups.get(subject_id)
    return _of(group.shift.task, _about_group(kind, group, now)) if group else None


def _of(task: Task | None, said: Said | None) -> _Found | None:
    return _Found(said, task.union_id, task.campaign_id) if task else None


def _about_signup(kind: ReminderKind, signup: Signup, now: datetime, minutes: int | None) -> Said | None:
    facts = _of_shift(signup.shift, f"signups/{signup.pk}")
    if kind in OF_A_DUTY:
        return _about_duty(kind, signup, facts, now, minutes)
    match kind:
        case ReminderKind.PROMOTED:
            if signup.status != SignupStatus.OFFERED or signup.answer_by is None:
                return None
            facts["until"] = _moment(signup.answer_by, now)
            if signup.group and signup.group.leader:
                return "member", facts | {"group": signup.group.name, "leader": signup.group.leader.name}
        case ReminderKind.ENROLLED:
            by = signup.signed_up_by
            facts["who"] = by.name if by and by.name else signup.shift.task.union.name
            if signup.status == SignupStatus.WAITLISTED:
                return "waiting", facts
        case ReminderKind.CLOSED:
            return _stays_if(signup.status == SignupStatus.CONFIRMED), facts
    return "", facts


def _about_successor(signup: Signup, name: str | None) -> Said | None:
    return ("", _of_shift(signup.shift, f"signups/{signup.pk}") | {"who": name}) if name else None


def _about_swap(kind: ReminderKind, proposal: SwapProposal) -> Said | None:
    mine, theirs = proposal.place.shift, proposal.in_return.shift
    if kind == ReminderKind.SWAP_DECLINED:
        stays = proposal.in_return.status == SignupStatus.CONFIRMED
        return ("", _of_shift(theirs, f"signups/{proposal.in_return_id}")) if stays else None
    if proposal.status != ProposalStatus.OPEN:
        return None
    start = _start(theirs.starts_at)
    return "", _of_shift(mine, f"signups/{proposal.place_id}/swap") | {
        "who": proposal.in_return.worker.user.name,
        "other": f"{start['day']} {start['time']} {theirs.post.site.name}",
    }


def _about_duty(kind: ReminderKind, signup: Signup, facts: Facts, now: datetime, minutes: int | None) -> Said | None:
    """Before it, how things stand; afterwards thanks for the minutes recorded, else for those planned."""
    if signup.status not in {SignupStatus.CONFIRMED, SignupStatus.ATTENDED}:
        return None
    shift = signup.shift
    if kind == ReminderKind.DONE:
        hours = (shift.ends_at - shift.starts_at if minutes is None else timedelta(minutes=minutes)) / AN_HOUR
        return "", facts | {"hours": f"{hours:.1f}".removesuffix(".0"), "link": f"{settings.PUBLIC_URL}/me/"}
    return _before_duty(kind, shift, now), facts


def _before_duty(kind: ReminderKind, shift: Shift, now: datetime) -> str:
    """Which text depends on how long it is until the start: late or early, it says how things stand."""
    if kind == ReminderKind.HOUR_BEFORE:
        return "" if abs(shift.starts_at - now - AN_HOUR) <= MORE_OR_LESS else "other"
    days = (timezone.localtime(shift.starts_at).date() - timezone.localtime(now).date()).days
    return {0: "today", 1: ""}.get(days, "early")


def _stays_if(stays: bool) -> str:
    return "stays" if stays else "goes"


def _about_group(kind: ReminderKind, group: SignupGroup, now: datetime) -> Said | None:
    """To the leader, about the whole group; None when there is nothing to answer any more."""
    facts = _of_shift(group.shift, f"groups/{group.pk}") | {"group": group.name}

    def those(status: SignupStatus) -> list[Signup]:
        return [signup for signup in group.signups.all() if signup.status == status]

    match kind:
        case ReminderKind.CLOSED:
            return _stays_if(bool(those(SignupStatus.CONFIRMED))), facts
        case ReminderKind.PROMOTED:
            asked = those(SignupStatus.OFFERED)
            if not asked or asked[0].answer_by is None:
                return None
            facts |= {"n": str(len(asked)), "until": _moment(asked[0].answer_by, now)}
        case ReminderKind.LAST_CALL:
            waiting = those(SignupStatus.WAITLISTED)
            if not waiting or len(waiting) > group.shift.left:
                return None
            facts["n"] = str(len(waiting))
    return "group", facts


def _about_short(shifts: Sequence[Shift], now: datetime) -> _Found | None:
    open_ones = [shift for shift in shifts if shift.left and not shift.called_off_at and shift.starts_at > now]
    if not open_ones:
        return None
    first, empty = open_ones[0], str(sum(shift.left for shift in open_ones))
    if len(open_ones) == 1:
        facts = _of_shift(first, f"desk/shifts/{first.pk}") | {"n": empty, "places": str(first.places)}
        return _of(first.task, ("", facts))
    facts = _of_shift(first, "desk") | {"n": empty, "shifts": str(len(open_ones))}
    return _of(first.task, ("several", facts))


def _about_offer(kind: ReminderKind, offer: Offer, user_id: UUID) -> Said | None:
    facts = _of_task(offer.task)
    if kind == ReminderKind.OFFER_CALLED_BACK:
        return "", facts
    if offer.status != OfferStatus.OFFERED:
        return None
    return "", facts | {
        "count": str(offer.vehicles_offered),
        "site": offer.task.site.name,
        "until": timezone.localtime(offer.expires_at).strftime("%H:%M"),
        "link": links.link(offer_id=offer.pk, user_id=user_id),
    }


def _about_search(kind: ReminderKind, task: Task) -> Said | None:
    step = SearchStep.RED if kind == ReminderKind.RED else SearchStep.LEADERS
    if task.search.step != step:
        return None
    return "", _of_task(task) | {
        "n": str(task.vehicles_left),
        "link": f"{settings.PUBLIC_URL}/desk/tasks/{task.pk}/",
    }


def _about_trip(trip: Trip) -> Said:
    return "", _start(trip.starts_at) | {
        "title": trip.task.title,
        "site": trip.task.site.name,
        "plate": trip.vehicle.plate,
        "link": f"{settings.PUBLIC_URL}/trips/{trip.pk}/",
    }


def _about_flight(flight: Flight, concern: Concern, user_id: UUID, now: datetime) -> Said | None:
    """What a moved flight means for one person: when she drives or would drive now, or that she need not.

    None when none of these concerns her any more.
    """
    facts = {"number": flight.number, "arrival": _moment(flight.arrives_at, now)}
    trip, broken_off, offer = concern.trip, concern.broken_off, concern.offer
    moved = [(each.starts_at, each.task.site.name) for each in concern.trips]
    if trip and offer:
        moved.append((offer.task.starts_at, offer.task.site.name))
    if len(moved) > 1 and not broken_off:
        listed = [f"{_moment(starts_at, now)} {site}" for starts_at, site in sorted(moved)]
        link = f"{settings.PUBLIC_URL}/me/{'offers' if offer else 'trips'}/"
        return "several", facts | {"n": str(len(listed)), "trips": "; ".join(listed), "link": link}
    if trip:
        facts |= {
            "plate": trip.vehicle.plate,
            "start": _moment(trip.starts_at, now),
            "site": trip.task.site.name,
            "link": f"{settings.PUBLIC_URL}/trips/{trip.pk}/",
        }
        if not broken_off:
            return "trip", facts
        return "instead", facts | {"was": _moment(broken_off.starts_at, now), "from": broken_off.task.site.name}
    if broken_off:
        return "gone", facts | {"plate": broken_off.vehicle.plate}
    if offer is None:
        return None
    link = links.link(offer_id=offer.pk, user_id=user_id)
    return "offer", facts | {"start": _moment(offer.task.starts_at, now), "link": link}


def _about_week(digest: Digest) -> Said | None:
    if not digest.shifts and not digest.lost:
        return None
    return "", {
        "week": f"{_day(digest.first)}–{_day(digest.last)}",
        "union": digest.union.name_en if get_language() == "en" and digest.union.name_en else digest.union.name,
        "shifts": f"{digest.shifts:,}",
        "people": f"{digest.people:,}",
        "hours": f"{digest.hours:,}",
        "unfilled": f"{digest.unfilled:,}",
        "lost": f"{digest.lost:,}",
        "link": f"{settings.PUBLIC_URL}/desk/",
    }


def _of_shift(shift: Shift, page: str) -> Facts:
    return _start(shift.starts_at) | {
        "site": shift.post.site.name,
        "post": shift.post.get_kind_display(),
        "address": shift.post.site.address,
        "link": f"{settings.PUBLIC_URL}/{page}/",
    }


def _of_task(task: Task) -> Facts:
    return {"title": task.title} | _start(task.starts_at)


def _start(moment: datetime) -> Facts:
    local = timezone.localtime(moment)
    return {"day": _day(local), "time": local.strftime("%H:%M")}


def _day(day: date) -> str:
    return _day_in(day.year, day.month, day.day, get_language() or "")


@lru_cache(maxsize=1000)
def _day_in(year: int, month: int, day: int, language: str) -> str:
    """Kept, because hundreds of messages of a batch name the same day."""
    return date_format(date(year, month, day), "MONTH_DAY_FORMAT")


def _moment(moment: datetime, now: datetime) -> str:
    """Return a time of day, with the day unless it is today."""
    local = timezone.localtime(moment)
    clock = local.strftime("%H:%M")
    return clock if local.date() == timezone.localtime(now).date() else f"{_day(local)} {clock}"
