"""From a shift to a confirmed sign-up."""

from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from frontend import joining
from frontend.forms.base import refusals
from frontend.forms.join import AboutForm, AcceptForm, JoinForm, union_options
from frontend.htmx import redirect, render, status_of, step
from frontend.identity import actor_of, person, worker_page
from frontend.public_pages import VIA
from frontend.sentences import words
from frontend.templatetags.ui import spoken
from frontend.views.sign_in import send_code
from mobilize.campaigns import queries as campaigns
from mobilize.core.errors import Conflict, Invalid, NotFound
from mobilize.signups import queries as signups
from mobilize.signups import services, turns
from mobilize.unions import queries as unions
from mobilize.workers import queries as workers
from mobilize.workers.services import save_profile

LOOK_AGAIN = 3  # seconds


def join(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Take a stranger's number, ask a new person about herself, let a known one confirm."""
    if request.method == "POST" and request.user.is_authenticated:
        return _sign_up(request, shift_id)
    return _ask(request, shift_id)


@never_cache
def _ask(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    shift = signups.shift_to_join(shift_id)
    now = timezone.now()
    if shift.starts_at <= now or (shift.opens_at and shift.opens_at > now):
        return redirect(request, "shift", shift_id)  # which says so
    if not request.user.is_authenticated:
        return _as_stranger(request, shift)
    if mine := signups.of_worker_on_shift(user_id=person(request).pk, shift_id=shift_id):
        return _done(request, mine.pk)
    if workers.profile(user_id=person(request).pk) is None:
        return _introduce(request, shift_id, accepted=joining.accepted(request, shift_id))
    return _confirm(request, shift, AcceptForm(asks=not _knows_covenant(request, shift)))


@never_cache
@worker_page
def about(request: HttpRequest) -> HttpResponse:
    """Ask a new person's name and union, then sign her up like everybody; her profile stays whatever comes of that.

    Who came through a union's link or poster finds it chosen.
    """
    shift_id = joining.unfinished(request)
    if shift_id is None:
        done = joining.finished(request)
        return step(request, "signup", done) if done else redirect(request, "profile")
    shift = signups.shift_to_join(shift_id)
    via = unions.by_code_or_none(_via(request))
    initial = {"union_search": spoken(via)} if via else None
    form = AboutForm(request.POST or None, initial=initial, otherwise=shift.task.campaign.union)
    if form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            save_profile(
                actor=actor_of(request),
                name=data["name"],
                union_id=data["union"],
                consent=True,  # the button says so
                now=timezone.now(),
            )
            return _sign_up(request, shift.pk)
    search = request.POST.get("union_search") or request.GET.get("union_search", "")
    context = {
        "form": form,
        "shift": shift,
        "unions": union_options(search) or ([via] if via and not search else []),
        "otherwise": form.otherwise,
        "search": search,
        "chosen": via.pk if via else None,
    }
    return render(request, "worker/about.html", context, parts=["sheet", "unions"], status=status_of(form))


def _as_stranger(request: HttpRequest, shift: Any) -> HttpResponse:
    form = JoinForm(request.POST or None)
    here = reverse("join", args=[shift.pk])
    if form.is_valid():
        with refusals(form):
            send_code(request, phone=form.cleaned_data["phone"], then=here, back=here)
            joining.remember(request, shift.pk, accepted=True)
            return step(request, "join_code")
    return render(request, "worker/join.html", {"form": form, "shift": shift}, parts=["sheet"], status=status_of(form))


def _sign_up(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Sign a known person up: in a surge this is the road of everybody, so it asks nothing before it tries."""
    accepts = "accept" in request.POST or joining.accepted(request, shift_id)
    actor, via = actor_of(request), _via(request)
    if turns.somebody_waits():
        return _take_turn(request, shift_id, accepts)
    try:
        signup = services.sign_up(actor=actor, shift_id=shift_id, accepts_covenant=accepts, via=via, now=timezone.now())
    except OperationalError:
        return _take_turn(request, shift_id, accepts)
    except NotFound as error:
        if error.code != "no_profile":
            raise
        return _introduce(request, shift_id, accepted=accepts)
    except Invalid as error:
        form = AcceptForm(request.POST, asks=True)
        form.refuse(error)
        return _confirm(request, signups.shift_to_join(shift_id), form)
    except Conflict as error:
        if error.code != "already_signed_up":
            raise
        return _done(request, error.data["signup_id"])
    return _done(request, signup.pk)


def _take_turn(request: HttpRequest, shift_id: UUID, accepts: bool) -> HttpResponse:
    """Keep a sign-up that cannot be served now; it touches no database, which may be what fails."""
    ticket = turns.take(actor=actor_of(request), shift_id=shift_id, accepts_covenant=accepts, via=_via(request))
    return redirect(request, "turn", ticket)


@never_cache
def turn(request: HttpRequest, ticket: str) -> HttpResponse:
    """Show how many are served before this one, look again by itself, and lead on once it was served."""
    found, ahead = turns.look(ticket)
    if found.signup_id:
        return redirect(request, "signup", found.signup_id)
    refusal = words(found.refusal, found.data) if found.refusal else ""
    context = {"turn": found, "ahead": ahead, "refusal": refusal}
    response = render(request, "worker/turn.html", context)
    if found.waits:
        response["Refresh"] = str(LOOK_AGAIN)
    return response


def _confirm(request: HttpRequest, shift: Any, form: AcceptForm) -> HttpResponse:
    context = {"form": form, "shift": shift}
    return render(request, "worker/confirm.html", context, parts=["sheet"], status=status_of(form))


def _introduce(request: HttpRequest, shift_id: UUID, *, accepted: bool) -> HttpResponse:
    joining.remember(request, shift_id, accepted=accepted)
    return step(request, "about")


def _knows_covenant(request: HttpRequest, shift: Any) -> bool:
    return joining.accepted(request, shift.pk) or campaigns.has_pledged(
        campaign_id=shift.task.campaign_id, user_id=person(request).pk
    )


def _via(request: HttpRequest) -> str:
    return request.COOKIES.get(VIA, "")


def _done(request: HttpRequest, signup_id: Any) -> HttpResponse:
    joining.finish(request, signup_id)
    return step(request, "signup", signup_id)
