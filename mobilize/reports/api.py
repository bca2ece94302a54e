from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.core.rest import ApiView
from mobilize.reports import export


class ExportView(ApiView):
    @extend_schema(responses={200: dict}, tags=["me"])
    def get(self, request: Request) -> Response:
        """Everything kept about the signed-in person, the phone number in full."""
        return Response(export.of_person(user_id=self.person))
