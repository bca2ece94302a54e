"""Django's PostgreSQL backend with patience that ends, statements that are planned once, and a health check that busy
connections skip.

Nothing waits for a lock longer than PATIENCE, whichever way it comes to it: a row held too long costs whoever needs it
an OperationalError (a turn, or "busy, try again"), and never all the threads that serve everybody else.

CONN_HEALTH_CHECKS asks `SELECT 1` before each request's first statement, a whole round trip. A connection that was
used within the last second, without an error, is believed to be alive. The price: after PostgreSQL went away, a request
that comes to a connection within that second fails where it would have reconnected. One that idled longer is asked as
before, so a restart overnight is seen by nobody.
"""

import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import psycopg
from django.db import transaction
from django.db.backends.postgresql import base

TRUSTED_FOR = 1.0  # seconds
PATIENCE = "2s"


class DatabaseWrapper(base.DatabaseWrapper):
    used_at = float("-inf")  # on the monotonic clock

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        options = f"{params.get('options', '')} -c lock_timeout={PATIENCE}".strip()
        # psycopg prepares nothing at all without a threshold. Django's own cursors send text and stay as they are.
        return params | {"prepare_threshold": 0, "options": options}

    def prepared(self, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """Run a statement that the server plans once per connection, and return its first row.

        Outside of a transaction it is one by itself; inside, a failure leaves the transaction usable.

        Args:
            sql: with named placeholders, the same text each time.
            values: by name.
        Raises:
            django.db.Error: as Django's own cursors raise it.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.used_at = time.monotonic()
        with (
            transaction.atomic(self.alias) if self.in_atomic_block else nullcontext(),
            self.wrap_database_errors,
            psycopg.Cursor(self.connection) as cursor,
        ):
            return cursor.execute(sql, values, prepare=True, binary=True).fetchone()

    def close_if_health_check_failed(self) -> None:
        # Django itself asks at the end of a request in which an error occurred.
        if time.monotonic() - self.used_at < TRUSTED_FOR:
            self.health_check_done = True
        super().close_if_health_check_failed()

    def create_cursor(self, name: str | None = None) -> Any:
        self.used_at = time.monotonic()
        return super().create_cursor(name)
