"""What every page needs beside its own data."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

# (url name, label, icon, where else this tab is the current one) of the tab bar.
Tab = tuple[str, Any, str, tuple[str, ...]]
WORKER_TABS: list[Tab] = [
    ("home", _("Campaign"), "home", ("/c/",)),
    ("shifts", _("Shifts"), "shifts", ()),
    ("duties", _("My duties"), "duties", ("/signups/", "/swaps/", "/groups/", "/turn/", "/offers/", "/trips/")),
    ("city", _("City"), "city", ()),
]
DESK_TABS: list[Tab] = [
    ("desk", _("Overview"), "city", ()),
    ("desk_dispatch", pgettext_lazy("tab", "Dispatch"), "route", ("/desk/flights/",)),
    ("desk_tasks", _("Tasks"), "duties", ("/desk/shifts/", "/desk/signups/", "/desk/trips/")),
    ("desk_fleets", _("Fleets"), "truck", ()),
    (
        *("desk_unions", _("Unions"), "tree"),
        (
            "/desk/honours/",
            "/desk/teams/",
            "/desk/officers/",
            "/desk/posters/",
            "/desk/messages/",
            "/desk/broadcasts/",
            "/desk/budgets/",
        ),
    ),
]
ELDER = "elder"  # the cookie of the elder version
DESK_PATHS = ("/desk/", "/accounts/2fa/", "/accounts/password/")
AREA_ROOTS = {"home", "desk"}  # every page lies below them, so only their own address counts


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor for the frame around every page.

    Returns:
        demo: whether the demonstration's helpers are shown.
        area: "desk" for officers' pages, else "worker"; it decides the navigation.
        navigation: the tabs as dicts of url, label, icon and whether it is the current one.
        elder: whether the reader asked for the elder version; desk pages have none.
        other_language: (code, own name) of the language the switch offers.
    """
    area = "desk" if request.path.startswith(DESK_PATHS) else "worker"
    here = get_language()
    return {
        "demo": settings.DEMO,
        "area": area,
        "elder": area == "worker" and wants_elder(request),
        "navigation": _navigation(request.path, DESK_TABS if area == "desk" else WORKER_TABS),
        "other_language": next((pair for pair in settings.LANGUAGES if pair[0] != here), settings.LANGUAGES[0]),
    }


def wants_elder(request: HttpRequest) -> bool:
    """Tell whether the reader of this browser asked for the elder version."""
    return request.COOKIES.get(ELDER) == "1"


def _navigation(path: str, tabs: list[Tab]) -> list[dict[str, Any]]:
    items = []
    for name, label, icon, elsewhere in tabs:
        url = reverse(name)
        here = path == url if name in AREA_ROOTS else path.startswith(url)
        items.append({"url": url, "label": label, "icon": icon, "current": here or path.startswith(elsewhere)})
    return items
