from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.core.errors import Invalid
from mobilize.core.rest import ApiView, page_of
from mobilize.dispatch import flights, plans, policies, queries, search, services, trips
from mobilize.dispatch.models import Plan, Trip
from mobilize.dispatch.serializers import (
    AcceptInput,
    CommitInput,
    CompleteInput,
    FlightChange,
    FlightInput,
    FlightSerializer,
    FlightTasksInput,
    MoveInput,
    OfferInput,
    OfferSerializer,
    PinInput,
    PlanInBriefSerializer,
    PlanInput,
    PlanSerializer,
    SearchSerializer,
    StrikeInput,
    TripSerializer,
    WhyInput,
)
from mobilize.dispatch.states import TripStatus
from mobilize.tasks import policies as task_policies


def _task_filter(request: Request) -> dict[str, UUID]:
    given = request.query_params.get("task")
    if not given:
        return {}
    try:
        return {"task_id": UUID(given)}
    except ValueError:
        raise Invalid({"task": ["bad_id"]}) from None


def _shown(plan: Plan) -> Any:
    return PlanSerializer(queries.plan(Plan.objects.all(), plan.pk)).data


class PlansView(ApiView):
    @extend_schema(responses=page_of(PlanInBriefSerializer), tags=["dispatch"])
    def get(self, request: Request) -> Response:
        """Plans whose tasks the caller may all offer, in brief, the newest first."""
        return self.page(queries.plans_in_brief(policies.plans_visible_to(self.actor)), PlanInBriefSerializer)

    @extend_schema(request=PlanInput, responses={201: PlanSerializer}, tags=["dispatch"])
    def post(self, request: Request) -> Response:
        """Propose who serves what is left of transport tasks; nothing is offered before the plan is committed."""
        made = plans.propose(actor=self.actor, now=timezone.now(), **self.read(PlanInput))
        return Response(_shown(made), status=201, headers={"Location": f"/api/v1/dispatch/plans/{made.pk}/"})


class PlanView(ApiView):
    @extend_schema(responses=PlanSerializer, tags=["dispatch"])
    def get(self, request: Request, plan_id: UUID) -> Response:
        """Who serves what and why, and what is left open and why."""
        return Response(PlanSerializer(queries.plan(policies.plans_visible_to(self.actor), plan_id)).data)


class PlanCommitView(ApiView):
    @extend_schema(request=CommitInput, responses=PlanSerializer, tags=["dispatch"])
    def post(self, request: Request, plan_id: UUID) -> Response:
        """Make offers of the plan, all or none; 409 `plan_is_stale` says what changed since it was made."""
        committed = plans.commit(actor=self.actor, plan_id=plan_id, now=timezone.now(), **self.read(CommitInput))
        return Response(_shown(committed))


class PlanUndoView(ApiView):
    @extend_schema(request=None, responses=PlanSerializer, tags=["dispatch"])
    def post(self, request: Request, plan_id: UUID) -> Response:
        """Take the plan's offers back, within ten seconds; what was accepted already is called off."""
        return Response(_shown(plans.undo(actor=self.actor, plan_id=plan_id, now=timezone.now())))


class PlanPinView(ApiView):
    @extend_schema(request=PinInput, responses=PlanSerializer, tags=["dispatch"])
    def post(self, request: Request, plan_id: UUID) -> Response:
        """Pin an assignment, so that it stays in the next plan that keeps this one, or let it loose."""
        changed = plans.pin(actor=self.actor, plan_id=plan_id, **self.read(PinInput))
        return Response(_shown(changed))


class PlanStrikeView(ApiView):
    @extend_schema(request=StrikeInput, responses=PlanSerializer, tags=["dispatch"])
    def post(self, request: Request, plan_id: UUID) -> Response:
        """Strike an assignment out, so that it is not offered and not proposed again, or put it back."""
        changed = plans.strike(actor=self.actor, plan_id=plan_id, **self.read(StrikeInput))
        return Response(_shown(changed))


