"""On the spot, for her who keeps the list of a shift: who is expected, who came, the code at the post."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from frontend.forms.attendance import ScanForm, ShownForm, WalkInForm
from frontend.forms.base import refusals
from frontend.htmx import redirect, render, status_of, wants
from frontend.identity import actor_of, may, person, worker_page
from frontend.middleware import STATUS
from frontend.offline import readable_offline
from frontend.paging import Paginator
from frontend.qr import qr
from frontend.sentences import words
from mobilize.attendance import checkins, codes, policies, queries, scans
from mobilize.attendance.states import GRACE, Outcome, Standing, Step
from mobilize.core.errors import DomainError, NotFound, Unauthenticated
from mobilize.core.ids import uuid7

A_PAGE = 100
UNDO = "undo"


@worker_page
@readable_offline
def attendance(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Show the list of a shift, and take the digits that somebody shows."""
    shift = policies.demand_keeping(actor_of(request), shift_id=shift_id)
    form = ShownForm(request.POST or None)
    if form.is_valid():
        step = Step.LEFT if request.POST.get("step") == Step.LEFT else Step.ARRIVED
        if _heard(request, form, shift_id, step):
            return redirect(request, "attendance", shift_id)
    return _list(request, shift, form)


def _heard(request: HttpRequest, form: Any, shift_id: UUID, step: Step) -> bool:
    """Note whose code was shown and say so; False when it was refused."""
    now = timezone.now()
    scan = scans.Scan(key=uuid7(), step=step, at=now, shown=form.cleaned_data["shown"])
    [heard] = scans.hear(actor=actor_of(request), shift_id=shift_id, scans=[scan], now=now)
    if heard.outcome == Outcome.REFUSED:
        form.add_error("shown", words(heard.code))
        return False
    facts = {"name": heard.name, "time": f"{timezone.localtime(heard.at):%H:%M}"}
    if heard.outcome == Outcome.ALREADY:
        messages.info(request, _("%(name)s was noted already, at %(time)s. It counts once.") % facts)
    elif step == Step.LEFT:
        messages.success(request, _("%(name)s left at %(time)s.") % facts)
    else:
        messages.success(request, _("%(name)s arrived at %(time)s.") % facts)
    return True


def _list(request: HttpRequest, shift: Any, form: Any) -> HttpResponse:
    now = timezone.now()
    tally = queries.tally(shift)
    page = Paginator(queries.expected(shift), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "shift": shift,
        "form": form,
        "tally": tally,
        "page": page,
        "people": queries.people(shift, list(page), tracked=tally.tracked, now=now),
        "walk_ins": queries.walk_ins(shift, now=now),
        "begun": now >= shift.starts_at,
        "over": now > shift.ends_at + GRACE,
        "at_desk": may(policies.demand_correcting, actor_of(request), shift_id=shift.pk),
    }
    return render(request, "worker/attendance.html", context, parts=["people"], status=status_of(form))


@require_POST
@worker_page
def note(request: HttpRequest, shift_id: UUID, worker_id: UUID, what: str) -> HttpResponse:
    """Note by a tap that somebody came, left, did not come, or that this was a mistake.

    Raises:
        NotFound: `what` is none of these.
    """
    actor, now = actor_of(request), timezone.now()
    if what == UNDO:
        checkins.undo(actor=actor, shift_id=shift_id, worker_id=worker_id, now=now)
    elif what == Standing.NO_SHOW:
        checkins.no_show(actor=actor, shift_id=shift_id, worker_id=worker_id, now=now)
    elif what in Step.values:
        checkins.keep(actor=actor, shift_id=shift_id, worker_id=worker_id, step=Step(what), now=now)
    else:
        raise NotFound
    if wants(request, ["people"]):
        return _list(request, policies.demand_keeping(actor, shift_id=shift_id), ShownForm())
    number = request.GET.get("page", "1")
    return redirect(request, f"{reverse('attendance', args=[shift_id])}?page={number}#p-{worker_id}")


