"""The list of a shift on paper: printed, ticked with a pen in the cold, and typed back in one form."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontend.forms.attendance import SheetForm
from frontend.forms.base import refusals
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, worker_page
from frontend.paging import Paginator
from frontend.qr import qr
from mobilize.attendance import policies, queries, sheets

A_PAGE = 50
MOST_ON_PAPER = 1_000  # people: as many as a shift can have places
BLANK_LINES = 6


@worker_page
def paper(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Show the list as it is printed: boxes to tick, times and signatures to write, a code that leads to the form."""
    shift = policies.demand_keeping(actor_of(request), shift_id=shift_id)
    context = {
        "shift": shift,
        "signups": queries.expected(shift)[:MOST_ON_PAPER],
        "blank": range(BLANK_LINES),
        "qr": qr(reverse("attendance_sheet", args=[shift_id])),
    }
    return render(request, "worker/paper.html", context)


@worker_page
def sheet(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Take the list back from paper: a row for each person; nothing is saved until all of it is right."""
    actor, now = actor_of(request), timezone.now()
    shift = policies.demand_keeping(actor, shift_id=shift_id)
    page = Paginator(queries.expected(shift), A_PAGE).get_page(request.GET.get("page"))
    if request.method == "POST":
        people = queries.people_of(shift, SheetForm.named(request.POST), now=now)
    else:
        listed = queries.people(shift, list(page), tracked=queries.tally(shift).tracked, now=now)
        listed += queries.walk_ins(shift, now=now)
        people = [one for one in listed if not (one.checkin and one.checkin.left_at)]
    form = SheetForm(request.POST or None, shift=shift, people=people, now=now)
    if form.is_valid():
        with refusals(form):
            count = sheets.type_back(actor=actor, shift_id=shift_id, lines=form.lines, now=now)
            text = ngettext("%(n)s person is noted.", "%(n)s people are noted.", count)
            messages.success(request, text % {"n": count} if count else _("Nothing new: all of it was noted already."))
            return redirect(request, "attendance", shift_id)
    context = {"form": form, "shift": shift, "page": page}
    return render(request, "worker/sheet.html", context, parts=["sheet"], status=status_of(form))
