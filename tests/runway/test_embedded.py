"""The embedded servers live as long as anybody uses them and start again after anything."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import lifetime, postgres

Start = Callable[..., subprocess.Popen[str]]
USER = """
import sys
from config.embedded import {server}
with {server}.running() as address:
    print(address, flush=True)
    sys.stdin.read()
"""


def use(start: Start, server: str) -> tuple[subprocess.Popen[str], str]:
    """Start a process that uses a server; return it and the server's address once it is up."""
    user = start("-c", USER.format(server=server))
    assert user.stdout is not None
    return user, user.stdout.readline().strip()


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate(timeout=60)
    assert user.returncode == 0


def answers(address: str) -> bool:
    try:
        if address.startswith("redis"):
            return bool(redis.Redis.from_url(address).ping())
        psycopg.connect(address).close()
    except (psycopg.OperationalError, redis.ConnectionError):
        return False
    return True


@pytest.mark.parametrize("server", ["postgres", "valkey"])
def test_two_users_share_one_server_and_the_last_one_stops_it(start: Start, server: str) -> None:
    first, address = use(start, server)
    second, same = use(start, server)
    assert same == address
    leave(first)
    assert answers(address)
    leave(second)
    assert not answers(address)


@pytest.mark.parametrize("server", ["postgres", "valkey"])
def test_what_a_killed_user_left_running_serves_the_next_who_stops_it(start: Start, server: str) -> None:
    killed, address = use(start, server)
    killed.kill()
    killed.wait()
    assert answers(address)
    heir, same = use(start, server)
    assert same == address
    leave(heir)
    assert not answers(address)


def test_data_survive_a_killed_server(start: Start, folder: Path) -> None:
    user, address = use(start, "postgres")
    with psycopg.connect(address) as database:
        database.execute("CREATE TABLE kept AS SELECT 1")
    (postmaster,) = lifetime.processes("postgres", folder / "postgres")
    user.kill()
    os.kill(postmaster.pid, signal.SIGKILL)
    heir, address = use(start, "postgres")
    with psycopg.connect(address) as database:
        assert database.execute("SELECT * FROM kept").fetchall() == [(1,)]
    leave(heir)


@pytest.mark.parametrize(
    "content",
    ["", "1\n/half", "1\n/else\n1\n5432\n/tmp\n\n\nready\n"],
    ids=["empty", "cut short", "of another process"],
)
def test_a_stale_or_half_written_process_file_does_not_stop_a_start(start: Start, folder: Path, content: str) -> None:
    leave(use(start, "postgres")[0])
    (folder / "postgres" / "postmaster.pid").write_text(content)
    user, address = use(start, "postgres")
    assert answers(address)
    leave(user)


def test_a_cluster_whose_making_was_cut_short_is_made_anew(start: Start, folder: Path) -> None:
    leave(use(start, "postgres")[0])
    postgres.mark_of_completion(folder / "postgres").unlink()
    (folder / "postgres" / "global" / "pg_control").unlink()
    user, address = use(start, "postgres")
    assert answers(address)
    leave(user)
