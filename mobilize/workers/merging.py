"""Two rows of one person become one: every link follows, and the old number still leads to her."""

from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef

from mobilize.accounts import services as accounts
from mobilize.accounts.models import User
from mobilize.core.actor import Actor
from mobilize.core.errors import Conflict, Invalid, NotFound
from mobilize.unions import policies as unions
from mobilize.unions import queries as offices
from mobilize.unions.states import Role
from mobilize.workers.enrolment import read_phone, workers_of
from mobilize.workers.models import Worker
from mobilize.workers.states import HonourStatus

OURS = "mobilize."


def find_pair(*, actor: Actor, keep: str, drop: str) -> tuple[UUID, UUID]:
    """Return the workers behind two numbers; an old number leads to the person who stayed.

    Of people outside the actor's branches it tells no more than of numbers nobody has.

    Args:
        actor: an administrator.
        keep: number of the one who stays, as typed.
        drop: number of the one who goes, as typed.
    Returns:
        The ids of the one who stays and of the one who goes.
    Raises:
        Unauthenticated, Forbidden: see `unions.policies.demand_officer`.
        Invalid: every wrong field at once, beside `keep` and `drop`: `required`, `bad_phone`, `unknown_person`;
            `same_person` beside `drop`.
    """
    mine = set(offices.branch_ids(unions.demand_officer(actor, at_least=Role.ADMIN)))
    wrong: dict[str, list[str]] = {}
    numbers = {field: read_phone(typed, field, wrong) for field, typed in {"keep": keep, "drop": drop}.items()}
    found = {phone: worker for phone, worker in workers_of(numbers.values()).items() if worker.union_id in mine}
    for field, phone in numbers.items():
        if phone not in found:
            wrong.setdefault(field, ["unknown_person"])
    if wrong:
        raise Invalid(wrong)
    keep_id, drop_id = (found[phone].pk for phone in numbers.values())
    if keep_id == drop_id:
        raise Invalid({"drop": ["same_person"]})
    return keep_id, drop_id


def demand_pair(actor: Actor, *, keep_id: UUID, drop_id: UUID) -> tuple[Worker, Worker]:
    """Return the two workers, for an administrator of both their unions.

    Args:
        actor: who.
        keep_id: the worker that stays.
        drop_id: the worker that goes.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `unions.policies.demand`.
        Invalid: `same_person` beside `drop` when both are one already.
    """
    found = Worker.objects.select_related("user", "union").in_bulk([keep_id, drop_id])
    for worker_id in (keep_id, drop_id):
        if worker_id not in found:
            raise NotFound
        unions.demand(actor, union_id=found[worker_id].union_id, at_least=Role.ADMIN)
    if keep_id == drop_id:
        raise Invalid({"drop": ["same_person"]})
    return found[keep_id], found[drop_id]


def demand_fit(*, keep: Worker, drop: Worker) -> None:
    """Let pass two people who can become one.

    Raises:
        Conflict: `person_is_an_officer`: an office never changes hands this way; `account_closed`;
            `invented_and_real`.
    """
    if not keep.user.is_active or not drop.user.is_active:
        raise Conflict("account_closed")
    if offices.offices_of(drop.user_id).exists() or drop.user.is_staff:
        raise Conflict("person_is_an_officer")
    if keep.user.is_invented != drop.user.is_invented:
        raise Conflict("invented_and_real")


def move_links(*, keep: Worker, drop: Worker) -> None:
    """Point everything of one person at the other and delete the profile that goes; runs inside a transaction.

    What both have (two pledges in one campaign, two honours of one year) is left once: that of the person who stays,
    and of two honours a verified one.

    Args:
        keep: who stays.
        drop: who goes; her number signs in as the one who stays from now on.
    """
    _prefer_verified_honours(keep=keep, drop=drop)
    _move(Worker, old=drop.pk, new=keep.pk)
    _move(User, old=drop.user_id, new=keep.user_id)
    accounts.become(user_id=drop.user_id, other_id=keep.user_id)
    # No row may be left that a sign-up on its way could land on: foreign keys are checked after it waited for us.
    Worker.objects.filter(pk=drop.pk).delete()


def _prefer_verified_honours(*, keep: Worker, drop: Worker) -> None:
    same = drop.honours.filter(
        kind=OuterRef("kind"), level=OuterRef("level"), year=OuterRef("year"), status=HonourStatus.VERIFIED
    )
    keep.honours.filter(Exists(same)).exclude(status=HonourStatus.VERIFIED).delete()


def _move(model: type[models.Model], *, old: UUID, new: UUID) -> None:
    """Follow every foreign key of ours to the model, also those without a way back."""
    for field in model._meta.get_fields(include_hidden=True):
        pointing = field.related_model
        if not isinstance(field, models.ManyToOneRel) or not pointing or not pointing.__module__.startswith(OURS):
            continue
        if pointing in (Worker, User):
            continue
        column = field.field.name
        rows = pointing._base_manager.filter(**{column: old})
        if not _updated(rows, column, new):
            for key in rows.values_list("pk", flat=True):
                _updated(rows.filter(pk=key), column, new)


def _updated(rows: "models.QuerySet[models.Model]", column: str, new: UUID) -> bool:
    try:
        with transaction.atomic():
            rows.update(**{column: new})
    except IntegrityError:
        return False
    return True
