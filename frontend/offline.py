"""Pages that their person may read without network: which they are, whose the copy is, and as of when.

The browser keeps the copies, in static/frontend/sw.js; here is what it has to know of a page. A page says as of when it
holds in the reader's language, hidden until it is shown from a copy.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

View = Callable[..., HttpResponse]
MARK = "Offline-Copy"  # the header by which the browser knows such a page, and whose it is


def readable_offline(view: View) -> View:
    """Let the browser keep the last copy of a page for its person alone; stands behind the gate that let her in."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.as_of = timezone.now()  # type: ignore[attr-defined]
        response = view(request, *args, **kwargs)
        if request.method == "GET" and response.status_code == 200:
            response.headers[MARK] = owner(request.user.pk)
        return response

    return kept


def owner(user_id: object) -> str:
    """Return what tells one person's copies from another's and says nothing about her."""
    return salted_hmac("frontend.offline", str(user_id)).hexdigest()[:16]
