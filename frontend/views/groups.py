"""Signing others up: a group that comes together, and people without a smartphone."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from frontend.forms.base import refusals
from frontend.forms.signups import EnrolForm, GroupForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, person, worker_page
from mobilize.signups import groups, policies, queries, waiting
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.workers import queries as workers


@worker_page
def new(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Sign up a group for a shift; all of it gets places, or all of it waits."""
    shift = queries.shift_to_join(shift_id)
    now = timezone.now()
    if request.method != "POST" and (shift.starts_at <= now or (shift.opens_at and shift.opens_at > now)):
        return redirect(request, "shift", shift_id)  # which says so
    if workers.profile(user_id=person(request).pk) is None:
        messages.info(request, _("Tell us your name and union first."))
        return redirect(request, "profile")
    mine = queries.of_worker_on_shift(user_id=person(request).pk, shift_id=shift_id)
    form = GroupForm(request.POST or None, comes_already=mine is not None)
    if form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            made = groups.sign_up_group(
                actor=actor_of(request),
                shift_id=shift_id,
                name=data["name"],
                members=data["lines"],
                with_me=data.get("with_me", False),
                accepts_covenant=data["accept"],
                now=timezone.now(),
            )
            return redirect(request, "group", made.pk)
    context = {"form": form, "shift": shift}
    return render(request, "worker/group_new.html", context, parts=["sheet"], status=status_of(form))


@worker_page
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Show a group to its leader: who comes, where it stands, and what it is asked."""
    now = timezone.now()
    found = queries.group(policies.led(actor_of(request)), group_id)
    members = queries.members(group_id)
    ahead = [member for member in members if member.status in AHEAD]
    first = ahead[0] if ahead else None
    free_now = first and first.status == SignupStatus.WAITLISTED and waiting.is_last_call(found.shift, now)
    context = {
        "group": found,
        "members": members,
        "people": len(ahead),
        "first": first,
        "passed_over": queries.times_passed_over(group_id),
        "can_take": free_now and 0 < len(ahead) <= found.shift.left,
        "over": found.shift.starts_at <= now,
    }
    return render(request, "worker/group.html", context)


@worker_page
def enrol(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Let the leader of the post's team sign up people without a smartphone, and answer for them."""
    actor = actor_of(request)
    policies.demand_enrol(actor, shift_id=shift_id)
    form = EnrolForm(request.POST or None)
    if form.is_valid() and enrolled(request, form, shift_id):
        return redirect(request, "enrol", shift_id)
    context = {
        "form": form,
        "shift": queries.shift_to_join(shift_id),
        "people": queries.on_shift(policies.enrolled_by(actor), shift_id),
    }
    return render(request, "worker/enrol.html", context, parts=["sheet"], status=status_of(form))


def enrolled(request: HttpRequest, form: Any, shift_id: UUID) -> bool:
    """Sign up the people of a valid form and say how many have a place; False when the form was refused."""
    with refusals(form):
        signups = groups.enrol(
            actor=actor_of(request),
            shift_id=shift_id,
            members=form.cleaned_data["lines"],
            accepts_covenant=form.cleaned_data["accept"],
            corrects_names=form.cleaned_data.get("corrects", False),
            now=timezone.now(),
        )
        waits = sum(signup.status == SignupStatus.WAITLISTED for signup in signups)
        text = ngettext("%(n)s person has a place", "%(n)s people have a place", len(signups) - waits)
        sentence = text % {"n": len(signups) - waits}
        if waits:
            sentence += ngettext(", %(n)s waits", ", %(n)s wait", waits) % {"n": waits}
        messages.success(request, _("%(counts)s. Each of them is told by message.") % {"counts": sentence})
        return True
    return False
