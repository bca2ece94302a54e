"""My data: see and correct."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from frontend.forms.base import refusals
from frontend.forms.join import ProfileForm, union_options
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, person, worker_page
from mobilize.workers import queries, services


@worker_page
def profile(request: HttpRequest) -> HttpResponse:
    """Show what is kept about me and take corrections; a person without a profile gives one here."""
    worker = queries.profile(user_id=person(request).pk)
    initial = {"name": person(request).name}
    if worker:
        initial |= {
            "union": worker.union_id,
            "home_community": worker.home_community,
            "skills": worker.skills,
        }
    form = ProfileForm(request.POST or None, initial=initial, is_new=worker is None)
    if form.is_valid():
        with refusals(form):
            data = form.cleaned_data
            services.save_profile(
                actor=actor_of(request),
                name=data["name"],
                union_id=data["union"],
                home_community=data["home_community"],
                skills=data["skills"],
                consent=data.get("consent", True),
                now=timezone.now(),
            )
            messages.success(request, _("Saved."))
            return redirect(request, "profile")
    search = request.POST.get("union_search") or request.GET.get("union_search", "")
    context = {
        "form": form,
        "worker": worker,
        "honours": queries.verified_honours().filter(worker=worker) if worker else [],
        "search": search,
        "unions": union_options(search) or ([worker.union] if worker and not search else []),
        "chosen": worker.union_id if worker else None,
    }
    return render(request, "worker/profile.html", context, parts=["sheet", "unions"], status=status_of(form))
