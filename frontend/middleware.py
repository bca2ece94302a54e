"""Which language a page speaks, how it is packed, what it may load, what no page is asked with, and the one place where
a domain error becomes a page or a message in place."""

from collections.abc import Callable
from typing import Any

import structlog
from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.messages.storage import default_storage
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject, empty
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from frontend.htmx import VARY, in_place, redirect, render
from frontend.sentences import sentence
from mobilize.core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unauthenticated,
)

log = structlog.get_logger()

STATUS: dict[type[DomainError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
}


LANGUAGES = dict(settings.LANGUAGES)
PAGES_VARY = (*VARY, "Cookie")
REDIRECTS = {301, 302, 303, 307, 308}
PACKED = ("text/", "application/json", "application/manifest+json")


def language_of(request: HttpRequest) -> str:
    """Return the language of a page: the one its reader switched to, else Chinese."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return chosen if chosen in LANGUAGES else settings.LANGUAGE_CODE


class ChineseFirstMiddleware:
    """Pages speak Chinese until the reader switches; only the JSON face asks what the client would like.

    A phone set to English says nothing about the reader: the pages are written in Chinese first.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        api = _is_api(request)
        language = translation.get_language_from_request(request) if api else language_of(request)
        request.LANGUAGE_CODE = language
        translation.activate(language)
        response = self.get_response(request)
        html = response.headers.get("Content-Type", "").startswith("text/html")
        patch_vary_headers(response, ("Accept-Language",) if api else PAGES_VARY if html else ("Cookie",))
        response.headers.setdefault("Content-Language", translation.get_language() or language)
        return response


class OnePolicyMiddleware(CSPMiddleware):
    """What pages may load, and what they may ask of the device. A redirect is no page.

    django-csp builds the policy anew for every response; ours is one, but for views that loosen it (`csp_update`), and
    knows no nonce.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self.policy = build_policy()

    def process_request(self, request: HttpRequest) -> None:
        pass

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.status_code in REDIRECTS:
            return response
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if settings.DEBUG or hasattr(response, "_csp_update"):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.policy)
        return response


def takes_gzip(request: HttpRequest) -> bool:
    """Tell whether who asks can unpack; Django overlooks that one may name gzip to refuse it."""
    accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "")


class PackedMiddleware(GZipMiddleware):
    """Compress pages and scripts on their way out. Kept pages and static files come packed already, files like PDF and
    PNG gain nothing.

    Secrets in a page cannot be guessed by its length (BREACH): Django masks the token of a form anew in each answer and
    pads what it packs.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if response.streaming or not kind.startswith(PACKED) or not takes_gzip(request):
            return response
        return super().process_response(request, response)


class PrivateMiddleware:
    """Pages are their reader's own unless a view says otherwise; caches ask before they show one again.

    With a session that ends they are forgotten: Back would still show them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        session = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if session is not None and not session.value:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response


class NoNulMiddleware:
    """Refuse pages asked for with a NUL in the address or a cookie: PostgreSQL could not even look for it.

    Forms refuse it in what is typed, the JSON face names the parameter.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = [request.path_info, *request.COOKIES.values()]
        if not _is_api(request) and ("%00" in request.META["QUERY_STRING"] or "\0" in "".join(texts)):
            raise BadRequest("NUL in the address or a cookie")
        return self.get_response(request)


class LazyMessagesMiddleware(MessageMiddleware):
    """Django's messages; the storage of a request that neither shows nor leaves one is never made."""

    def process_request(self, request: HttpRequest) -> None:
        request._messages = SimpleLazyObject(lambda: default_storage(request))  # type: ignore[attr-defined]

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request._messages._wrapped is empty:  # type: ignore[attr-defined]
            return response
        return super().process_response(request, response)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


class DomainErrorMiddleware:
    """Translate errors of the domain for people.

    A plain request gets the error's page, an htmx request gets the message alone, put in front of the page's
    content. Views of the JSON face answer their own errors and never reach this.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a DomainError with 403, 404, 409, 422 or 429, a database that is away with 503; nothing else."""
        if isinstance(error, OperationalError):
            log.error("database.away", error=type(error).__name__)
            return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "10"})
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, Unauthenticated):
            return redirect(request, f"{reverse('sign_in')}?{urlencode({'next': request.get_full_path()})}")
        status = STATUS[type(error)]
        context = {"sentence": sentence(error), "back": _back(request), "signup_id": error.data.get("signup_id")}
        if not getattr(request, "htmx", None):
            template = "404.html" if status == 404 else "errors/refused.html"
            return render(request, template, context, status=status)
        return in_place(request, context, status=status)


def _back(request: HttpRequest) -> str:
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        return came_from
    return "/"
