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
    names = [field.attname for field in rows[0]._meta.concrete_fields if not isinstance(field, models.AutoField)]
    values = itemgetter(*names)
    _copy(type(rows[0]), names, (values(vars(row)) for row in rows))


def insert_values(model: type[models.Model], names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows without making an object of each, which for thousands of them costs more than writing them.

    Args:
        model: of which.
        names: of the columns, as attributes of the model; the others may be empty.
        rows: a value for each name.
    Raises:
        django.db.IntegrityError: a constraint forbids one of the rows; none is written.
    """
    if len(rows) < MANY:
        model._base_manager.bulk_create(model(**dict(zip(names, row, strict=True))) for row in rows)
    else:
        _copy(model, names, rows)


def _copy(model: type[models.Model], names: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    fields = [field for name in names for field in model._meta.concrete_fields if field.attname == name]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)  # type: ignore[arg-type]
    into = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN"
    # psycopg knows how to write all other types
    as_json = [(at, field) for at, field in enumerate(fields) if isinstance(field, models.JSONField)]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            written = list(row)
            for at, field in as_json:
                written[at] = field.get_db_prep_save(written[at], connection)
            copy.write_row(written)


def among(ids: Iterable[UUID]) -> RawSQL:
    """Return what to compare with `__in` for many ids: one parameter instead of one for each, so half the time."""
    return RawSQL("SELECT unnest(%s::uuid[])", [list(ids)])
