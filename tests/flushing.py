"""Emptying the tables after a test that committed: rows deleted where there are any.

Django truncates all tables. That makes some hundred files of tables and indexes anew, a third of a second each time;
a test leaves rows in a few tables, and few rows.
"""

from typing import Any

from django.db import connection

# Written by `migrate`, the same in every database; emptied they would only be written again.
LASTING = {"auth_permission", "django_content_type"}


def sql_flush(style: Any, tables: list[str], **options: Any) -> list[str]:
    """Return the statements that empty some tables; stands in for the one of Django's backend.

    Foreign keys are checked when the transaction ends, so the order does not matter.
    """
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in tables if table not in LASTING]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [f'DELETE FROM "{table}"' for (table,) in cursor.fetchall()]
