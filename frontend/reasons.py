"""Why somebody was chosen, why something is left, and what changed since: the planner's data as sentences."""

from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

MINUTES_OF_REST = 24 * 60  # beyond a day it says nothing

LEFT: dict[str, Any] = {
    "seats": _("no free vehicle has the seats; the nearest lacks %(by)s"),
    "load": _("no free vehicle carries the load; the nearest lacks %(by)s kg"),
    "clearance": _("a skill or a clearance is missing: cold box, wheelchair or airport"),
    "said_no": _("those who fit have said no or were struck out"),
    "off": _("those who fit are off duty or have not rested; the first is ready %(by)s minutes too late"),
    "duty": _("those who fit have done their hours of the day; the nearest is %(by)s minutes over"),
    "late": _("nobody gets there in time; the nearest is %(by)s minutes too late"),
    "busy": _("those who fit are promised elsewhere at that time"),
    "far": _("those who fit are too far away"),
    "asked": _("those who fit have another offer to answer"),
    "taken": _("those who fit serve other needs of this proposal"),
}
OUT: dict[str, Any] = {
    "wrong_status": _("not published"),
    "over": _("over"),
    "locked": _("kept for yourself"),
    "filled": _("filled, or everybody needed has been asked"),
    "too_many_days": _("on a later day than the first fourteen: propose it by itself"),
}
CHANGED: dict[tuple[str, str], Any] = {
    ("plan", "old"): _("It is more than 30 minutes old: drivers are elsewhere by now."),
    ("plan", "other"): _("Somebody struck out or put back a vehicle meanwhile. It is shown here; look, then send."),
    ("task", "over"): _("%(name)s is over."),
    ("task", "status"): _("%(name)s was closed or called off, or opened again."),
    ("task", "need"): _("%(name)s needs another number of vehicles."),
    ("task", "asked"): _("%(name)s was offered to others meanwhile, or answers came in."),
    ("task", "locked"): _("%(name)s is kept for yourself, or was given free again."),
    ("task", "times"): _("%(name)s has other times."),
    ("task", "place"): _("%(name)s has other places."),
    ("task", "requirements"): _("%(name)s asks for other vehicles or drivers."),
    ("driver", "gone"): _("%(name)s has left the roster."),
    ("driver", "asked"): _("%(name)s has another offer to answer."),
    ("driver", "busy"): _("%(name)s is not free any more."),
    ("fleet", "fewer_free"): _("%(name)s has fewer vehicles free."),
}


# What is proven, by mode of the plan.
PROOFS: dict[str, Any] = {
    "fleets": _("Proven: no cheaper plan with whole fleets exists."),
    "drivers": _("Proven: no cheaper plan exists in which each driver makes one trip."),
    "auto": _("Proven, first of whole fleets and then of single drivers: no cheaper plan exists."),
}


def because(reasons: dict[str, Any]) -> str:
    """Return why an assignment was proposed, e.g. "3.2 km away, 8 minutes; 2 hours driven that day".

    Args:
        reasons: of an assignment; a fleet's are the means of its vehicles.
    """
    parts = []
    if (km := reasons.get("km")) is not None:
        facts = {"km": _number(km), "minutes": round(reasons.get("minutes") or 0)}
        parts.append(gettext("%(km)s km away, %(minutes)s minutes") % facts)
    if (late := round(reasons.get("late") or 0)) > 0:
        parts.append(ngettext("%(n)s minute late", "%(n)s minutes late", late) % {"n": late})
    if (free := reasons.get("free")) is not None:
        parts.append(ngettext("%(n)s vehicle free", "%(n)s vehicles free", free) % {"n": free})
    if (hours := reasons.get("hours_served")) is not None:
        served = gettext("%(n)s hours driven that day") % {"n": _number(hours)}
        parts.append(served if hours else gettext("not driven yet that day"))
    if silent := round(reasons.get("silent") or 0):
        parts.append(ngettext("let %(n)s earlier offer pass", "let %(n)s earlier offers pass", silent) % {"n": silent})
    rested = reasons.get("rested")
    if rested is not None and rested < MINUTES_OF_REST:
        parts.append(gettext("%(n)s hours of rest before") % {"n": _number(rested / 60)})
    return gettext("; ").join(parts)


def why_left(reasons: dict[str, Any]) -> str:
    """Return which rule left vehicles open, and by how much the nearest missed it.

    Args:
        reasons: of what a plan leaves unserved.
    """
    by = reasons.get("by")
    text = LEFT.get(reasons.get("rule", ""), _("nobody was found"))
    return str(text) % {"by": "…" if by is None else _number(by)}


def changed(plan: Any, changes: list[dict[str, str]]) -> list[str]:
    """Return what changed since a plan was made, a sentence each, none twice.

    Args:
        plan: with its tasks and assignments.
        changes: as `plans.changes` tells them.
    """
    names = {str(task.pk): task.title for task in plan.tasks.all()}
    for each in plan.assignments.all():
        if each.fleet:
            names[str(each.fleet_id)] = each.fleet.name
        elif each.driver:
            names[str(each.driver_id)] = str(each.driver.worker.user)
    other = _("%(name)s has changed.")
    sentences = (
        str(CHANGED.get((each["kind"], each["what"]), other)) % {"name": names.get(each["id"], "…")} for each in changes
    )
    return list(dict.fromkeys(sentences))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
