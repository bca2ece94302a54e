"""My duties: what is ahead, what was, and giving a place back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.htmx import redirect, render
from frontend.identity import actor_of, person, worker_page
from mobilize.attendance import queries as attendance
from mobilize.dispatch import queries as dispatch
from mobilize.signups import policies, queries, services
from mobilize.signups.states import AHEAD
from mobilize.workers import queries as workers

PAST_SHOWN = 20


@worker_page
def duties(request: HttpRequest) -> HttpResponse:
    """List my sign-ups: today's first, then the coming, then the past; and what I have served so far."""
    now = timezone.now()
    end_of_today = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    own = policies.own(actor_of(request))
    worker = workers.profile(user_id=person(request).pk)
    ahead = list(queries.duties_ahead(own, now=now))
    context = {
        "today": [row for row in ahead if row.shift.starts_at <= end_of_today],
        "later": [row for row in ahead if row.shift.starts_at > end_of_today],
        "past": queries.duties_past(own, now=now)[:PAST_SHOWN],
        "served": attendance.of_worker(worker.pk) if worker else None,
        "work": dispatch.waiting_for(user_id=person(request).pk, now=now),
    }
    return render(request, "worker/duties.html", context)


@worker_page
def signup(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Show one of my sign-ups: its reference, what happens next, my place on the waiting list."""
    now = timezone.now()
    found = queries.one(policies.own(actor_of(request)), signup_id)
    context = {
        "signup": found,
        "ahead": found.status in AHEAD and found.shift.ends_at > now,
        "withdrawable": found.status in AHEAD and found.shift.starts_at > now,
        "joinable": found.shift.starts_at > now,
    }
    return render(request, "worker/signup.html", context)


@worker_page
def withdraw(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Ask once, then give the place back."""
    if request.method == "POST":
        services.withdraw(actor=actor_of(request), signup_id=signup_id, now=timezone.now())
        messages.success(request, _("The place is given back. Thank you for saying so early."))
        return redirect(request, "signup", signup_id)
    found = queries.one(policies.own(actor_of(request)), signup_id)
    return render(request, "worker/withdraw.html", {"signup": found})
