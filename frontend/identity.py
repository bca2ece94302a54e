"""Who is asking: from a session to the domain's Actor, and the gates in front of the pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from frontend import unsent
from frontend.htmx import in_place, redirect
from mobilize.core.actor import OFFICER, STRANGER, WORKER, Actor
from mobilize.core.errors import Forbidden, NotFound, Unauthenticated
from mobilize.unions import queries as unions

View = Callable[..., HttpResponse]
DESK_FACTORS = {"password", "mfa"}


def person(request: HttpRequest) -> Any:
    """Return the signed-in person, behind one of the gates below."""
    return request.user


def shown_factors(request: HttpRequest) -> set[str]:
    """Return how this session's person has proven who she is: "code", "password", "mfa"."""
    return {record["method"] for record in get_authentication_records(request, request.user)}


def actor_of(request: HttpRequest) -> Actor:
    """Return the request's Actor. Officer rights need a password and the second factor in this session."""
    if not request.user.is_authenticated:
        return STRANGER
    scopes = {WORKER, OFFICER} if shown_factors(request) >= DESK_FACTORS else {WORKER}
    return Actor(user_id=request.user.pk, scopes=frozenset(scopes))


def sign_in(request: HttpRequest, user: Any, then: str) -> str:
    """Open the session of a person who redeemed a phone code.

    Returns:
        The page to go to: `then`, or the second step for a person who has one.
    """
    record_authentication(request, user, method="code")
    return perform_login(request, user, redirect_url=then).headers["Location"]


def may(demand: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
    """Return whether a policy that raises lets pass, so that a page shows only what its reader may do.

    Args:
        demand: a policy, e.g. `tasks.policies.demand_change`.
        args, kwargs: the policy's own.
    """
    try:
        demand(*args, **kwargs)
    except (Unauthenticated, NotFound, Forbidden):
        return False
    return True


def worker_page(view: View) -> View:
    """Let signed-in people in; send others to the sign-in by code and back."""

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _go(request, "sign_in")
        if request.method == "POST":
            unsent.forget(request)
        return view(request, *args, **kwargs)

    return gate


def desk_page(view: View) -> View:
    """Let officers in who have shown password and second factor; lead others to what is missing.

    Raises:
        Forbidden: `officers_only`: a signed-in person without any office.
    """

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _go(request, "account_login")
        shown = shown_factors(request)
        if shown >= DESK_FACTORS:
            if request.method == "POST":
                unsent.forget(request)
            return view(request, *args, **kwargs)
        if not unions.offices_of(request.user.pk).exists():
            raise Forbidden("officers_only")
        if "password" not in shown:
            return _go(request, "account_reauthenticate" if person(request).has_password else "password_forgotten")
        if is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return _go(request, "mfa_reauthenticate")
        return redirect(request, "mfa_activate_totp")

    return gate


def _go(request: HttpRequest, name: str) -> HttpResponse:
    """Lead to a sign-in page and back, and lose nothing that was typed on the way."""
    then = request.get_full_path()
    htmx: Any = getattr(request, "htmx", None)
    if request.method == "POST" or (htmx and htmx.trigger_name):  # a form, or a field that searches while it is typed
        then = reverse("again")
        if htmx:
            context = {
                "sentence": _("You are signed out. What you typed is still here: sign in, then send it once more."),
                "sign_in_at": _way(name, then),
            }
            return in_place(request, context, status=403)
        unsent.keep(request)
    return redirect(request, _way(name, then))


def _way(name: str, then: str) -> str:
    return f"{reverse(name)}?{urlencode({'next': then})}"
