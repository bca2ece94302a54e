"""One address, two renderings: the full page, or the one part of it that htmx asked for.

A part is an inline partial whose name is its DOM id. The view says which parts it offers, so a client can
never name another block of a template.
"""

from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.shortcuts import render as render_template
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django_htmx.http import HttpResponseClientRedirect, HttpResponseLocation, retarget

VARY = ("HX-Request", "HX-Target")


def wants(request: HttpRequest, parts: Collection[str]) -> str | None:
    """Return the part that htmx asks for, or None for the full page."""
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted and not htmx.history_restore_request and htmx.target in parts:
        return str(htmx.target)
    return None


def render(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    parts: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Answer with the full page, or with the part htmx targets when the view offers it.

    Args:
        template: path of the page's template.
        parts: names of inline partials, equal to their DOM ids.
        status: HTTP status; 422 for a form that came back with errors.
    """
    part = wants(request, parts)
    response = render_template(request, f"{template}#{part}" if part else template, context, status=status)
    patch_vary_headers(response, VARY)
    return response


def in_place(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    """Answer an htmx request with a message alone, put in front of the page's content; the page stays.

    Args:
        context: `sentence`, and `sign_in_at` when a sign-in in a new tab is the way on.
        status: HTTP status, 4xx.
    """
    response = render(request, "components/flash.html", context, status=status)
    response["HX-Reswap"] = "innerHTML show:top"
    return retarget(response, "#flash")


def status_of(form: Any) -> int:
    """Return 422 for a form that came back with errors, 429 for one that asks for a proof of work, 503 for one that
    the database had no time for, else 200.
    """
    if getattr(form, "busy", False):
        return 503
    if getattr(form, "proof", None):
        return 429
    return 422 if form.errors else 200


def redirect(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Send the browser to another page after a change, from a plain form (303) as from an htmx one."""
    url = _url(to, *args, **kwargs)
    if _takes_orders(request):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url, status=303)


def step(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Like `redirect`, to the next page of one way: where htmx asked, it is put in place without loading a document.

    The pages of such a way need no script of their own.
    """
    if _takes_orders(request):
        return HttpResponseLocation(_url(to, *args, **kwargs))
    return redirect(request, to, *args, **kwargs)


def _url(to: Any, *args: Any, **kwargs: Any) -> str:
    """Return what `resolve_url` returns, for the page of one row from the pattern of such pages: looking an address up
    costs as much as many another step of a surge.
    """
    if len(args) == 1 and isinstance(args[0], UUID) and not kwargs:
        before, after = _around_id(to)
        return f"{before}{args[0]}{after}"
    return resolve_url(to, *args, **kwargs)


@cache
def _around_id(name: str) -> tuple[str, str]:
    any_id = UUID(int=0)
    before, _id, after = reverse(name, args=[any_id]).partition(str(any_id))
    return before, after


def _takes_orders(request: HttpRequest) -> bool:
    """Tell whether htmx reads the head of the answer; going back in the history it takes what comes as the page."""
    return "HTTP_HX_REQUEST" in request.META and "HTTP_HX_HISTORY_RESTORE_REQUEST" not in request.META


def unchanged(request: HttpRequest, version: object) -> HttpResponse | None:
    """Return a 304 when the board the browser holds has this version, else None."""
    etag = board_etag(request, version)
    if request.headers.get("If-None-Match") != etag:
        return None
    response = HttpResponseNotModified(headers={"ETag": etag})
    patch_vary_headers(response, VARY)
    return response


def board_etag(request: HttpRequest, version: object) -> str:
    """Return a board's ETag, which nobody can make up: its data's version, the language and the reader."""
    text = f"{version}|{get_language()}|{request.user.pk}"
    return quote_etag(salted_hmac("frontend.board", text).hexdigest()[:32])
