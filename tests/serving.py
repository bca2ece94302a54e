"""The project served by granian as in production, on the test database, for tests of real concurrency."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server
from typing import Any

from django.db import connection


def _free_port() -> int:
    with create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def database_url(name: str = "") -> str:
    """The address of the test database, or of another one of its server."""
    at = connection.settings_dict
    return (
        f"postgresql://{at['USER']}:{at['PASSWORD']}@/{name or at['NAME']}?host={at['HOST']}&port={at['PORT'] or 5432}"
    )


def served_environment(**more: str) -> dict[str, str]:
    """The environment of a process that works on the test database."""
    return os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"} | more


@contextmanager
def served(
    application: str = "config.wsgi:application", *, workers: int = 2, threads: int = 4, **environment: str
) -> Iterator[int]:
    """Serve a WSGI application until the block ends; yields the port.

    Args:
        environment: variables set besides.
    """
    port = _free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(threads), "--log-level", "error"),
        *("--workers-kill-timeout", "5", application),  # one that still starts does not hear that it is to end
    ]
    server = subprocess.Popen(command, env=served_environment(**environment))
    try:
        for _ in range(600):
            if _answers(port):
                break
            time.sleep(0.1)  # waiting for a process to come up, not for a result
        else:
            raise RuntimeError("the server did not come up in 60 s")
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _answers(port: int) -> bool:
    try:
        return call(port, "GET", "/healthz")[0] == 200
    except OSError:
        return False


def call(port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Make one HTTP request; returns status and the parsed JSON body."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        client.request(method, path, json.dumps(body or {}), {"Content-Type": "application/json"} | (headers or {}))
        answer = client.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        client.close()
