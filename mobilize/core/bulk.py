"""Write many new rows, and ask for many ids, at once."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL

MANY = 100  # rows from which on COPY, with its additional round trips, is faster than INSERT


def insert(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model; many of them by PostgreSQL's COPY, in a third of the time of `bulk_create`.

    Constraints and triggers hold as for any INSERT. Unlike `bulk_create` it cannot pass over conflicts, and it leaves
    keys that the database gives out unknown to the rows.

    Args:
        rows: not saved yet, with values of their fields' own types; what they refer to is saved.
    Raises:
        django.db.IntegrityError: a constraint forbids one of the rows; none is written.
    """
    if len(rows) < MANY:
        if rows:
            type(rows[0])._base_manager.bulk_create(rows)
        return
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)  # type: ignore[arg-type]
    into = f"COPY {connection.ops.quote_name(meta.db_table)} ({names}) FROM STDIN"
    values = itemgetter(*(field.attname for field in fields))
    # psycopg knows how to write all other types
    as_json = [(at, field) for at, field in enumerate(fields) if isinstance(field, models.JSONField)]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            written = list(values(vars(row)))
            for at, field in as_json:
                written[at] = field.get_db_prep_save(written[at], connection)
            copy.write_row(written)


def among(ids: Iterable[UUID]) -> RawSQL:
    """Return what to compare with `__in` for many ids: one parameter instead of one for each, so half the time."""
    return RawSQL("SELECT unnest(%s::uuid[])", [list(ids)])
