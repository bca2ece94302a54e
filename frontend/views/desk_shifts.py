"""A shift at the desk: who comes, who waits, and what is done for them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from frontend.forms.base import refusals
from frontend.forms.choices import post_choices
from frontend.forms.signups import EnrolForm, PlacesForm
from frontend.forms.tasks import CorrectShiftForm, WhyForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page, may
from frontend.paging import Paginator
from frontend.views.groups import enrolled
from mobilize.attendance import policies as attendance
from mobilize.core.actor import Actor
from mobilize.signups import endings, policies, queries, rota, services, waiting
from mobilize.signups.states import AHEAD
from mobilize.tasks import policies as tasks
from mobilize.tasks import queries as task_queries
from mobilize.tasks.states import LIVE, TaskStatus
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

A_PAGE = 100
MOST_ON_PAPER = 2_000  # people, when the list is asked for as one page, to print it


@desk_page
def shift(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Show who comes to a shift, and who waits; groups stand together."""
    actor = actor_of(request)
    found = task_queries.shift(tasks.shifts_visible_to(actor), shift_id)
    people = queries.on_shift(policies.visible_to_officer(actor), shift_id)
    number = request.GET.get("page")
    page = Paginator(people, MOST_ON_PAPER if number == "all" else A_PAGE).get_page(number)
    to_come = found.starts_at > timezone.now() and not found.called_off_at
    to_come = to_come and may(tasks.demand_change, actor, union_id=found.task.union_id)
    context = {
        "shift": found,
        "page": page,
        "may_enrol": to_come and found.task.status in LIVE,
        "may_change": to_come and found.task.status in [TaskStatus.DRAFT, *LIVE],
        "may_release": to_come,
        "keeps": may(attendance.demand_keeping, actor, shift_id=shift_id),
    }
    return render(request, "desk/shift.html", context)


def _to_change(actor: Actor, shift_id: UUID) -> Any:
    found = task_queries.shift(tasks.shifts_visible_to(actor), shift_id)
    tasks.demand_change(actor, union_id=found.task.union_id)
    return found


@desk_page
def places(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Change how many places a shift has; added ones are offered to those who wait."""
    actor = actor_of(request)
    found = _to_change(actor, shift_id)
    form = PlacesForm(request.POST or None, initial={"places": found.places})
    if form.is_valid():
        with refusals(form):
            services.set_places(actor=actor, shift_id=shift_id, places=form.cleaned_data["places"], now=timezone.now())
            messages.success(request, _("Saved. Added places are offered to those who wait."))
            return redirect(request, "desk_shift", shift_id)
    context = {"form": form, "shift": found}
    return render(request, "desk/places.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def correct(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Correct where and when a shift is; whoever signed up stays and is told."""
    actor = actor_of(request)
    found = _to_change(actor, shift_id)
    form = CorrectShiftForm(request.POST or None, posts=post_choices(found.task), shift=found)
    if form.is_valid():
        with refusals(form):
            data: dict[str, Any] = dict(form.cleaned_data)
            post_id = data.pop("post")
            rota.correct_shift(actor=actor, shift_id=shift_id, post_id=post_id, now=timezone.now(), **data)
            messages.success(request, _("Saved. Everybody who signed up is told."))
            return redirect(request, "desk_shift", shift_id)
    context = {"form": form, "shift": found}
    return render(request, "desk/shift_edit.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def cancel(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Call one shift off, with a reason for those who ask."""
    actor = actor_of(request)
    found = _to_change(actor, shift_id)
    form = WhyForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            why = form.cleaned_data["why"]
            endings.call_off_shift(actor=actor, shift_id=shift_id, why=why, now=timezone.now())
            messages.info(request, _("Called off. Everybody who was to come is told."))
            return redirect(request, "desk_task", found.task_id)
    context = {"form": form, "shift": found}
    return render(request, "desk/shift_cancel.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def enrol(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Sign up people without a smartphone."""
    actor = actor_of(request)
    found = task_queries.shift(tasks.shifts_visible_to(actor), shift_id)
    policies.demand_enrol(actor, shift_id=shift_id)
    form = EnrolForm(request.POST or None)
    if form.is_valid() and enrolled(request, form, shift_id):
        return redirect(request, "desk_shift", shift_id)
    may_merge = may(unions.demand_officer, actor, at_least=Role.ADMIN)
    context = {"form": form, "shift": found, "may_merge": may_merge}
    return render(request, "desk/enrol.html", context, parts=["sheet"], status=status_of(form))


@desk_page
def signup(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Show one person's sign-up: answer for her, or take her off the shift with a reason."""
    actor = actor_of(request)
    found = queries.one(policies.visible_to_officer(actor), signup_id)
    tasks.demand_change(actor, union_id=found.shift.task.union_id)
    form = WhyForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            services.release(actor=actor, signup_id=signup_id, why=form.cleaned_data["why"], now=timezone.now())
            messages.info(request, _("%(name)s is off the shift.") % {"name": found.worker.user.name})
            return redirect(request, "desk_shift", found.shift_id)
    now = timezone.now()
    to_come = found.status in AHEAD and found.shift.starts_at > now
    context = {
        "form": form,
        "signup": found,
        "to_come": to_come,
        "last_call": waiting.is_last_call(found.shift, now),
        "last_call_from": waiting.last_call_from(found.shift),
    }
    return render(request, "desk/signup.html", context, parts=["sheet"], status=status_of(form))


@require_POST
@desk_page
def accept(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Take an offered place for somebody who said so on the telephone; for a group, for all of it."""
    found = waiting.accept(actor=actor_of(request), signup_id=signup_id, now=timezone.now())
    messages.success(request, _("Confirmed."))
    return redirect(request, "desk_shift", found.shift_id)


@require_POST
@desk_page
def decline(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Refuse an offered place for somebody; for a group, for all of it."""
    found = waiting.decline(actor=actor_of(request), signup_id=signup_id, now=timezone.now())
    messages.info(request, _("Refused. The place is free for others now."))
    return redirect(request, "desk_shift", found.shift_id)
