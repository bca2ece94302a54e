"""Signing in by phone code, alone or on the way to a sign-up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from frontend import joining
from frontend.forms.base import Form, refusals
from frontend.forms.join import CodeForm, PhoneForm
from frontend.htmx import redirect, render, status_of, step
from frontend.identity import sign_in
from frontend.sentences import sentence, words
from mobilize.accounts import services as accounts
from mobilize.campaigns import queries as campaigns
from mobilize.core.errors import Conflict, TooMany
from mobilize.core.phones import masked
from mobilize.core.proxies import client_address

STATE = "challenge"


@never_cache
def phone(request: HttpRequest) -> HttpResponse:
    """Ask for the number and send a code to it."""
    then = safe_next(request)
    if request.user.is_authenticated:
        return redirect(request, then)
    form = PhoneForm(request.POST or None, initial={"phone": request.GET.get("phone", "")})
    if form.is_valid():
        with refusals(form):
            send_code(request, phone=form.cleaned_data["phone"], then=then, back=reverse("sign_in"))
            return redirect(request, "code")
    return render(request, "worker/sign_in.html", {"form": form, "next": then}, parts=["sheet"], status=status_of(form))


@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code, and let in who types the right one; one that is used up is not asked for again."""
    state = request.session.get(STATE)
    if state is None:
        return _without_code(request)
    form: Form = CodeForm(request.POST or None)
    if form.is_valid() and not state.get("over"):
        try:
            with refusals(form):
                code = form.cleaned_data["code"]
                user = accounts.redeem_code(challenge_id=state["id"], code=code, now=timezone.now())
                del request.session[STATE]
                go = step if request.path == reverse("join_code") else redirect
                return go(request, sign_in(request, user, state["then"]))
        except Conflict as error:
            if error.code != "code_expired":
                raise
            state["over"] = True
        state["over"] = state.get("over", False) or accounts.is_used_up(challenge_id=state["id"])
        request.session[STATE] = state
    if state.get("over"):
        form = Form({})
        form.add_error(None, words("code_expired"))
    campaign = campaigns.current() if form.errors else None
    context = {
        "form": form,
        "over": state.get("over"),
        "phone": state["phone"],
        "back": state["back"],
        "hotline": campaign.hotline if campaign else "",  # a way on, once something went wrong
    }
    return render(request, "worker/code.html", context, parts=["sheet"], status=status_of(form))


def _without_code(request: HttpRequest) -> HttpResponse:
    """Lead whoever comes back here after the code to where she was going."""
    if request.user.is_authenticated:
        if shift_id := joining.unfinished(request):
            return redirect(request, "shift", shift_id)
        if done := joining.finished(request):
            return redirect(request, "signup", done)
    return redirect(request, "sign_in")


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Send another code to the same number."""
    state = request.session.get(STATE)
    if state is None:
        return redirect(request, "sign_in")
    form = Form()
    try:
        with refusals(form):
            send_code(request, phone=state["number"], then=state["then"], back=state["back"])
            messages.success(request, _("We have sent another code."))
            return redirect(request, "code")
    except TooMany as error:
        messages.warning(request, sentence(error))
        return redirect(request, "code")
    return render(request, "worker/resend.html", {"form": form}, parts=["sheet"], status=status_of(form))


def send_code(request: HttpRequest, *, phone: str, then: str, back: str) -> None:
    """Send a code and remember in the session where its redeemer goes.

    Args:
        phone: as typed.
        then: where to go once signed in.
        back: the page on which a wrong number is corrected.
    Raises:
        Invalid: `bad_phone`.
        TooMany: `codes_too_fast`, `proof_required`.
    """
    challenge = accounts.request_code(
        phone=phone,
        now=timezone.now(),
        address=client_address(request.META),
        language=request.LANGUAGE_CODE,
        proof=request.POST.get("proof", ""),
    )
    request.session[STATE] = {
        "id": str(challenge.pk),
        "number": str(challenge.phone),
        "phone": masked(challenge.phone),
        "then": then,
        "back": back,
    }


def safe_next(request: HttpRequest, default: str = "duties") -> str:
    """Return the page to go on to, only ever one of our own."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return reverse(default)
