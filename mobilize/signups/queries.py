"""Reading sign-ups. Row visibility comes from the caller."""

from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from mobilize.core.errors import NotFound
from mobilize.core.models import Transition
from mobilize.signups.models import Signup, SignupGroup, SwapProposal
from mobilize.signups.states import AHEAD, Ending, SignupStatus
from mobilize.tasks.models import Shift, Task
from mobilize.tasks.policies import open_shifts
from mobilize.tasks.queries import shifts
from mobilize.tasks.states import LIVE
from mobilize.workers.queries import verified_honours

MOST_TO_GIVE = 20


def needs(tasks: QuerySet[Task], *, now: datetime) -> QuerySet[Task]:
    """Live tasks that still lack vehicles or people, the most urgent first.

    Args:
        tasks: those the actor may see.
        now: shifts that are over count no more.
    Returns:
        Tasks with their places and `places_left` (people still wanted).
    """
    ahead = Shift.objects.filter(task=OuterRef("pk"), ends_at__gt=now, called_off_at=None).order_by().values("task")
    wanted = ahead.annotate(n=Sum(F("places") - F("taken"))).values("n")
    return (
        tasks.filter(status__in=LIVE, ends_at__gt=now)
        .annotate(places_left=Coalesce(Subquery(wanted), 0))
        .filter(Q(vehicles_needed__gt=F("vehicles_accepted")) | Q(places_left__gt=0))
        .select_related("site", "destination", "union")
        .order_by("-urgency", "starts_at", "pk")
    )


def open_for_signup(*, now: datetime, only_free: bool = False, **filters: object) -> QuerySet[Shift]:
    """Shifts ahead that anybody may sign up for.

    Args:
        now: current time.
        only_free: leaves out full ones.
        filters: of `tasks.queries.shifts`.
    """
    found = shifts(open_shifts(), now=now, **filters)  # type: ignore[arg-type]
    return found.filter(taken__lt=F("places")) if only_free else found


def shift_to_join(shift_id: UUID) -> Shift:
    """Return one public shift.

    Raises:
        NotFound
    """
    found = shifts(open_shifts()).filter(pk=shift_id).first()
    if found is None:
        raise NotFound
    return found


_WAITING_LAST = Case(When(status=SignupStatus.WAITLISTED, then=Value(1)), default=Value(0))


