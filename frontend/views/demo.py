"""The demonstration's helpers: who can be played, what the messages say. Only ever in DEMO mode."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa import app_settings as mfa
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from frontend.htmx import render
from frontend.paging import Paginator
from mobilize.channels import queries as channels
from mobilize.core.errors import NotFound
from mobilize.seeding import queries as seeding

A_PAGE = 20


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hide a page outside the demonstration.

    Raises:
        NotFound: in production.
    """

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise NotFound
        return view(request, *args, **kwargs)

    return gate


@never_cache
@demo_only
def demo(request: HttpRequest) -> HttpResponse:
    """Show the people to play, the officers' code of this half minute, and the inbox."""
    people = seeding.demo_people()
    now = int(time.time())
    context = {
        "people": people,
        "code": format_hotp_value(hotp_value(people["officer"]["totp_secret"], now // mfa.TOTP_PERIOD)),
        "seconds_left": mfa.TOTP_PERIOD - now % mfa.TOTP_PERIOD,
        "examples": seeding.examples(now=timezone.now()),
        "page": Paginator(channels.inbox(), A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "demo.html", context, parts=["inbox", "code"])
