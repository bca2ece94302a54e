from typing import Any

from django.utils import timezone, translation
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.accounts import services
from mobilize.accounts.serializers import CodeAnswer, CodeRequest, TokenAnswer, TokenRequest
from mobilize.core.errors import Unauthenticated
from mobilize.core.proxies import client_address
from mobilize.core.rest import ApiView


class CodesView(ApiView):
    authentication_classes = ()
    permission_classes = ()

    @extend_schema(request=CodeRequest, responses={202: CodeAnswer}, tags=["auth"], auth=[])
    def post(self, request: Request) -> Response:
        """Send a sign-in code to a phone. The answer is the same for known and unknown numbers."""
        challenge = services.request_code(
            **self.read(CodeRequest),
            now=timezone.now(),
            address=client_address(request.META),
            language=translation.get_language() or "zh-hans",
        )
        return Response(CodeAnswer(challenge).data, status=202)


class TokensView(ApiView):
    permission_classes = ()

    @extend_schema(request=TokenRequest, responses={201: TokenAnswer}, tags=["auth"], auth=[])
    def post(self, request: Request) -> Response:
        """Exchange challenge and code for a bearer token."""
        data = self.read(TokenRequest)
        token = services.sign_in(
            challenge_id=data["challenge"], code=data["code"], totp=data.get("totp", ""), now=timezone.now()
        )
        return Response(TokenAnswer(token).data, status=201)

    @extend_schema(request=None, responses={204: None}, tags=["auth"])
    def delete(self, request: Request) -> Response:
        """Sign out: the token of this request opens nothing any more."""
        credential: Any = request.auth
        if credential is None:
            raise Unauthenticated
        services.revoke_token(token_id=credential.token_id)
        return Response(status=204)
