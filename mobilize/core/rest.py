"""The REST kit: who calls, what goes wrong (RFC 9457), pages by cursor, repeated requests."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as BadValue
from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import authentication, exceptions, negotiation, pagination, parsers, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView, exception_handler, set_rollback

from mobilize.core import errors
from mobilize.core.actor import STRANGER, Actor
from mobilize.core.bearer import Credential, credential_of
from mobilize.core.models import IdempotentRequest
from mobilize.core.reading import flattened, judged

PROBLEM = "application/problem+json"
KEY_HEADER = "Idempotency-Key"
KEY_IN_META = "HTTP_IDEMPOTENCY_KEY"  # `request.headers` would build all of them for each request
KEY_LASTS = timedelta(hours=24)
IN_PROGRESS_LASTS = timedelta(minutes=2)
UNSAFE = {"POST"}

STATUS = {
    errors.Unauthenticated: status.HTTP_401_UNAUTHORIZED,
    errors.Forbidden: status.HTTP_403_FORBIDDEN,
    errors.NotFound: status.HTTP_404_NOT_FOUND,
    errors.Conflict: status.HTTP_409_CONFLICT,
    errors.Invalid: 422,
    errors.TooMany: status.HTTP_429_TOO_MANY_REQUESTS,
}


# --- who calls -------------------------------------------------------------------------------------------------


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer`: a person's token from auth/tokens/, or a partner's from oauth/token/."""

    challenge = 'Bearer realm="api"'

    def authenticate(self, request: Request) -> tuple[Any, Credential] | None:
        # In the header alone: a token in an address ends up in logs and histories.
        kind, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind != "Bearer":
            return None
        credential = credential_of(
            token.strip(), address=lambda: request.build_absolute_uri(request.path), now=timezone.now()
        )
        if credential is None:
            self.challenge += ',error="invalid_token",error_description="The access token is unknown or has expired."'
            raise exceptions.AuthenticationFailed(_("The token is unknown or has expired."), "bad_token")
        return credential.user, credential

    def authenticate_header(self, request: Request) -> str:
        return self.challenge


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def actor_of(request: Request) -> Actor:
    """Return the caller as an Actor."""
    credential: Any = request.auth
    return credential.actor if credential else STRANGER


class SignedIn:
    """Permission: somebody is signed in, a person or a partner. What she may do is decided by the policies."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is not None

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        return True


# --- what goes wrong -------------------------------------------------------------------------------------------


def _problem(status_code: int, code: str, detail: str, **more: Any) -> Response:
    body = {
        "type": f"urn:mobilize:problem:{code}",
        "title": detail,
        "status": status_code,
        "code": code,
        **more,
    }
    return Response(body, status=status_code, content_type=PROBLEM)


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: every error as problem+json with `code`, all field errors at once."""
    if isinstance(exc, errors.DomainError):
        set_rollback()
        return _domain_problem(exc)
    if isinstance(exc, OperationalError):
        problem = _problem(status.HTTP_503_SERVICE_UNAVAILABLE, "busy", "The database does not answer. Try again.")
        problem["Retry-After"] = "2"
        return problem
    if isinstance(exc, RequestDataTooBig):
        return _problem(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "too_big", "The body is too big.")
    answer = exception_handler(exc, context)
    if answer is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        problem = _problem(422, "invalid", "The input is wrong.", errors=flattened(exc.detail))
    else:
        detail = getattr(exc, "detail", "")
        code = str(getattr(detail, "code", "")) or getattr(exc, "default_code", "not_found")
        problem = _problem(answer.status_code, code, str(detail or "Not found."))
    for name in ("WWW-Authenticate", "Retry-After", "Allow"):
        if name in answer:
            problem[name] = answer[name]
    return problem


def _domain_problem(exc: errors.DomainError) -> Response:
    status_code = next(code for kind, code in STATUS.items() if isinstance(exc, kind))
    more: dict[str, Any] = {"data": exc.data} if exc.data else {}
    if isinstance(exc, errors.Invalid):
        more["errors"] = [
            {"field": name, "code": code, "detail": code.replace("_", " ")}
            for name, codes in exc.fields.items()
            for code in codes
        ]
    problem = _problem(status_code, exc.code, exc.code.replace("_", " "), **more)
    if isinstance(exc, errors.TooMany):
        problem["Retry-After"] = str(exc.data["retry_after"])
    if isinstance(exc, errors.Unauthenticated):
        problem["WWW-Authenticate"] = 'Bearer realm="api"'
    return problem


