from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.core.rest import ApiView, page_of
from mobilize.fleets import policies, queries, services
from mobilize.fleets.models import Driver, Fleet
from mobilize.fleets.serializers import (
    BaseInput,
    DriverInput,
    DriverSerializer,
    DriversInput,
    FleetInput,
    FleetSerializer,
)
from mobilize.fleets.services import DriverLine
from mobilize.fleets.states import FleetKind, FleetStatus


class FleetsView(ApiView):
    @extend_schema(
        responses=page_of(FleetSerializer),
        parameters=[
            OpenApiParameter("status", str, enum=FleetStatus.values),
            OpenApiParameter("kind", str, enum=FleetKind.values),
            OpenApiParameter("search", str),
        ],
        tags=["fleets"],
    )
    def get(self, request: Request) -> Response:
        """Fleets of the caller's branch and those she leads, by name."""
        wanted = {name: request.query_params.get(name, "") for name in ("status", "kind", "search")}
        fleets = queries.listed(policies.visible_to(self.actor), **wanted)
        return self.page(fleets, FleetSerializer, ordering=("sort_key", "id"))

    @extend_schema(request=FleetInput, responses={201: FleetSerializer}, tags=["fleets"])
    def post(self, request: Request) -> Response:
        """Register a fleet, with its drivers and vehicles when given; all of it or nothing."""

        def create(union_id: UUID | None = None, drivers: Iterable[dict[str, Any]] = (), **given: Any) -> Fleet:
            union_id, lines = union_id or self.actor.union_id, [DriverLine(**line) for line in drivers]
            return services.create_fleet(
                actor=self.actor, union_id=union_id, drivers=lines, now=timezone.now(), **given
            )

        fleet = self.ask(FleetInput, create)
        return Response(
            FleetSerializer(queries.one(Fleet.objects.all(), fleet.pk)).data,
            status=201,
            headers={"Location": f"/api/v1/fleets/{fleet.pk}/"},
        )


class FleetView(ApiView):
    @extend_schema(responses=FleetSerializer, tags=["fleets"])
    def get(self, request: Request, fleet_id: UUID) -> Response:
        """One fleet."""
        return Response(FleetSerializer(queries.one(policies.visible_to(self.actor), fleet_id)).data)


class BaseView(ApiView):
    @extend_schema(request=BaseInput, responses=FleetSerializer, tags=["fleets"])
    def put(self, request: Request, fleet_id: UUID) -> Response:
        """Say where a fleet's vehicles stand when nothing else is known of them."""
        services.set_base(actor=self.actor, fleet_id=fleet_id, now=timezone.now(), **self.read(BaseInput))
        return Response(FleetSerializer(queries.one(Fleet.objects.all(), fleet_id)).data)


class EnrolView(ApiView):
    @extend_schema(request=None, responses=FleetSerializer, tags=["fleets"])
    def post(self, request: Request, fleet_id: UUID) -> Response:
        """Take a fleet in as a whole unit."""
        services.enrol(actor=self.actor, fleet_id=fleet_id, now=timezone.now())
        return Response(FleetSerializer(queries.one(Fleet.objects.all(), fleet_id)).data)


class FleetDriversView(ApiView):
    @extend_schema(responses=page_of(DriverSerializer), tags=["fleets"])
    def get(self, request: Request, fleet_id: UUID) -> Response:
        """A fleet's drivers with their vehicles."""
        queries.one(policies.visible_to(self.actor), fleet_id)
        return self.page(queries.drivers(fleet_id), DriverSerializer, ordering=("created_at", "id"))

    @extend_schema(request=DriverInput(many=True), responses={201: DriverSerializer(many=True)}, tags=["fleets"])
    def post(self, request: Request, fleet_id: UUID) -> Response:
        """Add one driver or a list of them, all or none."""

        def add(drivers: Iterable[dict[str, Any]]) -> list[Driver]:
            lines = [DriverLine(**line) for line in drivers]
            return services.add_drivers(actor=self.actor, fleet_id=fleet_id, lines=lines, now=timezone.now())

        given = request.data if isinstance(request.data, list) else [request.data]
        added = self.ask(DriversInput, add, {"drivers": given})
        return Response(DriverSerializer(added, many=True).data, status=201)