class OffersView(ApiView):
    @extend_schema(responses=page_of(OfferSerializer), parameters=[OpenApiParameter("task", UUID)], tags=["dispatch"])
    def get(self, request: Request) -> Response:
        """Offers the caller sees, the newest first."""
        rows = policies.offers_visible_to(self.actor).filter(**_task_filter(request))
        return self.page(queries.offers(rows), OfferSerializer)

    @extend_schema(request=OfferInput, responses={201: OfferSerializer(many=True)}, tags=["dispatch"])
    def post(self, request: Request) -> Response:
        """Offer a published transport task to fleets or drivers, all or none."""
        offers = services.offer(actor=self.actor, now=timezone.now(), **self.read(OfferInput))
        return Response(OfferSerializer(offers, many=True).data, status=201)


class MyOffersView(ApiView):
    @extend_schema(responses=page_of(OfferSerializer), tags=["me"])
    def get(self, request: Request) -> Response:
        """Offers the signed-in person answers, the newest first."""
        return self.page(queries.offers(policies.offers_to(self.actor)), OfferSerializer)


class AcceptView(ApiView):
    @extend_schema(request=AcceptInput, responses=OfferSerializer, tags=["dispatch"])
    def post(self, request: Request, offer_id: UUID) -> Response:
        """Promise a number of vehicles, at most those offered; 409 when fewer are still needed."""
        accepted = services.accept(actor=self.actor, offer_id=offer_id, now=timezone.now(), **self.read(AcceptInput))
        return Response(OfferSerializer(accepted).data)


class DeclineView(ApiView):
    @extend_schema(request=WhyInput, responses=OfferSerializer, tags=["dispatch"])
    def post(self, request: Request, offer_id: UUID) -> Response:
        """Say no."""
        declined = services.decline(actor=self.actor, offer_id=offer_id, now=timezone.now(), **self.read(WhyInput))
        return Response(OfferSerializer(declined).data)


class TakeBackView(ApiView):
    @extend_schema(request=None, responses=OfferSerializer, tags=["dispatch"])
    def post(self, request: Request, offer_id: UUID) -> Response:
        """Take an unanswered offer back."""
        taken = services.take_back(actor=self.actor, offer_id=offer_id, now=timezone.now())
        return Response(OfferSerializer(taken).data)


class UndoView(ApiView):
    @extend_schema(request=None, responses={204: None}, tags=["dispatch"])
    def post(self, request: Request, offer_id: UUID) -> Response:
        """Take back all offers made together with this one, within 10 seconds; what was accepted is called off."""
        services.undo(actor=self.actor, offer_id=offer_id, now=timezone.now())
        return Response(status=204)


class SearchView(ApiView):
    @extend_schema(responses=SearchSerializer, tags=["dispatch"])
    def get(self, request: Request, task_id: UUID) -> Response:
        """How far the search for vehicles for a task has come; 404 before the first offer."""
        return Response(SearchSerializer(queries.search(task_policies.visible_to(self.actor), task_id)).data)


class LockView(ApiView):
    @extend_schema(request=None, responses=SearchSerializer, tags=["dispatch"])
    def post(self, request: Request, task_id: UUID) -> Response:
        """Keep plans and the search away from a task."""
        return Response(SearchSerializer(search.lock(actor=self.actor, task_id=task_id, now=timezone.now())).data)


class UnlockView(ApiView):
    @extend_schema(request=None, responses=SearchSerializer, tags=["dispatch"])
    def post(self, request: Request, task_id: UUID) -> Response:
        """Let plans and the search at a task again; the search begins anew."""
        return Response(SearchSerializer(search.unlock(actor=self.actor, task_id=task_id, now=timezone.now())).data)


class TripsView(ApiView):
    @extend_schema(
        responses=page_of(TripSerializer),
        parameters=[
            OpenApiParameter("task", UUID),
            OpenApiParameter("status", str, enum=TripStatus.values),
        ],
        tags=["dispatch"],
    )
    def get(self, request: Request) -> Response:
        """Trips the caller sees, the newest first."""
        rows = policies.trips_visible_to(self.actor).filter(**_task_filter(request))
        if status := request.query_params.get("status"):
            if status not in TripStatus.values:
                raise Invalid({"status": ["unknown_choice"]})
            rows = rows.filter(status=status)
        return self.page(queries.trips(rows), TripSerializer)


