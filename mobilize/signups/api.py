from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.core.errors import Invalid
from mobilize.core.rest import ApiView, page_of
from mobilize.signups import policies, queries, services
from mobilize.signups.serializers import SignupInput, SignupSerializer
from mobilize.tasks.serializers import ShiftSerializer


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


class ShiftSignupsView(ApiView):
    @extend_schema(request=SignupInput, responses={201: SignupSerializer}, tags=["shifts"])
    def post(self, request: Request, shift_id: UUID) -> Response:
        """Sign up: confirmed, or waitlisted with a position."""
        signup = services.sign_up(actor=self.actor, shift_id=shift_id, now=timezone.now(), **self.read(SignupInput))
        return Response(
            SignupSerializer(signup).data, status=201, headers={"Location": f"/api/v1/signups/{signup.pk}/"}
        )


class SignupView(ApiView):
    @extend_schema(responses=SignupSerializer, tags=["shifts"])
    def get(self, request: Request, signup_id: UUID) -> Response:
        """One's own sign-up."""
        return Response(SignupSerializer(queries.one(policies.own(self.actor), signup_id)).data)


class WithdrawView(ApiView):
    @extend_schema(request=None, responses=SignupSerializer, tags=["shifts"])
    def post(self, request: Request, signup_id: UUID) -> Response:
        """Give the place back; the head of the waiting list gets it."""
        services.withdraw(actor=self.actor, signup_id=signup_id, now=timezone.now())
        return Response(SignupSerializer(queries.one(policies.own(self.actor), signup_id)).data)


class MySignupsView(ApiView):
    @extend_schema(responses=page_of(SignupSerializer), tags=["me"])
    def get(self, request: Request) -> Response:
        """One's own sign-ups, the latest shift first."""
        signups = queries.full(policies.own(self.actor)).annotate(begins=F("shift__starts_at"))
        return self.page(signups, SignupSerializer, ordering=("-begins", "-id"))
