from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.calendars import policies, queries, services
from mobilize.calendars.serializers import CalendarSerializer
from mobilize.core.rest import ApiView


class MyCalendarView(ApiView):
    @extend_schema(responses=CalendarSerializer, tags=["me"])
    def get(self, request: Request) -> Response:
        """The address of the caller's own calendar; 404 while it is switched off."""
        return Response(CalendarSerializer(queries.own_feed(policies.own(self.actor))).data)

    @extend_schema(request=None, responses={201: None}, tags=["me"])
    def post(self, request: Request) -> Response:
        """Switch the calendar on; one that is on keeps its address. It is read with GET: no kept answer holds it."""
        services.make(actor=self.actor, now=timezone.now())
        return Response(status=201, headers={"Location": request.path})

    @extend_schema(responses={204: None}, tags=["me"])
    def delete(self, request: Request) -> Response:
        """Switch the calendar off: its address ends at once. POST after it gives another one."""
        services.end(actor=self.actor)
        return Response(status=204)
