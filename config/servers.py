"""The servers this process works with: the ones its environment names, else, in the demonstration, embedded ones."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from config import env


@contextmanager
def provided() -> Iterator[None]:
    """Fill DATABASE_URL, BROKER_URL and CACHE_URL where the demonstration leaves them unset, and keep those servers up.

    Raises:
        SystemExit: an embedded server does not start, or the database that is named cannot be used.
    """
    with ExitStack() as stack:
        if env.demo():
            from config.embedded import postgres, valkey

            if "DATABASE_URL" not in os.environ:
                os.environ["DATABASE_URL"] = stack.enter_context(postgres.running())
            if not {"BROKER_URL", "CACHE_URL"} <= os.environ.keys():
                address = stack.enter_context(valkey.running())
                os.environ.setdefault("BROKER_URL", f"{address}/0")
                os.environ.setdefault("CACHE_URL", f"{address}/1")
        _require_database()
        yield


def _require_database() -> None:
    import psycopg

    env.postgres("DATABASE_URL", None)
    try:
        psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5).close()
    except psycopg.Error as error:
        reason = "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
        raise env.SettingError("DATABASE_URL", f"names a database that cannot be used: {reason}") from None
