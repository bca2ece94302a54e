"""Django's PostgreSQL backend with a health check that busy connections skip.

CONN_HEALTH_CHECKS asks `SELECT 1` before each request's first statement, a whole round trip. A connection that was
used within the last second, without an error, is believed to be alive. The price: after PostgreSQL went away, a request
that comes to a connection within that second fails where it would have reconnected. One that idled longer is asked as
before, so a restart overnight is seen by nobody.
"""

import time
from typing import Any

from django.db.backends.postgresql import base

TRUSTED_FOR = 1.0  # seconds


class DatabaseWrapper(base.DatabaseWrapper):
    used_at = float("-inf")  # on the monotonic clock

    def close_if_health_check_failed(self) -> None:
        # Django itself asks at the end of a request in which an error occurred.
        if time.monotonic() - self.used_at < TRUSTED_FOR:
            self.health_check_done = True
        super().close_if_health_check_failed()

    def create_cursor(self, name: str | None = None) -> Any:
        self.used_at = time.monotonic()
        return super().create_cursor(name)
