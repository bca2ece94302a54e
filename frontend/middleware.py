"""The one place where a domain error becomes a page or a message in place."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from frontend.htmx import VARY, redirect, render
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

STATUS: dict[type[DomainError], int] = {
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
}


class DomainErrorMiddleware:
    """Translate errors of the domain for people.

    A plain request gets the error's page, an htmx request gets the message alone, put in front of the page's
    content. Views of the JSON face answer their own errors and never reach this.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, VARY)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a DomainError with 403, 404, 409, 422 or 429; leave every other exception alone."""
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, Unauthenticated):
            return redirect(request, f"{reverse('sign_in')}?{urlencode({'next': request.get_full_path()})}")
        status = STATUS[type(error)]
        context = {"sentence": sentence(error), "back": _back(request)}
        if not getattr(request, "htmx", None):
            template = "404.html" if status == 404 else "errors/refused.html"
            return render(request, template, context, status=status)
        response = render(request, "components/flash.html", context, status=status)
        response["HX-Retarget"] = "#flash"
        response["HX-Reswap"] = "innerHTML show:top"
        return response


def _back(request: HttpRequest) -> str:
    came_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        return came_from
    return "/"
