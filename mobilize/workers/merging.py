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
from mobilize.workers.models import Worker
from mobilize.workers.states import HonourStatus

OURS = "mobilize."


def demand_merge(actor: Actor, *, keep_id: UUID, drop_id: UUID) -> tuple[Worker, Worker]:
    """Return the two workers, for an administrator of both their unions.

    Args:
        actor: who.
        keep_id: the worker that stays.
        drop_id: the worker that goes.
    Raises:
        Unauthenticated, NotFound, Forbidden: see `unions.policies.demand`.
        Invalid: `same_person` when both are one already.
        Conflict: `person_is_an_officer`: an office never changes hands this way; `account_closed`;
            `invented_and_real`.
    """
    found = Worker.objects.select_related("user", "union").in_bulk([keep_id, drop_id])
    for worker_id in (keep_id, drop_id):
        if worker_id not in found:
            raise NotFound
        unions.demand(actor, union_id=found[worker_id].union_id, at_least=Role.ADMIN)
    if keep_id == drop_id:
        raise Invalid({"drop": ["same_person"]})
    keep, drop = found[keep_id], found[drop_id]
    if not keep.user.is_active or not drop.user.is_active:
        raise Conflict("account_closed")
    if offices.offices_of(drop.user_id).exists() or drop.user.is_staff:
        raise Conflict("person_is_an_officer")
    if keep.user.is_invented != drop.user.is_invented:
        raise Conflict("invented_and_real")
    return keep, drop


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
