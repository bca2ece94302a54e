"""How long an embedded server lives: from its first user's start to its last user's end.

Each user holds a shared lock on a file. Who can turn that lock exclusive is the last user and stops the server. The
kernel frees the locks of a killed process, so what it left running serves the next user and is stopped by the last.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


def data_dir() -> Path:
    """Return the folder of everything kept between runs (DATA_DIR, by default .data), made when missing.

    Raises:
        SystemExit: it cannot be made or written.
    """
    folder = Path(os.environ.get("DATA_DIR") or ROOT / ".data").absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
    except OSError as error:
        raise SystemExit(f"mobilize: the data folder {folder} cannot be written ({error.strerror}).") from None
    return folder


@contextmanager
def shared(folder: Path, start: Callable[[Path], str], stop: Callable[[Path], None]) -> Iterator[str]:
    """Keep the server of `folder` up for the time of the context.

    Args:
        folder: the server's data; the two lock files lie beside it.
        start: starts the server unless it answers already; returns its address.
        stop: stops the server; called only by the last user.
    Returns:
        The server's address.
    """
    with lock(folder.with_suffix(".users"), fcntl.LOCK_UN) as users:
        with lock(folder.with_suffix(".change"), fcntl.LOCK_EX):
            fcntl.flock(users, fcntl.LOCK_SH)
            address = start(folder)
        try:
            yield address
        finally:
            with lock(folder.with_suffix(".change"), fcntl.LOCK_EX):
                if _alone(users):
                    stop(folder)


def stop_unused(folder: Path, stop: Callable[[Path], None]) -> None:
    """Stop the server of `folder` that a killed run left behind.

    Raises:
        SystemExit: somebody uses it.
    """
    with (
        lock(folder.with_suffix(".users"), fcntl.LOCK_UN) as users,
        lock(folder.with_suffix(".change"), fcntl.LOCK_EX),
    ):
        if not _alone(users):
            raise SystemExit(f"mobilize: the server in {folder} is in use; end its users first.")
        stop(folder)


@contextmanager
def lock(path: Path, operation: int) -> Iterator[int]:
    """Hold a lock on a file for the time of the context.

    Args:
        operation: of fcntl.flock; LOCK_UN opens without locking.
    Returns:
        The open file's descriptor; child processes do not inherit it.
    Raises:
        BlockingIOError: another holds it and the operation must not wait.
        SystemExit: the file cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SystemExit(f"mobilize: the file {path} cannot be written ({error.strerror}).") from None
    try:
        fcntl.flock(descriptor, operation)
        yield descriptor
    finally:
        os.close(descriptor)


def _alone(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def processes(program: str, argument: Path) -> list[psutil.Process]:
    """Return the running processes of a program that have `argument` on their command line."""
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == program and str(argument) in (process.info["cmdline"] or [])
    ]


def end(found: list[psutil.Process], *signals: signal.Signals) -> None:
    """Send the signals, 10 s apart, until every process is gone."""
    for number in signals:
        found = [process for process in found if _runs(process)]
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        deadline = time.monotonic() + 10
        while any(map(_runs, found)) and time.monotonic() < deadline:
            time.sleep(0.02)


def _runs(process: psutil.Process) -> bool:
    """Tell whether it still runs; a dead process that nobody has collected yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
