"""On the spot, for her who comes: the code at the post is scanned, one tap, and one when she leaves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from frontend.forms.attendance import HereForm
from frontend.htmx import redirect, render
from frontend.identity import actor_of, person, worker_page
from frontend.offline import readable_offline
from frontend.qr import qr
from frontend.sentences import sentence
from mobilize.attendance import checkins, codes, queries
from mobilize.attendance.states import EARLY, GRACE, Outcome, Step
from mobilize.core.errors import Conflict, NotFound
from mobilize.workers import queries as workers

NEARLY_OVER = timedelta(minutes=15)  # who leaves before is asked once: a leaving noted by mistake ends her service
STOOD = "stood"  # in the session: the post's code that was scanned here, and when


def scanned(request: HttpRequest, token: str) -> HttpResponse:
    """Take the post's code from a phone's camera and lead to the one tap, over the sign-in where it is needed.

    Opening it notes nothing. It only remembers in this session that the code was good when it was scanned, since it is
    too old before a code by message arrives.
    """
    now = timezone.now()
    try:
        shift_id = codes.read_post(token, now=now)
    except (Conflict, NotFound) as error:
        context = {"sentence": sentence(error), "shift_id": error.data.get("shift_id")}
        return render(request, "worker/old_code.html", context, status=404 if isinstance(error, NotFound) else 409)
    request.session[STOOD] = codes.stood(shift_id, at=now)
    return redirect(request, "here", shift_id)


@worker_page
@readable_offline
def here(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Say that I came, or that I leave; show my own code to the leader of the post.

    Raises:
        NotFound: I have nothing to do with this shift and did not scan its code.
    """
    now = timezone.now()
    shift = queries.served(shift_id)
    worker = workers.profile(user_id=person(request).pk)
    proof = _proof(request, shift_id)
    if worker is None:
        if not proof:
            raise NotFound
        messages.info(request, _("Tell us your name and union first, then one tap notes you."))
        return redirect(request, f"{reverse('profile')}?{urlencode({'next': request.path})}")
    mine = queries.person_on(shift, worker, now=now)
    if mine.signup is None and mine.checkin is None and not proof:
        raise NotFound
    if request.method == "POST":
        step = Step.LEFT if request.POST.get("step") == Step.LEFT else Step.ARRIVED
        if step == Step.LEFT and now < shift.ends_at - NEARLY_OVER and "sure" not in request.POST:
            return render(request, "worker/leaving_early.html", {"shift": shift})
        _checkin, outcome = checkins.come_or_go(
            actor=actor_of(request),
            shift_id=shift_id,
            step=step,
            now=now,
            proof=proof,
            position=HereForm(request.POST).position,
        )
        if outcome == Outcome.ALREADY:
            messages.info(request, _("That was noted already: it counts once."))
        return redirect(request, "here", shift_id)
    context: dict[str, Any] = {
        "shift": shift,
        "mine": mine,
        "proof": proof,
        "may_come": shift.starts_at - EARLY <= now <= shift.ends_at + GRACE,
        "from_at": shift.starts_at - EARLY,
        "over": now > shift.ends_at + GRACE,
    }
    if mine.signup:
        token = codes.of_signup(mine.signup.pk)
        context |= {"qr": qr(reverse("shown", args=[token])), "digits": codes.short_of_signup(mine.signup.pk)}
    return render(request, "worker/here.html", context)


def _proof(request: HttpRequest, shift_id: UUID) -> str:
    """Return what the session remembers of this shift's code, empty when it was another one or too long ago."""
    proof = str(request.session.get(STOOD, ""))
    try:
        stood_at, _when = codes.read_stood(proof, now=timezone.now())
    except (Conflict, NotFound):
        return ""
    return proof if stood_at == shift_id else ""
