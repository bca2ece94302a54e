from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.core.errors import Invalid
from mobilize.core.rest import ApiView, page_of
from mobilize.signups import endings, groups, merging, policies, queries, services, waiting
from mobilize.signups.models import Signup, SignupGroup
from mobilize.signups.serializers import (
    EnrolmentInput,
    GroupInput,
    GroupSerializer,
    MemberSerializer,
    MergeInput,
    ShiftChange,
    SignupInput,
    SignupSerializer,
    just_made,
)
from mobilize.tasks import policies as tasks
from mobilize.tasks import queries as task_queries
from mobilize.tasks.serializers import Reason, ShiftSerializer
from mobilize.workers.enrolment import PersonLine
from mobilize.workers.serializers import PersonSerializer


class ShiftsView(ApiView):
    permission_classes = ()

    @extend_schema(
        responses=page_of(ShiftSerializer),
        parameters=[
            OpenApiParameter("campaign", str, description="slug"),
            OpenApiParameter("task", UUID),
            OpenApiParameter("district", str),
            OpenApiParameter("near", str, description="latitude,longitude in degrees: nearest first"),
            OpenApiParameter("open", bool, description="true: only shifts with a place free"),
        ],
        tags=["shifts"],
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """Shifts ahead that anybody may sign up for, the next (or nearest) first."""
        filters = _shift_filters(request.query_params)
        shifts = queries.open_for_signup(now=timezone.now(), **filters)
        ordering = ("distance_km", "starts_at", "id") if filters["near"] else ("starts_at", "id")
        return self.page(shifts, ShiftSerializer, ordering=ordering)


def _shift_filters(params: Any) -> dict[str, Any]:
    wrong = {}
    near = None
    if given := params.get("near"):
        try:
            latitude, longitude = (float(part) for part in given.split(","))
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise ValueError
            near = (latitude, longitude)
        except ValueError:
            wrong["near"] = ["bad_position"]
    task_id = None
    if given := params.get("task"):
        try:
            task_id = UUID(given)
        except ValueError:
            wrong["task"] = ["bad_id"]
    if params.get("open", "") not in {"", "true", "false"}:
        wrong["open"] = ["bad_flag"]
    if wrong:
        raise Invalid(wrong)
    return {
        "campaign": params.get("campaign", ""),
        "district": params.get("district", ""),
        "task_id": task_id,
        "near": near,
        "only_free": params.get("open") == "true",
    }


class ShiftView(ApiView):
    @extend_schema(request=ShiftChange, responses=ShiftSerializer, tags=["shifts"])
    def patch(self, request: Request, shift_id: UUID) -> Response:
        """Change how many places a shift has; added ones are offered to those who wait."""

        def change(places: int) -> Any:
            return services.set_places(actor=self.actor, shift_id=shift_id, places=places, now=timezone.now())

        self.ask(ShiftChange, change)
        return Response(ShiftSerializer(task_queries.shift(tasks.shifts_visible_to(self.actor), shift_id)).data)


class ShiftCancelView(ApiView):
    @extend_schema(request=Reason, responses=ShiftSerializer, tags=["shifts"])
    def post(self, request: Request, shift_id: UUID) -> Response:
        """Call one shift off; whoever was to come is told."""
        endings.call_off_shift(actor=self.actor, shift_id=shift_id, now=timezone.now(), **self.read(Reason))
        return Response(ShiftSerializer(task_queries.shift(tasks.shifts_visible_to(self.actor), shift_id)).data)


class ShiftSignupsView(ApiView):
    @extend_schema(request=SignupInput, responses={201: SignupSerializer}, tags=["shifts"])
    def post(self, request: Request, shift_id: UUID) -> Response:
        """Sign up: confirmed, or waitlisted with a position."""
        signup = services.sign_up(actor=self.actor, shift_id=shift_id, now=timezone.now(), **self.read(SignupInput))
        return Response(just_made(signup), status=201, headers={"Location": f"/api/v1/signups/{signup.pk}/"})


class ShiftGroupsView(ApiView):
    @extend_schema(request=GroupInput, responses={201: GroupSerializer}, tags=["shifts"])
    def post(self, request: Request, shift_id: UUID) -> Response:
        """Sign up a group that comes together: all of it gets places, or all of it waits. The caller answers for it."""

        def sign_up(members: Iterable[dict[str, Any]], **given: Any) -> SignupGroup:
            return groups.sign_up_group(
                actor=self.actor, shift_id=shift_id, members=_people(members), now=timezone.now(), **given
            )

        group = self.ask(GroupInput, sign_up)
        return Response(_shown(group), status=201, headers={"Location": f"/api/v1/groups/{group.pk}/"})


class GroupView(ApiView):
    @extend_schema(responses=GroupSerializer, tags=["shifts"])
    def get(self, request: Request, group_id: UUID) -> Response:
        """A group, for its leader and at the desk."""
        return Response(_shown(queries.group(policies.groups_visible_to(self.actor), group_id)))


def _shown(group: SignupGroup) -> dict[str, Any]:
    group.members = queries.members(group.pk)  # type: ignore[attr-defined]
    group.passed_over = queries.times_passed_over(group.pk)  # type: ignore[attr-defined]
    return GroupSerializer(group).data


class ShiftEnrolmentsView(ApiView):
    @extend_schema(request=EnrolmentInput, responses={201: MemberSerializer(many=True)}, tags=["shifts"])
    def post(self, request: Request, shift_id: UUID) -> Response:
        """Sign up people without a smartphone, each on her own; for officers, partners and the post's team leader."""

        def enrol(members: Iterable[dict[str, Any]], **given: Any) -> list[Signup]:
            return groups.enrol(
                actor=self.actor, shift_id=shift_id, members=_people(members), now=timezone.now(), **given
            )

        made = self.ask(EnrolmentInput, enrol)
        rows = queries.full(Signup.objects.filter(pk__in=[signup.pk for signup in made])).order_by("pk")
        return Response(MemberSerializer(rows, many=True).data, status=201)


def _people(members: Iterable[dict[str, Any]]) -> list[PersonLine]:
    return [PersonLine(name=member["name"], phone=member["phone"]) for member in members]


class SignupView(ApiView):
    @extend_schema(responses=SignupSerializer, tags=["shifts"])
    def get(self, request: Request, signup_id: UUID) -> Response:
        """One's own sign-up."""
        return Response(SignupSerializer(queries.one(policies.own(self.actor), signup_id)).data)


class WithdrawView(ApiView):
    @extend_schema(request=None, responses=SignupSerializer, tags=["shifts"])
    def post(self, request: Request, signup_id: UUID) -> Response:
        """Give a place back: one's own, or of somebody in one's group. The head of the waiting list gets it."""
        services.withdraw(actor=self.actor, signup_id=signup_id, now=timezone.now())
        return Response(SignupSerializer(queries.one(policies.withdrawable(self.actor), signup_id)).data)


class AcceptView(ApiView):
    @extend_schema(request=None, responses=SignupSerializer, tags=["shifts"])
    def post(self, request: Request, signup_id: UUID) -> Response:
        """Take the place that is offered, in the last call also one that is free; a group's leader for all."""
        return Response(
            SignupSerializer(waiting.accept(actor=self.actor, signup_id=signup_id, now=timezone.now())).data
        )


class DeclineView(ApiView):
    @extend_schema(request=None, responses=SignupSerializer, tags=["shifts"])
    def post(self, request: Request, signup_id: UUID) -> Response:
        """Refuse the place that is offered; it goes to the next."""
        return Response(
            SignupSerializer(waiting.decline(actor=self.actor, signup_id=signup_id, now=timezone.now())).data
        )


class MySignupsView(ApiView):
    @extend_schema(responses=page_of(SignupSerializer), tags=["me"])
    def get(self, request: Request) -> Response:
        """One's own sign-ups, the latest shift first."""
        signups = queries.full(policies.own(self.actor)).annotate(begins=F("shift__starts_at"))
        return self.page(signups, SignupSerializer, ordering=("-begins", "-id"))


class MergeView(ApiView):
    @extend_schema(request=MergeInput, responses=PersonSerializer, tags=["people"])
    def post(self, request: Request) -> Response:
        """Make two people one who are the same: everything of the one who goes follows. For administrators."""
        stays = self.ask(MergeInput, partial(merging.merge_numbers, actor=self.actor, now=timezone.now()))
        return Response(PersonSerializer(stays).data)
