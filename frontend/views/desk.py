"""The officers' desk: what is needed now, and the branch of the tree."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from frontend.htmx import render
from frontend.identity import actor_of, desk_page, may, person
from frontend.paging import Paginator
from mobilize.attendance import queries as attendance
from mobilize.signups import queries as signups
from mobilize.tasks import policies as task_policies
from mobilize.unions import policies, queries
from mobilize.unions.states import Role

A_PAGE = 12


@desk_page
def overview(request: HttpRequest) -> HttpResponse:
    """Show my branch: open needs by urgency and today's four counts."""
    actor, now = actor_of(request), timezone.now()
    branch = policies.branch(actor, at_least=Role.VIEWER)
    needs = signups.needs(task_policies.visible_to(actor), now=now)
    context = {
        "offices": queries.offices_of(person(request).pk),
        "page": Paginator(needs, A_PAGE).get_page(request.GET.get("page")),
        "counts": attendance.of_unions(branch, day=timezone.localdate(now)),
        "may_create": may(policies.demand_officer, actor, at_least=Role.DISPATCHER),
    }
    return render(request, "desk/overview.html", context)


@desk_page
def unions(request: HttpRequest) -> HttpResponse:
    """Show my branches as a tree."""
    actor = actor_of(request)
    context = {
        "rows": policies.visible_tree(actor),
        "may_merge": may(policies.demand_officer, actor, at_least=Role.ADMIN),
    }
    return render(request, "desk/unions.html", context)
