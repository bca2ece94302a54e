"""Enrolling others: an officer's or a leader's list of people, checked line by line and written whole."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX as UNUSABLE
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from mobilize.accounts.models import User
from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.phones import BadPhone, normalised
from mobilize.core.texts import fault_of_name
from mobilize.workers.models import Worker


class Line(Protocol):
    """What every line of people has."""

    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """One person as typed: name, and number in any spelling."""

    name: str
    phone: str


def check_people(
    lines: Sequence[Line], *, field: str, may_correct: bool = False
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Look for what is wrong with a list of people.

    Whoever enrols others types name and number; no answer ever tells whose number it is.

    Args:
        lines: as typed.
        field: name of the list, so that an error is named `<field>.<index>.phone`.
        may_correct: whether another name of somebody whose name only others have typed so far is told apart, as
            `name_unproven`; see `correct_names`.
    Returns:
        The lines' indices by number in E.164, in their order; and codes by field: `required`, `too_long`,
        `bad_text`, `bad_phone`, `twice_in_the_list`, `name_differs`, `name_unproven`.
    """
    wrong: dict[str, list[str]] = {}
    numbers: dict[str, int] = {}
    for index, line in enumerate(lines):
        if fault := fault_of_name(line.name):
            wrong[f"{field}.{index}.name"] = [fault]
        phone = read_phone(line.phone, f"{field}.{index}.phone", wrong)
        if phone and phone in numbers:
            wrong[f"{field}.{index}.phone"] = ["twice_in_the_list"]
        elif phone:
            numbers[phone] = index
    differ = known_under_another_name({phone: lines[index].name for phone, index in numbers.items()})
    open_to_correction = set(_unproven(differ).values_list("phone", flat=True)) if may_correct and differ else set()
    for phone in differ:
        code = "name_unproven" if phone in open_to_correction else "name_differs"
        wrong.setdefault(f"{field}.{numbers[phone]}.name", [code])
    return numbers, wrong


def read_phone(typed: str, field: str, wrong: dict[str, list[str]]) -> str:
    """Return a number in E.164; what is none is noted in `wrong` beside `field` and comes back empty."""
    try:
        return normalised(typed)
    except BadPhone:
        wrong[field] = ["bad_phone" if typed.strip() else "required"]
        return ""


def known_under_another_name(names: Mapping[str, str]) -> list[str]:
    """Return the numbers that belong to people of another name than the one typed.

    Args:
        names: typed names by number in E.164.
    """
    called = Coalesce("merged_into__name", "name")
    known = User.objects.filter(phone__in=names).annotate(called=called).exclude(called="")
    return [str(phone) for phone, name in known.values_list("phone", "called") if name != names[str(phone)].strip()]


def _unproven(phones: Collection[str]) -> QuerySet[User]:
    """People of whom only others have spoken: they never signed in, gave nothing of themselves and hold no office."""
    return User.objects.filter(
        phone__in=phones, merged_into=None, last_login=None, worker__consented_at=None, offices=None
    )


def correct_names(names: Mapping[str, str], *, actor: Actor, now: datetime) -> None:
    """Give people whose name only others have typed so far the names of this list, and leave a trace without them.

    Somebody may have written their number down under any name, and without a smartphone they cannot correct it; whoever
    proved her number keeps the name she gave herself. Must run inside a transaction.

    Args:
        names: checked, by number in E.164.
        actor: an officer or a partner.
        now: for the trace.
    """
    wrong = [user for user in _unproven(names) if user.name != names[str(user.phone)].strip()]
    for user in wrong:
        user.name = names[str(user.phone)].strip()
        user.save(update_fields=["name"])
    transitions.record(wrong, before="", to="renamed", actor=actor, now=now)


def workers_of(numbers: Collection[str]) -> dict[str, Worker]:
    """Return the workers behind numbers, where there are any; an old number leads to the person who stayed.

    Args:
        numbers: in E.164.
    Returns:
        Workers with their users, by number.
    """
    leads_to = Coalesce("merged_into", "pk")
    owners = dict(User.objects.filter(phone__in=numbers).annotate(leads_to=leads_to).values_list("phone", "leads_to"))
    found = {row.user_id: row for row in Worker.objects.filter(user__in=owners.values()).select_related("user")}
    return {str(phone): found[user_id] for phone, user_id in owners.items() if user_id in found}


def ensure_workers(names: Mapping[str, str], *, union_id: UUID, now: datetime) -> dict[str, Worker]:
    """Return the workers behind numbers, made when there are none yet, in four statements for any count.

    A person who is there keeps her own name and union. Must run inside a transaction.

    Args:
        names: by number in E.164, for new people.
        union_id: for new profiles.
        now: current time.
    Returns:
        Workers with their users, by number, in the order of `names`.
    """
    User.objects.bulk_create(
        # In one order, so that two lists with the same people do not wait for each other.
        (
            User(phone=phone, name=name.strip(), password=UNUSABLE, date_joined=now)
            for phone, name in sorted(names.items())
        ),
        ignore_conflicts=True,
    )
    new = User.objects.filter(phone__in=names, merged_into=None).order_by("pk")
    Worker.objects.bulk_create(
        (Worker(user=user, union_id=union_id, created_at=now) for user in new), ignore_conflicts=True
    )
    found = workers_of(names)
    return {phone: found[phone] for phone in names}
