"""`make run` from start to stop, configured like production so that no city is loaded."""

import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from config import supervisor
from tests import template

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def environment(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Return what a run needs: a database on the tests' server with the tables of a run before, a broker, a free port.

    The parameter names another database to copy; `template1` gives an empty one.
    """
    origin = getattr(request, "param", None) or template.made()
    server = os.environ["DATABASE_URL"]
    name = f"runway_{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {origin}")
        yield {
            "DATABASE_URL": urlsplit(server)._replace(path=f"/{name}").geturl(),
            "BROKER_URL": os.environ["BROKER_URL"],
            "CACHE_URL": os.environ["CACHE_URL"],
            "SECRET_KEY": "k" * 50,
            "SMS_GATEWAY_URL": "http://127.0.0.1:9/",
            "SMS_GATEWAY_KEY": "k",
            "PORT": str(port),
        }
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def up(start: Start, environment: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    """Start a run; return it, once it has greeted, with all it has printed."""
    process = start("-m", "config.up", **environment)
    printed = ""
    assert process.stdout is not None
    while "Mobilize runs at" not in printed:
        line = process.stdout.readline()
        assert line, printed + process.communicate()[1]
        printed += line
    return process, printed


def healthz(environment: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=10)
    connection.request("GET", "/healthz")
    return connection.getresponse().status


def refusal(process: subprocess.Popen[str]) -> str:
    """Return the one sentence with which a process refused to work."""
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 1
    assert complaint.startswith("mobilize: ")
    assert complaint.count("\n") == 1
    return complaint


@pytest.mark.parametrize("environment", ["template1"], indirect=True, ids=["on an empty database"])
def test_it_answers_refuses_a_second_run_and_leaves_nothing_behind(
    start: Start, environment: dict[str, str], folder: Path
) -> None:
    run, _ = up(start, environment)
    assert healthz(environment) == 200
    assert "already runs" in refusal(start("-m", "config.up", **environment))
    assert "already runs" in refusal(start("-m", "config.down", **environment))
    run.terminate()
    run.communicate(timeout=60)
    assert run.returncode == 0
    assert supervisor.end_leftovers(folder) == 0


def test_after_a_kill_the_next_run_starts_cleanly_and_a_dead_part_ends_it_all(
    start: Start, environment: dict[str, str], folder: Path
) -> None:
    killed, _ = up(start, environment)
    killed.kill()
    killed.wait()
    run, printed = up(start, environment)
    assert "killed run" in printed
    assert healthz(environment) == 200
    (beat,) = [child for child in psutil.Process(run.pid).children() if "beat" in child.cmdline()]
    beat.send_signal(signal.SIGKILL)
    assert "beat ended" in refusal(run)
    assert supervisor.end_leftovers(folder) == 0


def test_a_busy_port_is_told_before_the_slow_work(start: Start, environment: dict[str, str], folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"port {port}" in refusal(start("-m", "config.up", PORT=str(port)))
    assert not (folder / "postgres").exists()


def test_a_data_folder_that_cannot_be_written_is_told(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written" in refusal(start("-m", "config.up", DATA_DIR=str(tmp_path / "file")))


@pytest.mark.parametrize("command", [["-m", "config.up"], ["manage.py", "migrate"]])
@pytest.mark.parametrize(
    "address", ["postgresql://nobody@127.0.0.1:9/city", "postgresql:///?sslmode=odd", "mysql://db/x"]
)
def test_a_wrong_database_address_is_told(start: Start, command: list[str], address: str) -> None:
    assert "DATABASE_URL" in refusal(start(*command, DATABASE_URL=address, PORT="8999"))


def test_a_missing_database_is_told(start: Start, environment: dict[str, str]) -> None:
    missing = urlsplit(os.environ["DATABASE_URL"])._replace(path="/no_such_city").geturl()
    assert "no_such_city" in refusal(start("manage.py", "migrate", DATABASE_URL=missing))
