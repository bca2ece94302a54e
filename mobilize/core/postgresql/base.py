"""Django's PostgreSQL backend with patience that ends, statements that are planned once, and a health check that busy
connections skip.

Nothing waits for a lock longer than PATIENCE, whichever way it comes to it: a row held too long costs whoever needs it
an OperationalError (a turn, or "busy, try again"), and never all the threads that serve everybody else.

CONN_HEALTH_CHECKS asks `SELECT 1` before each request's first statement, a whole round trip. A connection that was
used within the last second, without an error, is believed to be alive. The price: after PostgreSQL went away, a request
that comes to a connection within that second fails where it would have reconnected. One that idled longer is asked as
before, so a restart overnight is seen by nobody.
"""

import re
import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from zlib import crc32

from django.db import transaction
from django.db.backends.postgresql import base
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import OperationalError, error_from_result
from psycopg.pq import ExecStatus, Format

TRUSTED_FOR = 1.0  # seconds
PATIENCE = "2s"


class DatabaseWrapper(base.DatabaseWrapper):
    used_at = float("-inf")  # on the monotonic clock

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        options = f"{params.get('options', '')} -c lock_timeout={PATIENCE}".strip()
        return params | {"options": options}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._planned: set[bytes] = set()
        return super().get_new_connection(conn_params)

    def prepared(self, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        """Run a statement that the server plans once per connection, and return its first row.

        It goes to libpq directly, in one call that lets other threads run meanwhile: psycopg's cursor takes the
        interpreter back several times for each statement, and costs as much as the statement itself.

        Outside of a transaction it is one by itself; inside, a failure leaves the transaction usable.

        Args:
            sql: with named placeholders, the same text each time.
            values: by name, of the same types each time.
        Raises:
            django.db.Error: as Django's own cursors raise it.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.used_at = time.monotonic()
        if self.in_atomic_block:
            with transaction.atomic(self.alias), self.cursor():  # the cursor begins the transaction
                return self._run(sql, values)
        return self._run(sql, values)

    def _run(self, sql: str, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        name, text, order = _numbered(sql)
        server = self.connection.pgconn
        with self.wrap_database_errors:
            values_of = Transformer(self.connection)
            parameters = values_of.dump_sequence([values[each] for each in order], [PyFormat.AUTO] * len(order))
            if name not in self._planned:
                _demand(server.prepare(name, text, values_of.types), ExecStatus.COMMAND_OK)
                self._planned.add(name)
            answer = server.exec_prepared(name, parameters, values_of.formats, Format.BINARY)
            values_of.set_pgresult(_demand(answer, ExecStatus.TUPLES_OK))
            return values_of.load_row(0, tuple) if answer.ntuples else None

    def close_if_health_check_failed(self) -> None:
        # Django itself asks at the end of a request in which an error occurred.
        if time.monotonic() - self.used_at < TRUSTED_FOR:
            self.health_check_done = True
        super().close_if_health_check_failed()

    def create_cursor(self, name: str | None = None) -> Any:
        self.used_at = time.monotonic()
        return super().create_cursor(name)


@cache
def _numbered(sql: str) -> tuple[bytes, bytes, list[str]]:
    """Return a name for a statement, its text with $1, $2 ... for its placeholders, and which is which."""
    order = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    text = re.sub(r"%\((\w+)\)s", lambda found: f"${order.index(found[1]) + 1}", sql)
    return f"mobilize_{crc32(sql.encode()):x}".encode(), text.encode(), order


def _demand(answer: Any, status: ExecStatus) -> Any:
    if answer.status == status:
        return answer
    error = error_from_result(answer)
    if error.sqlstate is None:  # not the server's word: the connection is lost
        raise OperationalError(str(error))
    raise error