class JsonParser(parsers.JSONParser):
    """JSON whose nesting has an end."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise exceptions.ParseError("The JSON is nested too deeply.") from None


class OneFormat(negotiation.DefaultContentNegotiation):
    """Every answer is JSON, so what the client would take need not be weighed."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class ProblemSerializer(serializers.Serializer):
    """RFC 9457 problem details."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for programs.")
    data = serializers.DictField(required=False)  # type: ignore[assignment]
    errors = serializers.ListField(child=serializers.DictField(), required=False)  # type: ignore[assignment]


# --- pages -----------------------------------------------------------------------------------------------------


class CursorPage(pagination.CursorPagination):
    """Pages by cursor; the view names the ordering (unique, indexed). `?limit=` from 1; over 200 it is 200."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200
    offset_cutoff = 100_000  # of rows with one and the same position: shifts that begin at one time

    def paginate_queryset(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().paginate_queryset(*args, **kwargs)
        except (ValueError, BadValue):  # the position is no value of the column we order by
            raise exceptions.NotFound(self.invalid_cursor_message) from None

    def get_page_size(self, request: Request) -> int:
        """Return how many rows a page has.

        Raises:
            Invalid: `bad_limit` beside `limit`.
        """
        given = request.query_params.get(self.page_size_query_param, str(self.page_size))
        try:
            size = int(given) if given.isdecimal() else 0
        except ValueError:  # more digits than Python reads
            size = 0
        if size < 1:
            raise errors.Invalid({self.page_size_query_param: ["bad_limit"]})
        return min(size, self.max_page_size)

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        if cursor is not None and "\0" in str(cursor.position):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor


@cache
def page_of(serializer: type[serializers.Serializer]) -> serializers.Serializer:
    """Describe one cursor page of a serializer, for the OpenAPI schema."""
    return inline_serializer(
        serializer.__name__.removesuffix("Serializer") + "Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": serializer(many=True),
        },
    )


# --- the OpenAPI description -----------------------------------------------------------------------------------

PAGE_PARAMETERS = [
    OpenApiParameter("cursor", str, description="From `next` or `previous` of another page."),
    OpenApiParameter(
        CursorPage.page_size_query_param,
        {"type": "integer", "minimum": 1, "default": CursorPage.page_size},
        description=f"Rows on a page; over {CursorPage.max_page_size} it is {CursorPage.max_page_size}.",
    ),
]


class Schema(AutoSchema):
    """Adds the Idempotency-Key header to POSTs, cursor and limit to lists, problem+json to all operations."""

    def get_override_parameters(self) -> list[Any]:
        if self._is_page():
            return PAGE_PARAMETERS
        if self.method not in UNSAFE:
            return []
        return [
            OpenApiParameter(
                KEY_HEADER,
                str,
                OpenApiParameter.HEADER,
                description="Up to 255 characters; a signed-in caller's repeated request gets the first answer again.",
            )
        ]

    def get_operation_id(self) -> str:
        name = super().get_operation_id()
        return name.removesuffix("_retrieve") + "_list" if self._is_page() else name

    def _is_page(self) -> bool:
        return type(self.get_response_serializers()).__name__.endswith("Page")

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(ProblemSerializer, "default", media_types=[PROBLEM])
        problem["description"] = "What went wrong."
        bodies["default"] = problem
        return bodies


# --- views and repeated requests -------------------------------------------------------------------------------

S = TypeVar("S", bound=serializers.BaseSerializer)
T = TypeVar("T")


