"""Finding a shift."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from frontend.forms.shifts import ShiftSearchForm
from frontend.htmx import render
from frontend.identity import actor_of, may
from frontend.paging import Paginator
from mobilize.campaigns import queries as campaigns
from mobilize.signups import policies
from mobilize.signups import queries as signups
from mobilize.tasks import queries as tasks
from mobilize.workers import queries as workers

A_PAGE = 20
DAYS_AHEAD = 7


def shifts(request: HttpRequest) -> HttpResponse:
    """List shifts to sign up for, filtered by district, day, free places and a word."""
    now = timezone.now()
    today = timezone.localdate(now)
    form = ShiftSearchForm(
        request.GET, districts=tasks.districts(), days=[today + timedelta(days=n) for n in range(DAYS_AHEAD)]
    )
    found = signups.open_for_signup(now=now, **form.filters())
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "worker/shifts.html", {"filters": form, "page": page}, parts=["results"])


def shift(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Show one shift, and the one button that fits the reader."""
    found = signups.shift_to_join(shift_id)
    context = {"shift": found, "over": found.starts_at <= timezone.now()}
    if request.user.is_authenticated:
        context |= {
            "mine": signups.of_worker_on_shift(user_id=request.user.pk, shift_id=shift_id),
            "one_tap": workers.profile(user_id=request.user.pk) is not None
            and campaigns.has_pledged(campaign_id=found.task.campaign_id, user_id=request.user.pk),
            "may_enrol": may(policies.demand_enrol, actor_of(request), shift_id=shift_id),
        }
    return render(request, "worker/shift.html", context)
