"""What reminders are about, read for many of them at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from mobilize.attendance import queries as attendance
from mobilize.channels.models import Delivery
from mobilize.dispatch import queries as dispatch
from mobilize.dispatch.models import Offer, Trip
from mobilize.dispatch.states import MOVABLE, OfferStatus, TripStatus
from mobilize.reminders.digests import digests
from mobilize.reminders.models import Reminder
from mobilize.reminders.states import ABOUT_OFFERS, ABOUT_SEARCHES, ABOUT_SWAPS, ABOUT_TRIPS, ReminderKind
from mobilize.signups.models import Signup, SignupGroup, SwapProposal
from mobilize.tasks.models import Flight, Shift, Task
from mobilize.tasks.states import TaskStatus

Row = TypeVar("Row", bound=Model)
ELSEWHERE = (
    ABOUT_OFFERS
    | ABOUT_TRIPS
    | ABOUT_SEARCHES
    | ABOUT_SWAPS
    | {ReminderKind.FLIGHT_MOVED, ReminderKind.SHORT, ReminderKind.DIGEST}
)


# What a message about a sign-up may tell: reading all columns of nine tables took longer than writing the texts.
OF_A_SIGNUP = [
    "status", "answer_by", "signed_up_by__name", "group__name", "group__leader__name",
    "shift__starts_at", "shift__ends_at", "shift__post__kind", "shift__post__site__name", "shift__post__site__address",
    "shift__task__campaign", "shift__task__union__name",
]  # fmt: skip


@dataclass
class Concern:
    """What a flight means for one person: the trips for it that she drives, the last one broken off, the next offer."""

    trips: list[Trip] = field(default_factory=list)  # the first to begin first
    broken_off: Trip | None = None
    offer: Offer | None = None

    @property
    def trip(self) -> Trip | None:
        return self.trips[0] if self.trips else None

    @property
    def task(self) -> Task | None:
        found = self.trip or self.broken_off or self.offer
        return found.task if found else None


class Subjects:
    """The rows that some reminders are about, by id.

    Attributes:
        signups, groups, offers, trips, flights: by id.
        short: the shifts that a reminder of empty places tells of, by its own id, the first to begin first.
        searched: published tasks with their search for somebody who says yes, by id.
        digests: by the officer's id.
        concerns: by the ids of flight and person.
        minutes: recorded for sign-ups whose duty is done, by sign-up.
        proposals: swaps, by id.
        successors: names of those who took a place over, by the sign-up that ended.
    """

    def __init__(self, reminders: Sequence[Reminder]) -> None:
        def ids(kinds: Collection[ReminderKind]) -> set[UUID]:
            return {reminder.subject_id for reminder in reminders if reminder.kind in kinds}

        offers = Offer.objects.select_related("task__site")
        trips = Trip.objects.select_related("task__site", "vehicle")
        searched = Task.objects.filter(search__isnull=False, status=TaskStatus.PUBLISHED).select_related("search")
        shifts = Shift.objects.filter(task__status=TaskStatus.PUBLISHED).select_related("post__site", "task")
        signups = Signup.objects.select_related(
            "shift__post__site", "shift__task__union", "group__leader", "signed_up_by"
        ).only(*OF_A_SIGNUP)
        groups = SignupGroup.objects.select_related("shift__post__site", "shift__task").prefetch_related("signups")
        self.offers = _by_id(offers, ids(ABOUT_OFFERS))
        self.trips = _by_id(trips, ids(ABOUT_TRIPS))
        self.searched = _by_id(searched, ids(ABOUT_SEARCHES))
        self.short = _short(shifts, [one for one in reminders if one.kind == ReminderKind.SHORT])
        self.flights = _by_id(Flight.objects.all(), ids({ReminderKind.FLIGHT_MOVED}))
        others = ids(set(ReminderKind) - ELSEWHERE)
        self.signups = _by_id(signups, others)
        self.minutes = attendance.minutes_of_signups(ids({ReminderKind.DONE}))
        self.groups = _by_id(groups, others - self.signups.keys())
        proposals = SwapProposal.objects.select_related(
            "place__shift__post__site", "place__shift__task", "in_return__shift__post__site", "in_return__worker__user"
        )
        self.proposals = _by_id(proposals, ids(ABOUT_SWAPS))
        self.successors = _successors(ids({ReminderKind.HANDED_OVER}))
        people = {reminder.user_id for reminder in reminders if reminder.kind == ReminderKind.FLIGHT_MOVED}
        self.concerns = _concerns(self.flights, people)
        due = {reminder.due_at for reminder in reminders if reminder.kind == ReminderKind.DIGEST}
        self.digests = digests(ids({ReminderKind.DIGEST}), due=max(due)) if due else {}


def _by_id(rows: QuerySet[Row], ids: Collection[UUID]) -> dict[UUID, Row]:
    return {row.pk: row for row in rows.filter(pk__in=ids)} if ids else {}


def _successors(signup_ids: Collection[UUID]) -> dict[UUID, str]:
    if not signup_ids:
        return {}
    passed_on = Signup.objects.filter(pk__in=signup_ids, passed_to__isnull=False)
    return dict(passed_on.values_list("pk", "passed_to__worker__user__name"))


def _short(shifts: QuerySet[Shift], reminders: Sequence[Reminder]) -> dict[UUID, list[Shift]]:
    """Return what each of them tells of: its own shift and those that were found at the same look."""
    if not reminders:
        return {}
    looks = {(one.user_id, one.created_at): one.pk for one in reminders}
    told = Reminder.objects.filter(
        kind=ReminderKind.SHORT,
        user__in={user_id for user_id, _at in looks},
        created_at__in={at for _user, at in looks},
    ).values_list("user", "created_at", "subject_id")
    subjects = [(looks[user_id, at], shift_id) for user_id, at, shift_id in told if (user_id, at) in looks]
    rows = _by_id(shifts, {shift_id for _pk, shift_id in subjects})
    found: dict[UUID, list[Shift]] = defaultdict(list)
    for pk, shift_id in subjects:
        if shift_id in rows:
            found[pk].append(rows[shift_id])
    return {pk: sorted(own, key=attrgetter("starts_at", "pk")) for pk, own in found.items()}


def _concerns(flights: Iterable[UUID], people: Collection[UUID]) -> dict[tuple[UUID | None, UUID], Concern]:
    found: dict[tuple[UUID | None, UUID], Concern] = defaultdict(Concern)
    if not people:
        return found
    trips = Trip.objects.filter(task__flight__in=flights, driver__worker__user__in=people)
    related = trips.select_related("task__site", "vehicle", "driver__worker")
    for trip in related.filter(status__in=MOVABLE).order_by("starts_at", "pk"):
        found[trip.task.flight_id, trip.driver.worker.user_id].trips.append(trip)
    told = Delivery.objects.filter(
        kind=ReminderKind.FLIGHT_MOVED,
        recipient=OuterRef("driver__worker__user"),
        subject_id=OuterRef("task__flight"),
        due_at__gte=OuterRef("aborted_at"),
    )
    by_a_move = related.filter(~Exists(told), status=TripStatus.ABORTED, moved_at=F("aborted_at"))
    for trip in by_a_move.order_by("aborted_at"):
        found[trip.task.flight_id, trip.driver.worker.user_id].broken_off = trip
    offers = Offer.objects.filter(task__flight__in=flights, status=OfferStatus.OFFERED)
    asked = offers.filter(Q(fleet__leader__in=people) | Q(driver__worker__user__in=people))
    for offer in asked.select_related("task__site", "fleet", "driver__worker").order_by("-task__starts_at"):
        found[offer.task.flight_id, dispatch.addressee(offer)].offer = offer
    return found
