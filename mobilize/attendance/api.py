from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.attendance import scans
from mobilize.attendance.serializers import AnswerSerializer, ScansInput
from mobilize.core.rest import ApiView


class CheckInsView(ApiView):
    @extend_schema(request=ScansInput, responses=AnswerSerializer, tags=["shifts"])
    def post(self, request: Request, shift_id: UUID) -> Response:
        """Send what a phone scanned at the post: who came, who left. Each scan is heard once, by its own id."""
        given = [scans.Scan(**one) for one in self.read(ScansInput)["scans"]]
        heard = scans.hear(actor=self.actor, shift_id=shift_id, scans=given, now=timezone.now())
        return Response(AnswerSerializer({"scans": heard}).data)
