"""My data: see, correct, take away, and close the account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from frontend.forms.base import refusals
from frontend.forms.join import ProfileForm, union_options
from frontend.htmx import redirect, render, status_of
from frontend.identity import actor_of, person, worker_page
from frontend.views.sign_in import safe_next
from mobilize.fleets import queries as fleets
from mobilize.fleets import services as fleet_services
from mobilize.reports import export
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
            return redirect(request, safe_next(request, default="profile"))
    search = request.POST.get("union_search") or request.GET.get("union_search", "")
    context = {
        "form": form,
        "worker": worker,
        "honours": queries.verified_honours().filter(worker=worker) if worker else [],
        "driving": fleets.driving(user_id=person(request).pk),
        "search": search,
        "unions": union_options(search) or ([worker.union] if worker and not search else []),
        "chosen": worker.union_id if worker else None,
    }
    return render(request, "worker/profile.html", context, parts=["sheet", "unions"], status=status_of(form))


@never_cache
@worker_page
def download(request: HttpRequest) -> HttpResponse:
    """Hand out everything that is kept about me, as a file for other programs to read."""
    answer = JsonResponse(
        export.of_person(user_id=person(request).pk), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    answer["Content-Disposition"] = 'attachment; filename="mobilize.json"'
    return answer


@worker_page
def leave_fleet(request: HttpRequest) -> HttpResponse:
    """Ask once, then leave the fleet I drive for."""
    driver = fleets.driving(user_id=person(request).pk)
    if driver is None:
        return redirect(request, "profile")
    if request.method == "POST":
        fleet_services.release_driver(actor=actor_of(request), driver_id=driver.pk, now=timezone.now())
        messages.info(request, _("You have left the fleet. Thank you for every trip."))
        return redirect(request, "profile")
    context = {
        "heading": _("Leave %(fleet)s?") % {"fleet": driver.fleet.name},
        "sentences": [
            _("You and your vehicle get no more trips. Trips still ahead are given back."),
            _("Only the fleet's union can take you in again."),
        ],
        "button": _("Leave the fleet"),
        "cancel": _("Stay"),
        "back": reverse("profile"),
    }
    return render(request, "ask.html", context)


@worker_page
def close(request: HttpRequest) -> HttpResponse:
    """Ask once, then close my account and sign me out."""
    if request.method == "POST":
        services.erase_me(actor=actor_of(request))
        logout(request)
        messages.success(request, _("Your account is closed and your data is erased. Thank you for your service."))
        return redirect(request, "home")
    context = {
        "heading": _("Close your account?"),
        "sentences": [
            _("Erased for good: your name, phone number, community and skills. Duties and trips ahead are given back."),
            _("What stays, without your name: the counts of the service you gave."),
        ],
        "button": _("Close my account"),
        "cancel": _("Keep it"),
        "back": reverse("profile"),
    }
    return render(request, "ask.html", context)
