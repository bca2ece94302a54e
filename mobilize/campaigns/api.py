from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.campaigns import queries
from mobilize.campaigns.serializers import CampaignDetailSerializer, CampaignSerializer
from mobilize.core.rest import ApiView, page_of


class CampaignsView(ApiView):
    permission_classes = ()

    @extend_schema(responses=page_of(CampaignSerializer), tags=["campaigns"], auth=[])
    def get(self, request: Request) -> Response:
        """Open and closed campaigns, the newest first."""
        return self.page(queries.public(), CampaignSerializer, ordering=("-starts_on", "-id"))


class CampaignView(ApiView):
    permission_classes = ()

    @extend_schema(responses=CampaignDetailSerializer, tags=["campaigns"], auth=[])
    def get(self, request: Request, slug: str) -> Response:
        """A campaign with its appeal, covenant and counters."""
        return Response(CampaignDetailSerializer(queries.by_slug(slug)).data)
