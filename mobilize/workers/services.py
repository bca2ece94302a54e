"""Profiles and honours."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from mobilize.accounts import services as accounts
from mobilize.accounts.models import User
from mobilize.core import transitions
from mobilize.core.actor import Actor
from mobilize.core.errors import Invalid
from mobilize.core.locks import locked
from mobilize.core.texts import MOST_NAME, fault_of_name, is_plain
from mobilize.outbox import services as outbox
from mobilize.unions import policies as union_policies
from mobilize.unions.models import Union
from mobilize.unions.states import Role
from mobilize.workers.models import Honour, Worker
from mobilize.workers.queries import profile, profile_or_error
from mobilize.workers.states import HonourKind, HonourLevel, HonourStatus, Skill

MOST_AWARDING_BODY = 100
FIRST_YEAR = 1949


@transaction.atomic
def save_profile(
    *,
    actor: Actor,
    name: str,
    union_id: UUID | None,
    now: datetime,
    home_community: str = "",
    skills: Sequence[str] = (),
    consent: bool = True,
) -> Worker:
    """Create or correct the actor's own profile.

    Args:
        actor: the signed-in person.
        name: 1 to 60 characters.
        union_id: her union.
        now: current time.
        home_community: where she lives.
        skills: values of `states.Skill`.
        consent: that these data are kept; needed once, for a new profile.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        Invalid: every wrong field at once: `required`, `too_long`, `bad_text`, `unknown_union`, `unknown_skill`.
        Conflict: `account_closed`.
    """
    person = actor.person
    _check(name, union_id, home_community, skills, consent)
    accounts.rename(user_id=person, name=name)
    worker, created = Worker.objects.get_or_create(  # type: ignore[misc]  # a missing union is refused by _check
        user_id=person, defaults={"union_id": union_id, "consented_at": now, "created_at": now}
    )
    worker.union_id = union_id  # type: ignore[assignment]
    worker.home_community = home_community.strip()
    worker.skills = sorted(set(skills))
    worker.consented_at = worker.consented_at or now
    worker.save(update_fields=["union", "home_community", "skills", "consented_at"])
    if created:
        outbox.record("worker.joined", worker.pk)
    return worker


def change_profile(
    *,
    actor: Actor,
    now: datetime,
    name: str | None = None,
    union: UUID | None = None,
    home_community: str | None = None,
    skills: Sequence[str] | None = None,
    consent: bool = False,
) -> Worker:
    """Correct parts of the actor's own profile; what is None stays as it is.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        Invalid: as `save_profile`; a first profile needs `consent`.
    """
    person = actor.person
    user = User.objects.get(pk=person)
    worker = profile(user_id=person)
    return save_profile(
        actor=actor,
        now=now,
        name=user.name if name is None else name,
        union_id=union or (worker.union_id if worker else None),
        home_community=(worker.home_community if worker else "") if home_community is None else home_community,
        skills=(worker.skills if worker else []) if skills is None else skills,
        consent=consent or bool(worker and worker.consented_at),
    )


def _check(name: str, union_id: UUID | None, home_community: str, skills: Sequence[str], consent: bool) -> None:
    wrong: dict[str, list[str]] = {}
    if fault := fault_of_name(name):
        wrong["name"] = [fault]
    if union_id is None:
        wrong["union"] = ["required"]
    elif not Union.objects.filter(pk=union_id).exists():
        wrong["union"] = ["unknown_union"]
    if len(home_community) > MOST_NAME:
        wrong["home_community"] = ["too_long"]
    elif not is_plain(home_community):
        wrong["home_community"] = ["bad_text"]
    if set(skills) - set(Skill.values):
        wrong["skills"] = ["unknown_skill"]
    if not consent:
        wrong["consent"] = ["required"]
    if wrong:
        raise Invalid(wrong)


@transaction.atomic
def claim_honour(*, actor: Actor, kind: str, level: str, awarding_body: str, year: int, now: datetime) -> Honour:
    """Note an honour the actor says she holds; it shows once an officer has verified it.

    Args:
        actor: the signed-in person.
        kind: of `states.HonourKind`.
        level: of `states.HonourLevel`.
        awarding_body: 1 to 100 characters.
        year: from 1949 to this one.
        now: current time.
    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
        NotFound: `no_profile`.
        Invalid: every wrong field at once: `unknown_choice`, `required`, `too_long`, `bad_year`; `honour_exists`
            beside `year` when it is on her list already, whatever became of it.
    """
    person = actor.person
    worker = profile_or_error(user_id=person)
    _check_honour(kind, level, awarding_body, year, this_year=localdate(now).year)
    honour, is_new = Honour.objects.get_or_create(
        worker=worker,
        kind=kind,
        level=level,
        year=year,
        defaults={"awarding_body": awarding_body.strip(), "created_at": now},
    )
    if not is_new:
        raise Invalid({"year": ["honour_exists"]})
    transitions.record([honour], before="", to=HonourStatus.CLAIMED, actor=actor, now=now)
    return honour


def _check_honour(kind: str, level: str, awarding_body: str, year: int, *, this_year: int) -> None:
    wrong: dict[str, list[str]] = {}
    if kind not in HonourKind.values:
        wrong["kind"] = ["unknown_choice"]
    if level not in HonourLevel.values:
        wrong["level"] = ["unknown_choice"]
    if not awarding_body.strip():
        wrong["awarding_body"] = ["required"]
    elif len(awarding_body.strip()) > MOST_AWARDING_BODY:
        wrong["awarding_body"] = ["too_long"]
    if not FIRST_YEAR <= year <= this_year:
        wrong["year"] = ["bad_year"]
    if wrong:
        raise Invalid(wrong)


@transaction.atomic
def verify_honour(*, actor: Actor, honour_id: UUID, now: datetime) -> Honour:
    """Confirm an honour against the union's records; one that was revoked by mistake comes back this way.

    Args:
        actor: an administrator of the worker's union or above.
        honour_id: which.
        now: current time.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `unions.policies.demand`.
        Conflict: `wrong_status`.
    """
    honour = _honour_to_judge(actor, honour_id)
    transitions.move(
        honour,
        to=HonourStatus.VERIFIED,
        allowed_from=[HonourStatus.CLAIMED, HonourStatus.REVOKED],
        actor=actor,
        now=now,
        verified_by_id=actor.user_id,
        verified_at=now,
    )
    return honour


@transaction.atomic
def revoke_honour(*, actor: Actor, honour_id: UUID, why: str, now: datetime) -> Honour:
    """Reject a claim, or take a verified honour back: it shows no more.

    Args:
        actor: an administrator of the worker's union or above.
        honour_id: which.
        why: the reason, shown to the person; at most 300 characters.
        now: current time.
    Raises:
        Invalid: `required` beside `why`.
        Unauthenticated, NotFound, Forbidden: see `unions.policies.demand`.
        Conflict: `wrong_status`.
    """
    if not why.strip():
        raise Invalid({"why": ["required"]})
    honour = _honour_to_judge(actor, honour_id)
    transitions.move(
        honour,
        to=HonourStatus.REVOKED,
        allowed_from=[HonourStatus.CLAIMED, HonourStatus.VERIFIED],
        actor=actor,
        now=now,
        why=why.strip(),
    )
    return honour


def _honour_to_judge(actor: Actor, honour_id: UUID) -> Honour:
    honour = locked(Honour.objects.select_related("worker"), pk=honour_id)
    union_policies.demand(actor, union_id=honour.worker.union_id, at_least=Role.ADMIN)
    return honour


@transaction.atomic
def erase_me(*, actor: Actor) -> None:
    """Close the actor's account: name, number, community and skills go; counts of service stay.

    Raises:
        Unauthenticated, Forbidden: see `Actor.person`.
    """
    person = actor.person
    Worker.objects.filter(user_id=person).update(home_community="", skills=[])
    accounts.erase(user_id=person)