class _StageView(ApiView):
    to: ClassVar[TripStatus]

    @extend_schema(request=None, responses=TripSerializer, tags=["dispatch"])
    def post(self, request: Request, trip_id: UUID) -> Response:
        trips.advance(actor=self.actor, trip_id=trip_id, to=self.to, now=timezone.now())
        return Response(TripSerializer(queries.trip(Trip.objects.all(), trip_id)).data)


class EnRouteView(_StageView):
    """The vehicle is on its way."""

    to = TripStatus.EN_ROUTE


class ArriveView(_StageView):
    """The vehicle is at the place where it is needed."""

    to = TripStatus.ARRIVED


class LoadView(_StageView):
    """Passengers or goods are aboard."""

    to = TripStatus.LOADED


class CompleteView(ApiView):
    @extend_schema(request=CompleteInput, responses=TripSerializer, tags=["dispatch"])
    def post(self, request: Request, trip_id: UUID) -> Response:
        """The trip is done: how many persons or parcels were handed over, and to whom."""
        trips.advance(
            actor=self.actor,
            trip_id=trip_id,
            to=TripStatus.COMPLETED,
            now=timezone.now(),
            **self.read(CompleteInput),
        )
        return Response(TripSerializer(queries.trip(Trip.objects.all(), trip_id)).data)


class AbortView(ApiView):
    @extend_schema(request=WhyInput, responses=TripSerializer, tags=["dispatch"])
    def post(self, request: Request, trip_id: UUID) -> Response:
        """Break the trip off; the vehicle is needed again."""
        trips.abort(actor=self.actor, trip_id=trip_id, now=timezone.now(), **self.read(WhyInput))
        return Response(TripSerializer(queries.trip(Trip.objects.all(), trip_id)).data)


class FlightsView(ApiView):
    @extend_schema(responses=page_of(FlightSerializer), tags=["dispatch"])
    def get(self, request: Request) -> Response:
        """Flights of the caller's branches, the last to arrive first."""
        return self.page(queries.flights(policies.flights_visible_to(self.actor)), FlightSerializer)

    @extend_schema(request=FlightInput, responses={201: FlightSerializer}, tags=["dispatch"])
    def post(self, request: Request) -> Response:
        """Write down a flight."""
        made = flights.create(actor=self.actor, now=timezone.now(), **self.read(FlightInput))
        found = queries.flight(policies.flights_visible_to(self.actor), made.pk)
        return Response(FlightSerializer(found).data, status=201)


class FlightView(ApiView):
    @extend_schema(responses=FlightSerializer, tags=["dispatch"])
    def get(self, request: Request, flight_id: UUID) -> Response:
        """A flight with the tasks that wait for it."""
        found = queries.flight(policies.flights_visible_to(self.actor), flight_id)
        return Response(FlightSerializer(found).data)

    @extend_schema(request=FlightChange, responses=FlightSerializer, tags=["dispatch"])
    def patch(self, request: Request, flight_id: UUID) -> Response:
        """Correct number, passengers or risk class; the arrival is corrected by `move/`."""
        changed = flights.change(actor=self.actor, flight_id=flight_id, **self.read(FlightChange))
        return Response(FlightSerializer(changed).data)

    @extend_schema(request=None, responses={204: None}, tags=["dispatch"])
    def delete(self, request: Request, flight_id: UUID) -> Response:
        """Delete a flight; 409 `tasks_wait_for_it` as long as something waits for it."""
        flights.remove(actor=self.actor, flight_id=flight_id)
        return Response(status=204)


class FlightTasksView(ApiView):
    @extend_schema(request=FlightTasksInput, responses=FlightSerializer, tags=["dispatch"])
    def post(self, request: Request, flight_id: UUID) -> Response:
        """Let exactly these transport tasks wait for the flight."""
        found = flights.set_tasks(
            actor=self.actor, flight_id=flight_id, now=timezone.now(), **self.read(FlightTasksInput)
        )
        return Response(FlightSerializer(found).data)


class MoveFlightView(ApiView):
    @extend_schema(request=MoveInput, responses=FlightSerializer, tags=["dispatch"])
    def post(self, request: Request, flight_id: UUID) -> Response:
        """Correct the arrival: every pick-up that waits for the flight moves by the same time."""
        moved = flights.move(actor=self.actor, flight_id=flight_id, now=timezone.now(), **self.read(MoveInput))
        return Response(FlightSerializer(moved).data)
