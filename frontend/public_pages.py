"""Pages that are the same for everybody are rendered once and kept as finished bytes.

The whole city reads the appeal. The first reader's answer goes through every layer and is kept: for some seconds in the
cache that all processes share, and for a moment in the process itself, because even one question to the cache costs as
much as the rest of the answer. Kept answers need no session, no address to be resolved and no SQL.

Nothing personal can get in: a page is rendered for a stranger without cookies, query string or session, whoever asks.
"""

import gzip
import re
from collections.abc import Callable
from hashlib import blake2b
from http.cookies import SimpleCookie
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache
from django.core.signing import BadSignature, get_cookie_signer
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from frontend.context import ELDER, wants_elder
from frontend.middleware import language_of
from mobilize.campaigns import readers

# The only addresses that are ever kept: home, an appeal, its covenant, and the appeal as a union shares it.
KEPT = re.compile(r"/(?:c/[-\w]{1,60}/(?:covenant/|u/[-\w]{1,60}/)?)?", re.ASCII)
RENEWED_AFTER = 10  # seconds: then one process renders the page anew while all others go on with the old one
KEPT_FOR = 20  # seconds, in the shared cache
COPIED_FOR = 2.0  # seconds, in the process
MOST_COPIES = 100
VIA = "via"  # the cookie that remembers whose share link led here
COOKIES = {VIA}
# A kept page shows no message. This cookie says that one waits, also when Django had to put it into the session.
MESSAGES = CookieStorage.cookie_name
_signer = get_cookie_signer(salt=CookieStorage.key_salt)
SENT_WITH_304 = {"Cache-Control", "Vary"}


class Page(NamedTuple):
    """A finished answer: its head, its compressed body, and for whom a reader counts."""

    etag: str
    headers: dict[str, str]
    cookies: SimpleCookie
    packed: bytes
    campaign_id: UUID | None
    via_id: UUID | None


class _Copy(NamedTuple):
    until: float
    page: Page


_copies: dict[str, _Copy] = {}


def publish(response: HttpResponse, *, campaign_id: UUID | None = None, via_id: UUID | None = None) -> HttpResponse:
    """Say that an answer is the same for everybody, so it may be kept.

    Args:
        response: rendered without a look at the person.
        campaign_id: whose readers every GET counts for, if any.
        via_id: the union whose share link this is.
    Returns:
        The response.
    """
    response.published = (campaign_id, via_id)  # type: ignore[attr-defined]
    return response


def forget() -> None:
    """Forget this process's copies."""
    _copies.clear()


class PublicPagesMiddleware:
    """Answers with kept pages; stands before all other middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not KEPT.fullmatch(request.path_info):
            return self.get_response(request)
        if _message_waits(request):
            response = self.get_response(request)
            _count(request, *getattr(response, "published", (None, None)))
            return response
        language = language_of(request)
        version = f"{language}:{ELDER}" if wants_elder(request) else language
        key = f"{request.scheme}:{version}:{request.path_info}"
        page = _kept(key)
        if page is None:
            response = self.get_response(_as_a_stranger(request, language))
            if not _may_be_kept(response):
                return response
            page = _keep(key, response)
        _count(request, page.campaign_id, page.via_id)
        return _answer(request, page)


def _message_waits(request: HttpRequest) -> bool:
    """Tell whether the cookie is one of ours; made up, it would let anybody ask for pages that cost more."""
    try:
        _signer.unsign(request.COOKIES[MESSAGES])
    except (KeyError, BadSignature):
        return False
    return True


def _kept(key: str) -> Page | None:
    """Return the page, or None to the one who shall render it now."""
    copy = _copies.get(key)
    now = monotonic()
    if copy and now < copy.until:
        return copy.page
    page: Page | None = cache.get(f"page:{key}")
    if page is None or cache.add(f"page-renewed:{key}", 1, timeout=RENEWED_AFTER):
        return None
    _copy(key, page)
    return page


def _keep(key: str, response: HttpResponse) -> Page:
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers["Cache-Control"] = "no-cache"  # keep it, but ask each time: an unchanged page is a short answer
    del response.headers["Content-Length"]
    page = Page(
        # weak, because the compressed and the plain bytes share it
        etag=f'W/"{blake2b(response.content, digest_size=16).hexdigest()}"',
        headers=dict(response.items()),
        cookies=response.cookies,
        # Compressing is safe here: the page holds no secret whose length could be guessed.
        packed=gzip.compress(response.content, 9, mtime=0),
        campaign_id=response.published[0],  # type: ignore[attr-defined]
        via_id=response.published[1],  # type: ignore[attr-defined]
    )
    cache.set(f"page:{key}", page, timeout=KEPT_FOR)
    cache.set(f"page-renewed:{key}", 1, timeout=RENEWED_AFTER)
    _copy(key, page)
    return page


def _copy(key: str, page: Page) -> None:
    if len(_copies) >= MOST_COPIES:
        _copies.clear()
    _copies[key] = _Copy(monotonic() + COPIED_FOR, page)


def _as_a_stranger(request: HttpRequest, language: str) -> HttpRequest:
    request.COOKIES = {settings.LANGUAGE_COOKIE_NAME: language} | ({ELDER: "1"} if wants_elder(request) else {})
    request.META.pop("HTTP_COOKIE", None)
    request.META["QUERY_STRING"] = ""
    return request


def _may_be_kept(response: HttpResponse) -> bool:
    return response.status_code == 200 and hasattr(response, "published") and response.cookies.keys() <= COOKIES


def _answer(request: HttpRequest, page: Page) -> HttpResponse:
    response: HttpResponse
    known = request.META.get("HTTP_IF_NONE_MATCH")
    if known and (page.etag.removeprefix("W/") in known or known.strip() == "*"):
        response = HttpResponseNotModified(headers={name: page.headers[name] for name in SENT_WITH_304})
    elif _takes_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        response = HttpResponse(page.packed, headers=page.headers | {"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(gzip.decompress(page.packed), headers=page.headers)
    if response.status_code == 200:
        response.headers["Content-Length"] = str(len(response.content))
    response.headers["ETag"] = page.etag
    response.cookies = page.cookies
    return response


def _takes_gzip(accepted: str) -> bool:
    return "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "")


def _count(request: HttpRequest, campaign_id: UUID | None, via_id: UUID | None) -> None:
    if campaign_id and request.method == "GET":
        readers.count(campaign_id=campaign_id, via_id=via_id, now=timezone.now())