class ApiView(APIView):
    """Base of all views: gives the actor, reads input, repeats answers for a known Idempotency-Key."""

    authentication_classes: Any = [BearerAuthentication]
    parser_classes: Any = [JsonParser]
    content_negotiation_class: Any = OneFormat
    permission_classes: Any = [SignedIn]
    _kept: IdempotentRequest | None = None

    @property
    def actor(self) -> Actor:
        """The caller."""
        return actor_of(self.request)

    @property
    def person(self) -> UUID:
        """The signed-in person's id; see `Actor.person`."""
        return self.actor.person

    def read(self, kind: Callable[..., S]) -> dict[str, Any]:
        """Return the request's validated data.

        Raises:
            ValidationError: every field error at once (422).
        """
        serializer = kind(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def ask(self, kind: type[serializers.Serializer], call: Callable[..., T], data: Any = None) -> T:
        """Hand the request's data (or `data`) to a service that judges it; see `reading.judged`."""
        return judged(kind(data=self.request.data if data is None else data), call)

    def page(self, queryset: Any, serializer: type[serializers.BaseSerializer], *, ordering: Any = None) -> Response:
        """Return one cursor page of the queryset."""
        paginator = CursorPage()
        if ordering:
            paginator.ordering = ordering
        rows: Any = paginator.paginate_queryset(queryset, self.request, view=self)
        return paginator.get_paginated_response(serializer(rows, many=True).data)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        _refuse_nul(request)
        key = request.META.get(KEY_IN_META, "")
        if request.method in UNSAFE and key:
            self._kept = _begin(request, key)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self._kept is not None and isinstance(response, Response):
            _keep(self._kept, response)
        return super().finalize_response(request, response, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, _Replay):
            return exc.response
        try:
            return super().handle_exception(exc)
        except Exception:
            if self._kept is not None:  # a fault of ours: the caller may try again with the same key
                self._kept.delete()
            raise


def _refuse_nul(request: Request) -> None:
    """PostgreSQL keeps no NUL in a text, so no filter may carry one. (Serializers look after bodies.)

    Raises:
        Invalid: `bad_text` beside every such parameter.
    """
    wrong = {name: ["bad_text"] for name, values in request.query_params.lists() if "\0" in "".join([name, *values])}
    if wrong:
        raise errors.Invalid(wrong)


class _Replay(Exception):
    def __init__(self, response: Response) -> None:
        self.response = response


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, default=str)
    return hashlib.sha256(f"{request.method} {request.get_full_path()} {body}".encode()).hexdigest()


def _principal(request: Request) -> str:
    actor = actor_of(request)
    return f"user:{actor.user_id}" if actor.user_id else f"client:{actor.client_id}"


def _begin(request: Request, key: str) -> IdempotentRequest | None:
    """Claim the key, or answer for the request that holds it.

    Raises:
        _Replay: with the first request's answer.
        Invalid: `idempotency_key_reused` for another request; `too_long`.
        Conflict: `request_in_progress`.
    """
    actor = actor_of(request)
    if actor.is_stranger:
        return None
    if len(key) > 255:
        raise errors.Invalid({KEY_HEADER: ["too_long"]})
    now = timezone.now()
    mine = {"principal": _principal(request), "key": key}
    fingerprint = _fingerprint(request)
    IdempotentRequest.objects.filter(**mine, created_at__lt=now - KEY_LASTS).delete()
    IdempotentRequest.objects.filter(**mine, status=None, created_at__lt=now - IN_PROGRESS_LASTS).delete()
    kept, first = IdempotentRequest.objects.get_or_create(
        **mine, defaults={"fingerprint": fingerprint, "created_at": now}
    )
    if first:
        return kept
    if kept.fingerprint != fingerprint:
        raise errors.Invalid({KEY_HEADER: ["idempotency_key_reused"]})
    if kept.status is None:
        raise errors.Conflict("request_in_progress")
    response = Response(
        kept.body,
        status=kept.status,
        content_type=PROBLEM if kept.status >= 400 else None,
        headers={"Idempotency-Replayed": "true"} | ({"Location": kept.location} if kept.location else {}),
    )
    raise _Replay(response)


def _keep(kept: IdempotentRequest, response: Response) -> None:
    if response.status_code >= 500 or response.status_code == 429:
        kept.delete()
        return
    body = json.loads(json.dumps(response.data, cls=JSONEncoder)) if response.data is not None else None
    IdempotentRequest.objects.filter(pk=kept.pk).update(
        status=response.status_code, body=body, location=response.headers.get("Location", "")
    )


class UnknownView(ApiView):
    """Answers for every address below the API that is none."""

    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise errors.NotFound
