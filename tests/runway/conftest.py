"""Runs the project's commands as a person would: in processes of their own, on a data folder of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import supervisor
from config.embedded import lifetime, postgres, valkey

GIVEN = {"DATABASE_URL", "BROKER_URL", "CACHE_URL", "DJANGO_SETTINGS_MODULE", "DEMO", "PYTEST_XDIST_WORKER"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return an empty data folder; whatever a test leaves running in it is ended."""
    path = tmp_path / "data"
    path.mkdir()
    yield path
    supervisor.end_leftovers(path)
    valkey.stop(path / "valkey")
    postgres.stop(path / "postgres")


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts Python with arguments and, as its environment, only what is given."""
    started = []

    def _start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if name not in GIVEN}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=clean | {"DATA_DIR": str(folder)} | variables,
            cwd=lifetime.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield _start
    for process in started:
        process.kill()
        process.communicate()
