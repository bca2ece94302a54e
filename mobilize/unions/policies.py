"""Who may do what in which branch. Every list, detail, foreign key and bulk call goes through here.

An officer's rights need a credential with the second factor (scope `officer`); a partner's rights come from its
OAuth scopes and the union it was registered for.
"""

from uuid import UUID

from django.db.models import QuerySet

from mobilize.core.actor import OFFICER, Actor
from mobilize.core.errors import Forbidden, NotFound, Unauthenticated
from mobilize.unions import queries
from mobilize.unions.models import Officer, Union
from mobilize.unions.states import Role


def nodes(actor: Actor, *, at_least: Role, scope: str = "") -> list[UUID]:
    """Return the unions at the top of the branches where the actor has this role.

    Args:
        actor: who.
        at_least: the role needed.
        scope: the OAuth scope that gives a partner the same right; empty when none does.
    """
    if actor.client_id and actor.union_id:
        return [actor.union_id] if scope and scope in actor.scopes else []
    if actor.user_id and OFFICER in actor.scopes:
        return queries.office_nodes(actor.user_id, at_least)
    return []


def branch(actor: Actor, *, at_least: Role, scope: str = "") -> list[UUID]:
    """Return the ids of all unions where the actor has this role."""
    return queries.branch_ids(nodes(actor, at_least=at_least, scope=scope))


def demand(actor: Actor, *, union_id: UUID, at_least: Role, scope: str = "") -> None:
    """Let pass who has the role on the union or above it.

    Raises:
        Unauthenticated: nobody is signed in.
        NotFound: the union is outside the branches the actor can see.
        Forbidden: `role_too_weak` with `needed`: she sees it but may not do this.
    """
    if actor.is_stranger:
        raise Unauthenticated
    strong = nodes(actor, at_least=at_least, scope=scope)
    if strong and queries.is_in_branch(union_id=union_id, roots=strong):
        return
    seen = nodes(actor, at_least=Role.VIEWER, scope=scope.replace(":write", ":read"))
    if seen and queries.is_in_branch(union_id=union_id, roots=seen):
        raise Forbidden("role_too_weak", needed=str(at_least))
    raise NotFound


def demand_officer(actor: Actor, *, at_least: Role = Role.VIEWER, scope: str = "") -> list[UUID]:
    """Return the actor's nodes for the role, at least one.

    Raises:
        Unauthenticated: nobody is signed in.
        Forbidden: `officers_only`; `role_too_weak` with `needed` for an officer of weaker roles.
    """
    if actor.is_stranger:
        raise Unauthenticated
    found = nodes(actor, at_least=at_least, scope=scope)
    if not found:
        if nodes(actor, at_least=Role.VIEWER):
            raise Forbidden("role_too_weak", needed=str(at_least))
        raise Forbidden("officers_only")
    return found


def visible_tree(actor: Actor, *, at_least: Role = Role.VIEWER) -> list[queries.TreeRow]:
    """Return the branches where the officer has this role, as a tree.

    Raises:
        Unauthenticated, Forbidden: see `demand_officer`.
    """
    return queries.tree(demand_officer(actor, at_least=at_least))


def unions_visible_to(actor: Actor) -> QuerySet[Union]:
    """The unions of the officer's own branches, sorted.

    Raises:
        Unauthenticated, Forbidden: see `demand_officer`.
    """
    return Union.objects.filter(pk__in=queries.branch_ids(demand_officer(actor)))


def officers_visible_to(actor: Actor) -> QuerySet[Officer]:
    """The officers of the officer's own branches.

    Raises:
        Unauthenticated, Forbidden: see `demand_officer`.
    """
    return Officer.objects.filter(union__in=queries.branch_ids(demand_officer(actor)))