def full(rows: QuerySet[Signup]) -> QuerySet[Signup]:
    """Sign-ups with shift, site, task and person; `post_id`, `position` on the waiting list (None when not waiting),
    and `signed_up_by_other` when somebody else wrote it."""
    ahead = (
        Signup.objects.filter(
            shift=OuterRef("shift"),
            status=SignupStatus.WAITLISTED,
            waiting_number__lte=OuterRef("waiting_number"),
        )
        .order_by()
        .values("shift")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return rows.select_related(
        *("shift__post__site", "shift__post__team", "shift__task__campaign", "shift__task__union"),
        *("worker__user", "worker__union", "group__leader", "signed_up_by", "passed_to__worker__user"),
    ).annotate(
        post_id=F("shift__post_id"),
        position=Case(When(status=SignupStatus.WAITLISTED, then=Subquery(ahead))),
        signed_up_by_other=Case(
            When(Q(signed_up_by=None) | Q(signed_up_by=F("worker__user")), then=Value(False)),
            default=Value(True),
            output_field=BooleanField(),
        ),
    )


def one(rows: QuerySet[Signup], signup_id: UUID) -> Signup:
    """Return one of the sign-ups with all it needs to be shown.

    Raises:
        NotFound
    """
    found = full(rows).filter(pk=signup_id).first()
    if found is None:
        raise NotFound
    return found


def duties_ahead(rows: QuerySet[Signup], *, now: datetime) -> QuerySet[Signup]:
    """Sign-ups still to come, the next first."""
    return full(rows).filter(status__in=AHEAD, shift__ends_at__gte=now).order_by("shift__starts_at")


def wanted(rows: QuerySet[Signup], *, starting_after: datetime) -> QuerySet[Signup]:
    """Places of other people that somebody may take over, the first to begin first.

    Args:
        rows: from `policies.on_offer`.
        starting_after: those that begin earlier cannot change hands any more.
    """
    live = full(rows).filter(shift__task__status__in=LIVE, shift__called_off_at=None)
    return live.filter(shift__starts_at__gt=starting_after).order_by("shift__starts_at", "pk")


def to_give_for(rows: QuerySet[Signup], place: Signup, *, starting_after: datetime) -> list[Signup]:
    """One's own places that could be given for somebody's, at most 20.

    Args:
        rows: one's own.
        place: somebody's, with its shift and task.
        starting_after: as in `wanted`.
    """
    same_campaign = full(rows).filter(
        status=SignupStatus.CONFIRMED, group=None, shift__task__campaign=place.shift.task.campaign_id
    )
    ahead = same_campaign.filter(shift__starts_at__gt=starting_after).exclude(shift=place.shift_id)
    return list(ahead.order_by("shift__starts_at", "pk")[:MOST_TO_GIVE])


def proposals(rows: QuerySet[SwapProposal]) -> QuerySet[SwapProposal]:
    """Swaps that can still come about, the oldest first, with what is needed to show them."""
    both = rows.filter(place__status=SignupStatus.CONFIRMED, in_return__status=SignupStatus.CONFIRMED)
    related = [f"{side}__shift__post__site" for side in ("place", "in_return")]
    return both.select_related(*related, "place__worker__user", "in_return__worker__user").order_by("created_at", "pk")


def taken_from(rows: QuerySet[Signup], signup_id: UUID) -> UUID | None:
    """Return the sign-up that took a place over, None when nobody did, or when it is not among these.

    Args:
        rows: e.g. a person's own.
        signup_id: the place that was up.
    """
    passed_on = Signup.objects.filter(pk=signup_id, passed_to__in=rows)
    return passed_on.values_list("passed_to", flat=True).first()


def duties_past(rows: QuerySet[Signup], *, now: datetime) -> QuerySet[Signup]:
    """Sign-ups that are over or withdrawn, the latest first."""
    return full(rows).exclude(status__in=AHEAD, shift__ends_at__gte=now).order_by("-shift__starts_at", "-pk")


def on_shift(rows: QuerySet[Signup], shift_id: UUID) -> QuerySet[Signup]:
    """A shift's sign-ups: places in order of sign-up, then the waiting list; groups stand together.

    Each worker carries her verified honours as `honours_shown`.
    """
    shown = Prefetch("worker__honours", verified_honours(), to_attr="honours_shown")
    return (
        full(rows)
        .filter(shift_id=shift_id)
        .exclude(status=SignupStatus.WITHDRAWN)
        .prefetch_related(shown)
        .order_by(_WAITING_LAST, F("waiting_number").asc(nulls_first=True), "created_at", "group", "pk")
    )


def counted(task_id: UUID, now: datetime) -> dict[str, int]:
    """Count who is concerned when a task ends: `confirmed`, `offered` and `waitlisted` on its coming shifts."""
    rows = Signup.objects.filter(shift__task=task_id, shift__starts_at__gt=now, status__in=AHEAD)
    found = dict(rows.order_by().values_list("status").annotate(n=Count("pk")))
    return {status.value: found.get(status, 0) for status in AHEAD}


def why_ended(signup: Signup) -> str:
    """Say in the reader's language why a sign-up ended without a word of hers; empty when she gave it back."""
    last = Transition.objects.filter(subject_id=signup.pk, to_status=SignupStatus.WITHDRAWN).order_by("-created_at")
    why = last.values_list("why", flat=True).first()
    return str(Ending(why).label) if why in Ending.values else ""


def of_worker_on_shift(*, user_id: UUID, shift_id: UUID) -> Signup | None:
    """Return a person's live sign-up for a shift, None when there is none."""
    return (
        Signup.objects.filter(worker__user_id=user_id, shift_id=shift_id).exclude(status=SignupStatus.WITHDRAWN).first()
    )


def group(rows: QuerySet[SignupGroup], group_id: UUID) -> SignupGroup:
    """Return one of the groups with its shift and leader.

    Raises:
        NotFound
    """
    related = ["leader", "shift__post__site", "shift__post__team", "shift__task__campaign", "shift__task__union"]
    found = rows.select_related(*related).filter(pk=group_id).first()
    if found is None:
        raise NotFound
    return found


def members(group_id: UUID) -> list[Signup]:
    """Return everybody of a group, who left as the last."""
    left = Case(When(status=SignupStatus.WITHDRAWN, then=Value(1)), default=Value(0))
    return list(full(Signup.objects.filter(group_id=group_id)).order_by(left, "waiting_number", "created_at", "pk"))


def times_passed_over(group_id: UUID) -> int:
    """How often somebody who came later got a place before a group that is too big for it."""
    waiting = SignupStatus.WAITLISTED
    return Transition.objects.filter(subject_id=group_id, from_status=waiting, to_status=waiting).count()


def groups_ahead(rows: QuerySet[SignupGroup], *, now: datetime) -> QuerySet[SignupGroup]:
    """Groups whose shift is still to come and of whom somebody still comes, the next first.

    Each has `people` and `status`, which those people share.
    """
    together = Signup.objects.filter(group=OuterRef("pk"), status__in=AHEAD).order_by("pk")
    return (
        rows.filter(shift__ends_at__gte=now)
        .annotate(
            people=Count("signups", filter=Q(signups__status__in=AHEAD)),
            status=Subquery(together.values("status")[:1]),
            answer_by=Subquery(together.values("answer_by")[:1]),
        )
        .filter(people__gt=0)
        .select_related("shift__post__site")
        .order_by("shift__starts_at", "pk")
    )
