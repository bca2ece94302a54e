"""At the desk: an officer corrects when somebody came and left."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.attendance import CorrectionForm
from frontend.forms.base import refusals
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page
from mobilize.attendance import checkins, corrections, policies, queries


@desk_page
def correct(request: HttpRequest, shift_id: UUID, worker_id: UUID) -> HttpResponse:
    """Correct one person's times on a shift, with a reason that she reads."""
    actor = actor_of(request)
    now = timezone.now()
    shift = policies.demand_correcting(actor, shift_id=shift_id)
    one = queries.person_on(shift, checkins.on_the_list(shift, worker_id), now=now)
    form = CorrectionForm(request.POST or None, shift=shift, checkin=one.checkin)
    if form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            corrections.correct(actor=actor, shift_id=shift_id, worker_id=worker_id, now=now, **data)
            messages.success(request, _("Corrected. She sees on her page what was changed, by whom and why."))
            return redirect(request, "attendance", shift_id)
    context = {
        "form": form,
        "shift": shift,
        "one": one,
        "traces": queries.corrected(worker_id).filter(checkin__shift=shift_id),
    }
    return render(request, "desk/correction.html", context, parts=["sheet"], status=status_of(form))
