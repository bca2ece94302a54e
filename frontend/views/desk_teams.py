"""The specialist teams of a branch, and who leads them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.teams import LeaderForm
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, desk_page
from frontend.paging import Paginator
from mobilize.tasks import policies, queries, teams
from mobilize.unions import policies as unions
from mobilize.unions.states import Role

A_PAGE = 25


@desk_page
def listed(request: HttpRequest) -> HttpResponse:
    """List the teams of my branch with their leaders."""
    actor = actor_of(request)
    context = {
        "page": Paginator(queries.teams(policies.teams_visible_to(actor)), A_PAGE).get_page(request.GET.get("page")),
        "changeable": set(unions.branch(actor, at_least=Role.DISPATCHER)),
    }
    return render(request, "desk/teams.html", context)


@desk_page
def leader(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """Choose who leads a team: one with a verified honour, somebody else by her number, or nobody."""
    actor, now = actor_of(request), timezone.now()
    team = queries.team(policies.teams_visible_to(actor), team_id)
    policies.demand_change(actor, union_id=team.union_id)
    if "nobody" in request.POST:
        teams.appoint_leader(actor=actor, team_id=team_id, now=now)
        messages.info(request, _("Nobody leads this team now."))
        return redirect(request, "desk_teams")
    form = LeaderForm(request.POST or None, proposed=teams.proposed(team), leader=team.leader)
    if form.is_valid():
        with refusals(form):
            given = {"worker_id": form.cleaned_data.get("worker"), "phone": form.cleaned_data["phone"]}
            led = teams.appoint_leader(actor=actor, team_id=team_id, now=now, **given)
            messages.success(request, _("%(name)s leads this team now.") % {"name": led.leader})
            return redirect(request, "desk_teams")
    return render(request, "desk/team.html", {"form": form, "team": team}, parts=["sheet"], status=status_of(form))
