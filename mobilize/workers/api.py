from functools import partial

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.accounts import queries as accounts
from mobilize.core.rest import ApiView
from mobilize.workers import services
from mobilize.workers.serializers import MeSerializer, ProfileInput


class MeView(ApiView):
    @extend_schema(responses=MeSerializer, tags=["me"])
    def get(self, request: Request) -> Response:
        """The signed-in person."""
        return Response(MeSerializer(accounts.user(user_id=self.person)).data)

    @extend_schema(request=ProfileInput, responses=MeSerializer, tags=["me"])
    def patch(self, request: Request) -> Response:
        """Give or correct the profile; what is left out stays as it is."""
        self.ask(ProfileInput, partial(services.change_profile, actor=self.actor, now=timezone.now()))
        return Response(MeSerializer(accounts.user(user_id=self.person)).data)

    @extend_schema(responses={204: None}, tags=["me"])
    def delete(self, request: Request) -> Response:
        """Erase the account: name and number go, counts of service stay."""
        services.erase_me(actor=self.actor)
        return Response(status=204)
