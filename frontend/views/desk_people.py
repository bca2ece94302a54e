"""One person who is there twice becomes one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.people import MergeForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page
from frontend.sentences import sentence
from mobilize.attendance import queries as attendance
from mobilize.signups import merging
from mobilize.unions import policies
from mobilize.unions.states import Role
from mobilize.workers import merging as people


@desk_page
def merge(request: HttpRequest) -> HttpResponse:
    """Ask for two numbers: the one that stays and the one that goes."""
    actor = actor_of(request)
    policies.demand_officer(actor, at_least=Role.ADMIN)
    form = MergeForm(request.POST or None)
    if form.is_valid():
        with refusals(form):
            return redirect(request, "desk_merge_check", *people.find_pair(actor=actor, **form.cleaned_data))
    return render(request, "desk/merge.html", {"form": form}, parts=["sheet"], status=status_of(form))


@desk_page
def merge_check(request: HttpRequest, keep_id: UUID, drop_id: UUID) -> HttpResponse:
    """Show both people and what will happen, then make them one."""
    actor = actor_of(request)
    if request.method == "POST":
        stays = merging.merge(actor=actor, keep_id=keep_id, drop_id=drop_id, now=timezone.now())
        messages.success(request, _("Done. Both numbers lead to %(name)s now.") % {"name": stays.user})
        return redirect(request, "desk_unions")
    found = merging.preview(actor=actor, keep_id=keep_id, drop_id=drop_id)
    context = {
        "keep": found.keep,
        "drop": found.drop,
        "given_back": found.given_back,
        "keep_hours": attendance.of_worker(keep_id).hours,
        "drop_hours": attendance.of_worker(drop_id).hours,
        "obstacle": sentence(found.obstacle) if found.obstacle else "",
    }
    return render(request, "desk/merge_check.html", context)
