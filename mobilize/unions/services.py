"""Appointing officers."""

from uuid import UUID

from django.db import transaction

from mobilize.core.actor import Actor
from mobilize.outbox import services as outbox
from mobilize.unions import policies
from mobilize.unions.models import Officer
from mobilize.unions.states import Role


@transaction.atomic
def appoint(*, actor: Actor, user_id: UUID, union_id: UUID, role: Role) -> Officer:
    """Give a person a role on a union, or change the role held there.

    Args:
        actor: an administrator of the union or of one above it.
        user_id: the person.
        union_id: the node.
        role: the role.
    Raises:
        Forbidden, NotFound: see `policies.demand`.
    """
    policies.demand(actor, union_id=union_id, at_least=Role.ADMIN)
    officer, _ = Officer.objects.update_or_create(user_id=user_id, union_id=union_id, defaults={"role": role})
    outbox.record("officer.appointed", officer.pk)
    return officer
