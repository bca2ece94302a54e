from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from mobilize.core.rest import ApiView, page_of
from mobilize.unions import queries
from mobilize.unions.serializers import UnionSerializer
from mobilize.unions.states import Level


class UnionsView(ApiView):
    permission_classes = ()

    @extend_schema(
        responses=page_of(UnionSerializer),
        parameters=[
            OpenApiParameter("search", str, description="Part of the name, in Chinese, English or pinyin."),
            OpenApiParameter("level", str, enum=Level.values),
        ],
        tags=["unions"],
        auth=[],
    )
    def get(self, request: Request) -> Response:
        """The city's unions, by name."""
        unions = queries.listed(
            search=request.query_params.get("search", ""), level=request.query_params.get("level", "")
        )
        return self.page(unions, UnionSerializer, ordering=("sort_key", "name", "id"))
