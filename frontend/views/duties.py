"""My duties: what is ahead, what was, answering for an offered place, and giving one back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from frontend import joining
from frontend.htmx import redirect, render
from frontend.identity import actor_of, person, worker_page
from frontend.offline import readable_offline
from frontend.paging import Paginator
from frontend.views.appeal import share_link
from mobilize.attendance import policies as attendance_policies
from mobilize.attendance import queries as attendance
from mobilize.attendance.states import BACKDATED, EARLY
from mobilize.campaigns.states import CampaignStatus
from mobilize.dispatch import queries as dispatch
from mobilize.signups import policies, queries, services, swaps, turns, waiting
from mobilize.signups.states import AHEAD, SignupStatus
from mobilize.tasks.policies import open_shifts
from mobilize.workers import queries as workers

A_PAGE = 20  # of what is past
CALLABLE = timedelta(hours=24)  # so long before the start the leader's number is shown


@worker_page
@readable_offline
def duties(request: HttpRequest) -> HttpResponse:
    """List my sign-ups: today's first, then the coming, then the past; the groups I lead; what I have served."""
    now = timezone.now()
    end_of_today = timezone.localtime(now).replace(hour=23, minute=59, second=59)
    actor = actor_of(request)
    own = policies.own(actor)
    worker = workers.profile(user_id=person(request).pk)
    ahead = list(queries.duties_ahead(own, now=now))
    context = {
        "today": [row for row in ahead if row.shift.starts_at <= end_of_today],
        "later": [row for row in ahead if row.shift.starts_at > end_of_today],
        "past": Paginator(queries.duties_past(own, now=now), A_PAGE).get_page(request.GET.get("page")),
        "groups": queries.groups_ahead(policies.led(actor), now=now),
        "served": attendance.of_worker(worker.pk) if worker else None,
        "turns": turns.of_person(person(request).pk),
        "kept": attendance.kept_now(attendance_policies.kept_by(actor), user_id=actor.person, now=now),
        "wanted": queries.wanted(policies.on_offer(actor), starting_after=now + swaps.UNTIL).count(),
        "work": dispatch.waiting_for(user_id=person(request).pk, now=now),
        "unfinished": _unfinished(request, now),
        # a scan that still waits in her phone is of a list that she kept within the last day
        "may_have_scans": attendance_policies.kept_by(actor).filter(ends_at__gt=now - BACKDATED).exists(),
        "present": attendance.present_without_place(attendance_policies.own(actor), now=now),
    }
    return render(request, "worker/duties.html", context)


def _unfinished(request: HttpRequest, now: datetime) -> Any:
    """Return the shift I was about to sign up for, and can still."""
    shift_id = joining.unfinished(request)
    if shift_id is None:
        return None
    found = open_shifts().filter(pk=shift_id, starts_at__gt=now)
    return found.select_related("post__site", "task").first()


