"""Child processes that stand and fall together, and the ones that a killed supervisor left behind."""

import math
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from config.embedded import lifetime

# Every process of a run carries its data folder in this variable, so leftovers are known without a list of process
# ids, which recur, and include what the processes themselves started.
MARK = "MOBILIZE_RUN"
GRACE_SECONDS = 10


@contextmanager
def running(
    commands: Mapping[str, list[str]], environment: Mapping[str, str]
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run commands for the time of the context, each in a session of its own so that Ctrl-C reaches only us.

    Args:
        commands: argument lists by name.
        environment: of every command.
    Returns:
        The processes by name.
    """
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            children[name] = subprocess.Popen(
                command, env=environment, cwd=lifetime.ROOT, stdin=subprocess.DEVNULL, start_new_session=True
            )
        yield children
    finally:
        _stop(list(children.values()))


def first_ended(
    children: Mapping[str, subprocess.Popen[bytes]], asked: threading.Event, seconds: float = math.inf
) -> str | None:
    """Wait until a child ends, a stop is asked for, or the time is over.

    Args:
        children: as `running` gives them.
        asked: set when everything shall stop.
        seconds: how long to wait.
    Returns:
        The ended child's name, else None.
    """
    deadline = time.monotonic() + seconds
    while not asked.wait(0.1):
        for name, child in children.items():
            if child.poll() is not None:
                return name
        if time.monotonic() > deadline:
            break
    return None


def end_leftovers(folder: Path) -> int:
    """End what a killed run of this data folder left behind.

    Returns:
        The number of processes ended.
    """
    found = [process for process in psutil.process_iter() if _mark(process) == str(folder)]
    lifetime.end(found, signal.SIGTERM, signal.SIGKILL)
    return len(found)


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK) if process.pid != os.getpid() else None
    except (psutil.Error, OSError):
        return None


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0, deadline - time.monotonic()))
    for child in children:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
