"""What I was told."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from frontend.htmx import render
from frontend.identity import person, worker_page
from frontend.paging import Paginator
from mobilize.reminders import queries

A_PAGE = 25


@worker_page
def mine(request: HttpRequest) -> HttpResponse:
    """List the messages to me, the newest first."""
    page = Paginator(queries.mine(person(request).pk, now=timezone.now()), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "worker/messages.html", {"page": page})
