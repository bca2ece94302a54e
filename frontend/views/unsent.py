"""Sending once more what a lost sign-in or an outdated page kept from arriving."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render as render_template
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django_htmx.http import trigger_client_event

from frontend import unsent
from frontend.htmx import in_place, render
from frontend.identity import worker_page


@never_cache
@worker_page
def again(request: HttpRequest) -> HttpResponse:
    """Offer to send the form that was kept during the sign-in; without one, say that she is signed in."""
    return render(request, "unsent.html", {"unsent": unsent.kept(request)})


def outdated(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token does not fit the session any more, e.g. after a sign-in in another tab.

    Over htmx the page stays as it is, gets a fresh token and a message. A plain form of our own pages is shown to be
    sent again; one from anywhere else is refused, so that nobody is led to send what she never typed.

    Args:
        reason: Django's, in English, for developers.
    """
    if getattr(request, "htmx", None):
        sentence = _("Your sign-in changed while the page was open. What you typed is still here: send it once more.")
        response = in_place(request, {"sentence": sentence}, status=403)
        return trigger_client_event(response, "token", {"value": get_token(request)})
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    if urlsplit(origin)[:2] == (request.scheme, request.get_host()):
        return render(request, "unsent.html", {"unsent": unsent.of(request)}, status=403)
    return render_template(request, "403_csrf.html", status=403)
