import json
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.channels import addresses, callbacks, inbound, policies, queries, receipts
from mobilize.channels.serializers import AddressInput, AddressSerializer, ReceiptSerializer, ReplySerializer
from mobilize.core.rest import ApiView, page_of

MOST_BYTES = 256 * 1024
PARAMETERS = [
    OpenApiParameter("key", str, description="Of the address, for providers that sign nothing."),
    OpenApiParameter("X-Timestamp", str, OpenApiParameter.HEADER, description="Unix seconds, from the gateway."),
    OpenApiParameter(
        "X-Signature",
        str,
        OpenApiParameter.HEADER,
        description="From the gateway: hex HMAC-SHA256 of timestamp, `.` and body under SMS_GATEWAY_KEY.",
    ),
]
TAKEN = OpenApiResponse({"type": "object"}, description="Taken, in the provider's own words.")


class ProviderView(ApiView):
    """Base of what SMS providers call."""

    authentication_classes = ()
    permission_classes = ()

    def said(self, request: Request, provider: str) -> Any:
        """Return the JSON a provider sent, once it has shown that it is the one.

        Raises:
            NotFound, Forbidden: see `callbacks.demand_provider`.
            RequestDataTooBig: more than MOST_BYTES.
            ParseError: no JSON.
        """
        body = request._request.body
        if len(body) > MOST_BYTES:
            raise RequestDataTooBig
        key = request.query_params.get("key", "")
        callbacks.demand_provider(provider, key=key, headers=request.headers, body=body)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise ParseError("This is no JSON.") from None


class ReceiptsView(ProviderView):
    @extend_schema(
        request=ReceiptSerializer(many=True), responses={200: TAKEN}, parameters=PARAMETERS, tags=["sms"], auth=[]
    )
    def post(self, request: Request, provider: str) -> Response:
        """Hear from an SMS provider what became of messages. Twice, late or in any order does no harm."""
        said = self.said(request, provider)
        try:
            reports = callbacks.reports(provider, said)
        except callbacks.Garbled:
            raise ParseError("These are no receipts.") from None
        receipts.take(provider=provider, reports=reports, now=timezone.now())
        return Response(callbacks.THANKS[provider])


class RepliesView(ProviderView):
    @extend_schema(
        request=ReplySerializer(many=True), responses={200: TAKEN}, parameters=PARAMETERS, tags=["sms"], auth=[]
    )
    def post(self, request: Request, provider: str) -> Response:
        """Hear from an SMS provider what people wrote back. What comes twice is taken once."""
        said = self.said(request, provider)
        try:
            replies = callbacks.replies(provider, said)
        except callbacks.Garbled:
            raise ParseError("These are no replies.") from None
        inbound.take(provider=provider, replies=replies, now=timezone.now())
        return Response(callbacks.THANKS[provider])


class MyAddressesView(ApiView):
    @extend_schema(responses=page_of(AddressSerializer), tags=["me"])
    def get(self, request: Request) -> Response:
        """Where the caller is reached besides by SMS, the oldest first."""
        rows = queries.kept(policies.own_addresses(self.actor))
        return self.page(rows, AddressSerializer, ordering=("created_at", "id"))

    @extend_schema(request=AddressInput, responses={201: AddressSerializer}, tags=["me"])
    def post(self, request: Request) -> Response:
        """Give an address. One for e-mail is unconfirmed until the link in a letter is opened; one given before is
        the same again. Robots are for officers."""
        row = addresses.add(actor=self.actor, now=timezone.now(), **self.read(AddressInput))
        return Response(AddressSerializer(row).data, status=201)


class MyAddressView(ApiView):
    @extend_schema(responses={204: None}, tags=["me"])
    def delete(self, request: Request, address_id: UUID) -> Response:
        """Take an address away: nothing is sent there any more."""
        addresses.remove(actor=self.actor, address_id=address_id, now=timezone.now())
        return Response(status=204)


class ConfirmAgainView(ApiView):
    @extend_schema(request=None, responses=AddressSerializer, tags=["me"])
    def post(self, request: Request, address_id: UUID) -> Response:
        """Send the letter that confirms an e-mail address once more."""
        row = addresses.confirm_again(actor=self.actor, address_id=address_id, now=timezone.now())
        return Response(AddressSerializer(row).data)
