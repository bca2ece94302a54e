"""The standard text of each kind of message. Who hears it when is decided in `texts.py`.

A kind has several texts where it is said to different people, or where things may stand differently. In the code the
places of facts are written %(so)s, for the translators' tools; officers read and write {so}.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, gettext_noop, override
from django.utils.translation import gettext_lazy as _

from mobilize.core.texts import is_plain
from mobilize.reminders.states import ReminderKind as Kind

BRACES = re.compile(r"\{(\w*)\}")
PERCENT = re.compile(r"%\((\w+)\)s")
LONGEST = {"zh-hans": 300, "en": 500}

SHIFT = frozenset({"day", "time", "site", "post", "address", "link"})
OFFER = frozenset({"count", "title", "day", "time", "site", "until", "link"})
TASK = frozenset({"title", "day", "time", "n", "link"})
TRIP = frozenset({"title", "day", "time", "site", "plate", "link"})
FLIGHT = frozenset({"number", "arrival"})
WEEK = frozenset({"week", "union", "shifts", "people", "hours", "unfilled", "lost", "link"})


@dataclass(frozen=True, slots=True)
class Wording:
    """A standard text.

    Attributes:
        text: English, with %(facts)s; the catalogue has the Chinese.
        facts: the names that may stand in it.
        needs: those that must, because it is useless without.
        label: when it is this one, among several of a kind.
    """

    text: str
    facts: frozenset[str]
    needs: frozenset[str] = frozenset()
    label: Any = field(default="")


LINK = frozenset({"link"})
ANSWER = frozenset({"until", "link"})
TO_ONE, TO_LEADER = _("to one person"), _("to a group's leader")

WORDINGS: dict[tuple[Kind, str], Wording] = {
    (Kind.CONFIRMED, ""): Wording(
        gettext_noop("You are confirmed: %(day)s %(time)s, %(site)s, %(post)s. %(link)s"), SHIFT
    ),
    (Kind.ENROLLED, ""): Wording(
        gettext_noop(
            "You are signed up: %(day)s %(time)s, %(site)s, %(post)s. Address: %(address)s. "
            "Signed up by %(who)s. Cannot come? %(link)s"
        ),
        SHIFT | {"who"},
        LINK | {"who"},
        _("with a place"),
    ),
    (Kind.ENROLLED, "waiting"): Wording(
        gettext_noop(
            "You are on the waiting list: %(day)s %(time)s, %(site)s, %(post)s. Please do not come before you "
            "hear from us. Signed up by %(who)s. Cannot come? %(link)s"
        ),
        SHIFT | {"who"},
        LINK | {"who"},
        _("on the waiting list"),
    ),
    (Kind.PROMOTED, ""): Wording(
        gettext_noop("A place became free: %(day)s %(time)s, %(site)s, %(post)s. Answer until %(until)s: %(link)s"),
        SHIFT | {"until"},
        ANSWER,
        TO_ONE,
    ),
    (Kind.PROMOTED, "group"): Wording(
        gettext_noop(
            "Places became free for your group %(group)s, %(n)s in all: %(day)s %(time)s, %(site)s, %(post)s. "
            "Answer for all until %(until)s: %(link)s"
        ),
        SHIFT | {"until", "group", "n"},
        ANSWER,
        TO_LEADER,
    ),
    (Kind.PROMOTED, "member"): Wording(
        gettext_noop(
            "A place became free for your group %(group)s: %(day)s %(time)s, %(site)s, %(post)s. "
            "%(leader)s answers for all until %(until)s. %(link)s"
        ),
        SHIFT | {"until", "group", "leader"},
        frozenset({"leader"}),
        _("to a group's members"),
    ),
    (Kind.LAPSED, ""): Wording(
        gettext_noop(
            "No answer came in time, the place is not held for you any more: %(day)s %(time)s, %(site)s, %(post)s. "
            "You can sign up again: %(link)s"
        ),
        SHIFT,
        label=TO_ONE,
    ),
    (Kind.LAPSED, "group"): Wording(
        gettext_noop(
            "No answer came in time, the places of your group %(group)s are not held any more: %(day)s %(time)s, "
            "%(site)s, %(post)s. You can sign up again: %(link)s"
        ),
        SHIFT | {"group"},
        label=TO_LEADER,
    ),
    (Kind.LAST_CALL, ""): Wording(
        gettext_noop("A place is free: %(day)s %(time)s, %(site)s, %(post)s. The first to answer gets it: %(link)s"),
        SHIFT,
        LINK,
        TO_ONE,
    ),
    (Kind.LAST_CALL, "group"): Wording(
        gettext_noop(
            "All places for your group %(group)s (%(n)s people) are free: %(day)s %(time)s, %(site)s, %(post)s. "
            "The first to answer gets them: %(link)s"
        ),
        SHIFT | {"group", "n"},
        LINK,
        TO_LEADER,
    ),
    (Kind.EVENING_BEFORE, ""): Wording(
        gettext_noop(
            "Tomorrow %(time)s you are on duty: %(site)s, %(post)s. Address: %(address)s. Cannot come? %(link)s"
        ),
        SHIFT,
        frozenset({"time"}),
        _("the day before"),
    ),
    (Kind.EVENING_BEFORE, "today"): Wording(
        gettext_noop("Today %(time)s you are on duty: %(site)s, %(post)s. Address: %(address)s. Cannot come? %(link)s"),
        SHIFT,
        frozenset({"time"}),
        _("late, on the day itself"),
    ),
    (Kind.EVENING_BEFORE, "early"): Wording(
        gettext_noop(
            "%(day)s %(time)s you are on duty: %(site)s, %(post)s. Address: %(address)s. Cannot come? %(link)s"
        ),
        SHIFT,
        frozenset({"day", "time"}),
        _("several days before"),
    ),
    (Kind.HOUR_BEFORE, ""): Wording(
        gettext_noop("In one hour, %(time)s: %(site)s, %(post)s. Address: %(address)s."),
        SHIFT,
        frozenset({"time"}),
        _("an hour before, ten minutes more or less"),
    ),
    (Kind.HOUR_BEFORE, "other"): Wording(
        gettext_noop("Your duty starts at %(time)s: %(site)s, %(post)s. Address: %(address)s."),
        SHIFT,
        frozenset({"time"}),
        _("at any other time"),
    ),
    (Kind.DONE, ""): Wording(
        gettext_noop(
            "Thank you for your duty: %(day)s, %(site)s, %(post)s, %(hours)s hours. All you have served: %(link)s"
        ),
        SHIFT | {"hours"},
        frozenset({"hours"}),
    ),
    (Kind.SWAP_PROPOSED, ""): Wording(
        gettext_noop(
            "Swap proposed: %(who)s takes your duty %(day)s %(time)s, %(site)s, and you take hers: %(other)s. "
            "Answer: %(link)s"
        ),
        SHIFT | {"who", "other"},
        LINK | {"who", "other"},
    ),
    (Kind.SWAP_DECLINED, ""): Wording(
        gettext_noop("The swap you proposed is declined. Your duty stays: %(day)s %(time)s, %(site)s. %(link)s"),
        SHIFT,
        frozenset({"day", "time"}),
    ),
    (Kind.HANDED_OVER, ""): Wording(
        gettext_noop(
            "Your duty is taken over: %(day)s %(time)s, %(site)s, %(post)s. %(who)s comes, you need not. %(link)s"
        ),
        SHIFT | {"who"},
        frozenset({"who"}),
    ),
    (Kind.CALLED_OFF, ""): Wording(
        gettext_noop("Called off: %(day)s %(time)s, %(site)s, %(post)s. You need not come. Thank you."),
        SHIFT,
        frozenset({"day", "time"}),
        TO_ONE,
    ),
    (Kind.CALLED_OFF, "group"): Wording(
        gettext_noop(
            "Called off: %(day)s %(time)s, %(site)s, %(post)s. Your group %(group)s need not come. Thank you."
        ),
        SHIFT | {"group"},
        frozenset({"day", "time"}),
        TO_LEADER,
    ),
    (Kind.CLOSED, "stays"): Wording(
        gettext_noop(
            "Sign-up is closed: %(day)s %(time)s, %(site)s, %(post)s. You have a place: please come. %(link)s"
        ),
        SHIFT,
        label=_("to who has a place"),
    ),
    (Kind.CLOSED, "goes"): Wording(
        gettext_noop(
            "Sign-up is closed: %(day)s %(time)s, %(site)s, %(post)s. You got no place and need not come. Thank you."
        ),
        SHIFT,
        label=_("to who got none"),
    ),
    (Kind.MOVED, ""): Wording(
        gettext_noop(
            "Time or place changed: %(day)s %(time)s, %(site)s, %(post)s. Address: %(address)s. Cannot come? %(link)s"
        ),
        SHIFT,
        frozenset({"day", "time"}),
        TO_ONE,
    ),
    (Kind.MOVED, "group"): Wording(
        gettext_noop(
            "Time or place changed for your group %(group)s: %(day)s %(time)s, %(site)s, %(post)s. "
            "Address: %(address)s. Cannot come? %(link)s"
        ),
        SHIFT | {"group"},
        frozenset({"day", "time"}),
        TO_LEADER,
    ),
    (Kind.OFFER, ""): Wording(
        gettext_noop(
            "%(count)s vehicles wanted: %(title)s, %(day)s %(time)s, from %(site)s. Answer until %(until)s: %(link)s"
        ),
        OFFER,
        ANSWER,
    ),
    (Kind.OFFER_CALLED_BACK, ""): Wording(
        gettext_noop("Taken back: %(title)s, %(day)s %(time)s. Your fleet need not come; its drivers are told."),
        frozenset({"title", "day", "time"}),
        frozenset({"title"}),
    ),
    (Kind.TRIP, ""): Wording(
        gettext_noop("You drive %(plate)s: %(title)s, %(day)s %(time)s, from %(site)s. %(link)s"),
        TRIP,
        LINK,
    ),
    (Kind.TRIP_CALLED_OFF, ""): Wording(
        gettext_noop("Called off: %(title)s, %(day)s %(time)s, %(plate)s. Do not set out."),
        TRIP,
        frozenset({"day", "time"}),
    ),
    (Kind.FLIGHT_MOVED, "trip"): Wording(
        gettext_noop(
            "Flight %(number)s lands %(arrival)s now. Your trip with %(plate)s starts %(start)s from %(site)s. %(link)s"
        ),
        FLIGHT | {"plate", "start", "site", "link"},
        frozenset({"start"}),
        _("whose trip moves along"),
    ),
    (Kind.FLIGHT_MOVED, "several"): Wording(
        gettext_noop(
            "Flight %(number)s lands %(arrival)s now, and %(n)s times of yours change with it: %(trips)s. %(link)s"
        ),
        FLIGHT | {"n", "trips", "link"},
        frozenset({"trips"}),
        _("who drives or is asked for several trips"),
    ),
    (Kind.FLIGHT_MOVED, "instead"): Wording(
        gettext_noop(
            "Flight %(number)s lands %(arrival)s now. Your trip with %(plate)s starts %(start)s from %(site)s. "
            "The one that was to start %(was)s from %(from)s you need not drive any more. %(link)s"
        ),
        FLIGHT | {"plate", "start", "site", "was", "from", "link"},
        frozenset({"start", "was"}),
        _("who drives one trip for another"),
    ),
    (Kind.FLIGHT_MOVED, "gone"): Wording(
        gettext_noop(
            "Flight %(number)s lands %(arrival)s now, which does not fit your other trips: "
            "you need not drive %(plate)s for it any more."
        ),
        FLIGHT | {"plate"},
        label=_("who need not drive any more"),
    ),
    (Kind.FLIGHT_MOVED, "offer"): Wording(
        gettext_noop(
            "Flight %(number)s lands %(arrival)s now; what you are asked for starts %(start)s. Answer: %(link)s"
        ),
        FLIGHT | {"start", "link"},
        LINK,
        _("who is being asked"),
    ),
    (Kind.ESCALATED, ""): Wording(
        gettext_noop(
            "Nobody near has said yes: %(title)s, %(day)s %(time)s, vehicles missing: %(n)s. "
            "The leaders of all fleets are being asked. %(link)s"
        ),
        TASK,
    ),
    (Kind.RED, ""): Wording(
        gettext_noop(
            "The search found nobody more: %(title)s, vehicles missing: %(n)s. It stands on the red list. %(link)s"
        ),
        TASK,
        LINK,
    ),
    (Kind.SHORT, ""): Wording(
        gettext_noop("Short of people: %(site)s, %(post)s, %(day)s %(time)s, missing: %(n)s of %(places)s. %(link)s"),
        SHIFT | {"n", "places"},
        frozenset({"n"}),
        label=_("one shift"),
    ),
    (Kind.SHORT, "several"): Wording(
        gettext_noop(
            "%(shifts)s shifts are short of people, %(n)s places are empty. "
            "The first: %(site)s, %(post)s, %(day)s %(time)s. %(link)s"
        ),
        SHIFT | {"n", "shifts"},
        frozenset({"n", "shifts"}),
        label=_("several shifts"),
    ),
    (Kind.DIGEST, ""): Wording(
        gettext_noop(
            "%(week)s, %(union)s: %(shifts)s shifts, %(people)s people, %(hours)s hours served; %(unfilled)s places "
            "left empty, %(lost)s messages not delivered. %(link)s"
        ),
        WEEK,
    ),
}


def variants(kind: Kind) -> dict[str, Wording]:
    """Return the standard texts of a kind by variant."""
    return {variant: wording for (of, variant), wording in WORDINGS.items() if of == kind}


def standard(kind: Kind, variant: str, language: str) -> str:
    """Return a standard text as officers read it, with {facts}."""
    with override(language):
        return PERCENT.sub(r"{\1}", gettext(WORDINGS[kind, variant].text))


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Put facts into the places of a text that was checked by `fault`."""
    return BRACES.sub(lambda place: facts[place[1]], text)


def fault(wording: Wording, text: str, language: str) -> str:
    """Return what is wrong with a changed text.

    Args:
        wording: the standard that it replaces.
        text: with {facts}.
        language: in which it is.
    Returns:
        `unknown_fact` (also a brace that stands alone), `required` (also of nothing but facts), `too_long`,
        `missing_fact`, `bad_text`, or empty when it is good.
    """
    names = set(BRACES.findall(text))
    rest = BRACES.sub("", text)
    if names - wording.facts or "{" in rest or "}" in rest:
        return "unknown_fact"
    if not rest.strip():
        return "required"
    if len(text) > LONGEST[language]:
        return "too_long"
    if wording.needs - names:
        return "missing_fact"
    return "" if is_plain(rest) else "bad_text"
