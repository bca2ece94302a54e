"""Writing many rows at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models


def copy(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows with PostgreSQL's COPY, some ten times as fast as INSERT.

    Columns that are not named take the model field's default, as they would with `create`.

    Args:
        model: whose table.
        columns: attribute names such as `union_id`, in the order of the values.
        rows: values as psycopg adapts them (UUID, datetime, str, int, list, None).
    Returns:
        How many rows were written.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    defaulted = [field for name, field in fields.items() if name not in columns and not field.null]
    written = [*(fields[name] for name in columns), *defaulted]
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in written)
    count = 0
    with connection.cursor() as cursor:
        statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({quoted}) FROM STDIN"
        with cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row([*row, *(field.get_default() for field in defaulted)])
                count += 1
    return count
