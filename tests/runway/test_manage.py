"""A management command works by itself in a shell."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from config.embedded import lifetime, postgres

Start = Callable[..., subprocess.Popen[str]]


def test_a_command_brings_up_the_servers_it_needs_and_stops_them(start: Start, folder: Path) -> None:
    reading = "from django.db import connection; print('server', connection.pg_version // 10000)"
    command = start("manage.py", "shell", "--no-imports", "--command", reading)
    printed, complaint = command.communicate(timeout=60)
    assert command.returncode == 0, complaint
    assert "server 18" in printed
    assert postgres.mark_of_completion(folder / "postgres").exists()
    assert not lifetime.processes("postgres", folder / "postgres")
    assert not lifetime.processes("valkey-server", folder / "valkey" / "valkey.conf")


def test_a_command_that_needs_no_server_starts_none(start: Start, folder: Path) -> None:
    command = start("manage.py", "version")
    command.communicate(timeout=60)
    assert command.returncode == 0
    assert not (folder / "postgres").exists()