@never_cache
@worker_page
def post_code(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Show the code of the post, a new one each half minute."""
    shift = policies.demand_keeping(actor_of(request), shift_id=shift_id)
    now = timezone.now()
    address = reverse("scanned", args=[codes.of_post(shift_id, now=now)])
    context = {
        "shift": shift,
        "qr": qr(address),
        "seconds": codes.seconds_left(now),
        "tally": queries.tally(shift),
    }
    return render(request, "worker/post_code.html", context, parts=["code"])


@worker_page
def shown(request: HttpRequest, token: str) -> HttpResponse:
    """Take a person's code from the camera of whoever keeps the list; she herself is led to her own page."""
    signup = policies.shown_to(actor_of(request), token=token)
    if signup.worker.user_id == person(request).pk:
        return redirect(request, "here", signup.shift_id)
    shift = policies.demand_keeping(actor_of(request), shift_id=signup.shift_id)
    form = ShownForm({"shown": token} if request.method == "POST" else None)
    if form.is_valid():
        step = Step.LEFT if request.POST.get("step") == Step.LEFT else Step.ARRIVED
        if _heard(request, form, shift.pk, step):
            return redirect(request, "attendance", shift.pk)
    mine = queries.person_on(shift, signup.worker, now=timezone.now())
    context = {"form": form, "shift": shift, "one": mine}
    return render(request, "worker/shown.html", context, status=status_of(form))


@worker_page
@readable_offline
def scan(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Show the scanner, which works without network; it alone may ask for the camera."""
    shift = policies.demand_keeping(actor_of(request), shift_id=shift_id)
    answer = render(request, "worker/scan.html", {"shift": shift, "zone": settings.TIME_ZONE})
    answer.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY.replace("camera=()", "camera=(self)")
    return answer


@require_POST
def take_scans(request: HttpRequest, shift_id: UUID) -> JsonResponse:
    """Take what the scanner kept, as JSON, and answer for each what became of it, in the reader's language.

    Each is judged on its own: one that cannot be read is refused, and keeps nobody else waiting. Not behind the pages'
    gate: a script that is signed out must hear so, its scans stay in the phone.
    """
    actor = actor_of(request)
    try:
        sent = json.loads(request.body)["scans"]
        given = [ScanForm(one) for one in sent if isinstance(one, dict)]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"code": "invalid"}, status=422)
    readable = [form.scan for form in given if form.is_valid()]
    unreadable = [str(form.data.get("id", "")) for form in given if not form.is_valid()]
    try:
        heard = scans.hear(actor=actor, shift_id=shift_id, scans=readable, now=timezone.now())
    except DomainError as error:
        status = 401 if isinstance(error, Unauthenticated) else STATUS[type(error)]
        return JsonResponse({"code": error.code}, status=status)
    refused = {"outcome": Outcome.REFUSED, "tone": "error", "words": words("unknown_code")}
    return JsonResponse({"scans": [_told(one) for one in heard] + [{"id": key} | refused for key in unreadable]})


def _told(heard: scans.Heard) -> dict[str, str]:
    """Say what became of a scan, as the scanner shows it."""
    facts = {"name": heard.name, "time": f"{timezone.localtime(heard.at):%H:%M}" if heard.at else ""}
    words_of = {
        Outcome.RECORDED: ("success", _("%(name)s is noted.")),
        Outcome.ALREADY: ("info", _("%(name)s was noted already, at %(time)s. It counts once.")),
        Outcome.REFUSED: ("error", words(heard.code) if heard.code else ""),
    }
    tone, text = words_of[heard.outcome]
    if heard.outcome != Outcome.REFUSED:
        text = text % facts
    return {"id": str(heard.key), "outcome": heard.outcome, "tone": tone, "words": text}


@worker_page
def walk_in(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Note somebody who came without having signed up."""
    actor = actor_of(request)
    shift = policies.demand_keeping(actor, shift_id=shift_id)
    form = WalkInForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            _checkin, outcome = checkins.walk_in(actor=actor, shift_id=shift_id, now=timezone.now(), **data)
            if outcome == Outcome.ALREADY:
                messages.info(request, _("%(name)s was noted already. It counts once.") % data)
            else:
                messages.success(request, _("%(name)s is noted.") % data)
            return redirect(request, "attendance", shift_id)
    context = {"form": form, "shift": shift}
    return render(request, "worker/walk_in.html", context, parts=["sheet"], status=status_of(form))