@worker_page
def hours(request: HttpRequest) -> HttpResponse:
    """Show my hours by how they are known, every service, and what an officer corrected and why."""
    worker = workers.profile(user_id=person(request).pk)
    if worker is None:
        messages.info(request, _("Tell us your name and union first."))
        return redirect(request, "profile")
    context = {
        "by_source": attendance.hours_by_source(worker.pk),
        "traces": attendance.corrected(worker.pk)[:A_PAGE],
        "page": Paginator(attendance.services_of(worker.pk), A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "worker/hours.html", context)


@worker_page
@readable_offline
def signup(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Show one of my sign-ups: its reference, what happens next, what I am asked, my place on the waiting list."""
    now = timezone.now()
    found = queries.one(policies.own(actor_of(request)), signup_id)
    leads = found.group is not None and found.group.leader_id == person(request).pk
    context = {
        "signup": found,
        "ahead": found.status in AHEAD and found.shift.ends_at > now,
        "to_come": found.status in AHEAD and found.shift.starts_at > now,
        "on_the_spot": found.status == SignupStatus.CONFIRMED and found.shift.starts_at - EARLY <= now,
        "leads": leads,
        "last_call_from": waiting.last_call_from(found.shift),
        "can_take": found.status == SignupStatus.WAITLISTED
        and found.group is None
        and found.shift.starts_at > now
        and waiting.is_last_call(found.shift, now)
        and found.shift.left > 0,
        "joinable": found.shift.starts_at > now and open_shifts().filter(pk=found.shift_id).exists(),
        "why_ended": queries.why_ended(found) if found.status == SignupStatus.WITHDRAWN else "",
        "can_swap": _can_swap(found, now),
        "leader": _leader(found, now),
        "share_link": _share_link(found),
    } | _withdrawing(found, now)
    return render(request, "worker/signup.html", context)


@worker_page
def withdraw(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Ask once, then give a place back: mine, my group's, that of somebody I signed up. Too late: say whom to call."""
    actor = actor_of(request)
    if request.method == "POST":
        found = services.withdraw(actor=actor, signup_id=signup_id, now=timezone.now())
        messages.success(request, _("The place is given back. Thank you for saying so early."))
        return redirect(request, _page_of(request, found))
    found = queries.one(policies.withdrawable(actor), signup_id)
    back = _page_of(request, found)
    if found.status not in AHEAD:
        return redirect(request, back)
    now, is_mine = timezone.now(), found.worker.user_id == person(request).pk
    context = {"signup": found, "back": back, "mine": is_mine, "can_swap": is_mine and _can_swap(found, now)}
    return render(request, "worker/withdraw.html", context | _withdrawing(found, now))


@require_POST
@worker_page
def accept(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Take the place that is offered or free: mine, my group's, or that of somebody I signed up."""
    found = waiting.accept(actor=actor_of(request), signup_id=signup_id, now=timezone.now())
    messages.success(request, _("Confirmed. Thank you."))
    return redirect(request, _page_of(request, found))


@require_POST
@worker_page
def decline(request: HttpRequest, signup_id: UUID) -> HttpResponse:
    """Refuse the place that is offered."""
    found = waiting.decline(actor=actor_of(request), signup_id=signup_id, now=timezone.now())
    messages.info(request, _("Refused. The place is free for others now."))
    return redirect(request, _page_of(request, found))


def _share_link(signup: Any) -> str:
    """Return the appeal as the volunteer's union shares it; nothing once the campaign is over."""
    campaign = signup.shift.task.campaign
    return share_link(campaign.slug, signup.worker.union.code) if campaign.status == CampaignStatus.OPEN else ""


def _page_of(request: HttpRequest, signup: Any) -> str:
    """Return where a sign-up is dealt with: its group's page, one's own, or that of people one signed up."""
    reader = person(request).pk
    if signup.group and signup.group.leader_id == reader:
        return reverse("group", args=[signup.group_id])
    if signup.worker.user_id == reader:
        return reverse("signup", args=[signup.pk])
    return reverse("enrol", args=[signup.shift_id])


def _withdrawing(signup: Any, now: datetime) -> dict[str, Any]:
    """Until when a confirmed place can be given back, and whether that is over; whoever waits can always leave."""
    until = services.withdraw_until(signup.shift)
    return {"withdraw_until": until, "too_late": signup.status == SignupStatus.CONFIRMED and now > until}


def _can_swap(signup: Any, now: datetime) -> bool:
    in_time = swaps.swappable_until(signup.shift) > now
    return signup.status == SignupStatus.CONFIRMED and signup.group is None and in_time


def _leader(signup: Any, now: datetime) -> Any:
    """Whom to call at the post: its team's leader, for those who come, from the day before on."""
    team, shift = signup.shift.post.team, signup.shift
    comes = signup.status == SignupStatus.CONFIRMED and shift.starts_at - CALLABLE <= now < shift.ends_at
    return team.leader.user if comes and team and team.leader else None
