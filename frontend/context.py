"""What every page needs beside its own data."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# (url name, label, icon) of the tab bar.
WORKER_TABS = [
    ("home", _("Campaign"), "home"),
    ("shifts", _("Shifts"), "shifts"),
    ("duties", _("My duties"), "duties"),
    ("city", _("City"), "city"),
]
DESK_TABS = [
    ("desk", _("Overview"), "city"),
    ("desk_tasks", _("Tasks"), "duties"),
    ("desk_fleets", _("Fleets"), "truck"),
    ("desk_unions", _("Unions"), "tree"),
]


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor for the frame around every page.

    Returns:
        demo: whether the demonstration's helpers are shown.
        area: "desk" under /desk/, else "worker"; it decides the navigation.
        navigation: the tabs as dicts of url, label, icon and whether it is the current one.
        other_language: (code, own name) of the language the switch offers.
    """
    area = "desk" if request.path.startswith("/desk/") else "worker"
    here = get_language()
    return {
        "demo": settings.DEMO,
        "area": area,
        "navigation": _navigation(request.path, DESK_TABS if area == "desk" else WORKER_TABS),
        "other_language": next((pair for pair in settings.LANGUAGES if pair[0] != here), settings.LANGUAGES[0]),
    }


def _navigation(path: str, tabs: list[tuple[str, Any, str]]) -> list[dict[str, Any]]:
    items = [{"url": reverse(name), "label": label, "icon": icon, "current": False} for name, label, icon in tabs]
    # The first tab is the area's root and would match everything below it.
    for item in items[1:]:
        item["current"] = path.startswith(item["url"])
    items[0]["current"] = path == items[0]["url"]
    return items
