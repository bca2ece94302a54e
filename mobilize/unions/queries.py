"""Reading the tree."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from mobilize.core.errors import NotFound
from mobilize.unions.models import Officer, Union
from mobilize.unions.states import Role


def branch_ids(roots: Iterable[UUID]) -> list[UUID]:
    """Return the ids of the given unions and of everything below them.

    One recursive query, whatever the depth.
    """
    roots = list(roots)
    if not roots:
        return []
    rows = Union.objects.raw(
        """WITH RECURSIVE branch AS (
             SELECT id FROM unions_union WHERE id = ANY(%s)
             UNION SELECT child.id FROM unions_union child JOIN branch ON child.parent_id = branch.id
           ) SELECT id FROM branch""",
        [roots],
    )
    return [row.pk for row in rows]


def ids_above(union_id: UUID) -> list[UUID]:
    """Return the ids of the unions above one, up to the city federation."""
    rows = Union.objects.raw(
        """WITH RECURSIVE line AS (
             SELECT parent_id AS id FROM unions_union WHERE id = %s
             UNION SELECT upper.parent_id FROM unions_union upper JOIN line ON upper.id = line.id
           ) SELECT id FROM line WHERE id IS NOT NULL""",
        [union_id],
    )
    return [row.pk for row in rows]


def branches() -> dict[UUID, set[UUID]]:
    """Return the branch of every union, itself included, in one query."""
    parents = dict(Union.objects.order_by().values_list("pk", "parent_id"))
    found: dict[UUID, set[UUID]] = {union_id: set() for union_id in parents}
    for union_id in parents:
        above: UUID | None = union_id
        while above:
            found[above].add(union_id)
            above = parents[above]
    return found


def in_charge(union_ids: Iterable[UUID], *, at_least: Role) -> dict[UUID, list[UUID]]:
    """Return the ids of the people who look after some unions: a union's own officers, or the next ones above it.

    Args:
        union_ids: which.
        at_least: the role needed.
    Returns:
        The users by union, an empty list where nobody is; in two queries.
    """
    parents = dict(Union.objects.order_by().values_list("pk", "parent_id"))
    own: dict[UUID, list[UUID]] = defaultdict(list)
    officers = Officer.objects.filter(role__in=at_least.and_above, user__is_active=True)
    for union_id, user_id in officers.values_list("union_id", "user_id"):
        own[union_id].append(user_id)
    found = {}
    for union_id in set(union_ids):
        above: UUID | None = union_id
        while above and above not in own:
            above = parents[above]
        found[union_id] = own[above] if above else []
    return found


def is_in_branch(*, union_id: UUID, roots: Iterable[UUID]) -> bool:
    """Tell whether a union is one of `roots` or stands below one of them; an unknown one does not."""
    return union_id in branch_ids(roots)


def offices_of(user_id: UUID) -> QuerySet[Officer]:
    """The roles a person holds, with their unions."""
    return Officer.objects.filter(user_id=user_id).select_related("union").order_by("created_at")


def officers(rows: QuerySet[Officer]) -> QuerySet[Officer]:
    """Officers with person and union, by union, then by name.

    Args:
        rows: those the actor may see.
    """
    return rows.select_related("user", "union").order_by("union__sort_key", "union__name", "user__name", "pk")


def officer(rows: QuerySet[Officer], officer_id: UUID) -> Officer:
    """Return one of the officers with her union.

    Raises:
        NotFound
    """
    found = officers(rows).filter(pk=officer_id).first()
    if found is None:
        raise NotFound
    return found


def office_nodes(user_id: UUID, at_least: Role) -> list[UUID]:
    """Return the unions on which a person holds this role or a stronger one."""
    return list(Officer.objects.filter(user_id=user_id, role__in=at_least.and_above).values_list("union_id", flat=True))


def listed(*, search: str = "", level: str = "") -> QuerySet[Union]:
    """All unions for public reading, sorted; filtered by a part of the name and by level."""
    unions = search_in(Union.objects.all(), search)
    return unions.filter(level=level) if level else unions


def search_in(unions: QuerySet[Union], word: str) -> QuerySet[Union]:
    """Those of the unions whose name, English name or pinyin contains a word; all of them for an empty one."""
    if not word:
        return unions
    return unions.filter(Q(name__icontains=word) | Q(name_en__icontains=word) | Q(sort_key__icontains=word))


def by_code_or_none(code: str) -> Union | None:
    """Return the union with this code, None when there is none."""
    return Union.objects.filter(code=code).first() if code else None


def by_code(code: str) -> Union:
    """Return the union with this code.

    Raises:
        NotFound
    """
    found = by_code_or_none(code)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class TreeRow:
    """A union with its depth below the first one shown."""

    union: Union
    depth: int


def tree(roots: Iterable[UUID]) -> list[TreeRow]:
    """Return the branches below `roots` in depth-first order, siblings sorted by name."""
    ids = branch_ids(roots)
    rows = list(Union.objects.with_tree_fields().filter(pk__in=ids))
    highest = min((row.tree_depth for row in rows), default=0)
    return [TreeRow(row, row.tree_depth - highest) for row in rows]
