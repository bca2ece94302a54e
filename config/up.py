"""`make run`: brings the servers and the three processes up, keeps them together, takes all of them down again."""

import fcntl
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from config import env, servers, supervisor, welcome
from config.bootstrap import require_free_port
from config.embedded import lifetime

ANSWER_SECONDS = 120


def main() -> None:
    """Run Mobilize on 127.0.0.1:PORT until Ctrl-C or SIGTERM.

    Raises:
        SystemExit: something is in the way, or one of the processes ended by itself.
    """
    port = env.number("PORT", 8000, least=1, most=65535)
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores it
            signal.signal(number, lambda *_: asked.set())
    folder = lifetime.data_dir()
    with ExitStack() as stack:
        stack.enter_context(only_run(folder))
        if count := supervisor.end_leftovers(folder):
            say(f"Ended {count} processes that a killed run had left behind.")
        require_free_port(port)
        say("Starting the database and the cache ...")
        stack.enter_context(servers.provided())
        environment = {"PUBLIC_URL": f"http://127.0.0.1:{port}"} | os.environ | {supervisor.MARK: str(folder)}
        prepare(environment, asked)
        serve(port, folder, environment, asked)


def say(text: str) -> None:
    """Write a line for the person at the terminal."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def only_run(folder: Path) -> ExitStack:
    """Return a context in which no other run uses the data folder.

    Raises:
        SystemExit: another run does.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(lifetime.lock(folder / "run.lock", fcntl.LOCK_EX | fcntl.LOCK_NB))
        except BlockingIOError:
            raise SystemExit(f"mobilize: it already runs with {folder}; stop that run with Ctrl-C first.") from None
        return stack.pop_all()


def prepare(environment: Mapping[str, str], asked: threading.Event) -> None:
    """Bring tables, static files and the demonstration's data up to date.

    Raises:
        SystemExit: that failed; the reason is on standard error.
    """
    commands = {"preparation": [sys.executable, "-m", "config.prepare"]}
    with supervisor.running(commands, environment) as children:
        if supervisor.first_ended(children, asked) and (code := children["preparation"].returncode):
            raise SystemExit(code if code > 0 else f"mobilize: the preparation was killed by signal {-code}.")


def serve(port: int, folder: Path, environment: Mapping[str, str], asked: threading.Event) -> None:
    """Run web, worker and beat until a stop is asked for; greet once web answers.

    Raises:
        SystemExit: one of them ended by itself, or web does not answer.
    """
    if asked.is_set():
        return
    say("Starting web, worker and beat ...")
    # Web goes first: on two cores the others would double the time to its first answer.
    with supervisor.running(_web(port), environment) as children:
        ended = _await_answer(port, environment["PUBLIC_URL"], children, asked)
        if not ended and not asked.is_set():
            with supervisor.running(background(folder), environment) as others:
                children |= others
                say(welcome.text(f"http://127.0.0.1:{port}/"))
                ended = supervisor.first_ended(children, asked)
                say("Stopping ...")
    if ended:
        raise SystemExit(f"mobilize: {ended} ended with code {children[ended].returncode}, so everything stopped.")


def _web(port: int) -> dict[str, list[str]]:
    granian = (
        f"granian --interface wsgi --host 127.0.0.1 --port {port} --no-ws --workers 1 --blocking-threads 4"
        " --log-level warning config.wsgi:application"
    )
    return {"web": [sys.executable, "-m", *granian.split()]}


def background(folder: Path) -> dict[str, list[str]]:
    """Return the commands of everything but web, by name; beat keeps its notes in `folder`."""
    celery = "-m celery --app config --quiet --skip-checks"
    common = f"{celery} worker --loglevel WARNING --without-gossip --without-mingle --hostname"
    workers = {
        "worker": f"{common} worker@%h --queues default --concurrency 2",
        "codes": f"{common} codes@%h --queues codes --pool solo",
        "messages": f"{common} messages@%h --queues messages --pool solo",
    }
    beat = f"{celery} beat --loglevel WARNING --schedule"
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser"]
    commands = {name: [*python, *command.split()] for name, command in workers.items()}
    return commands | {"beat": [*python, *beat.split(), str(folder / "beat-schedule")]}


def _await_answer(
    port: int, public_url: str, children: Mapping[str, subprocess.Popen[bytes]], asked: threading.Event
) -> str | None:
    """Wait until web answers; return the name of a child that ended instead."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while not _answers(port, public_url) and not asked.is_set():
        if ended := supervisor.first_ended(children, asked, seconds=0.1):
            return ended
        if time.monotonic() > deadline:
            raise SystemExit(f"mobilize: web did not answer within {ANSWER_SECONDS} s, so everything stopped.")
    return None


def _answers(port: int, public_url: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(public_url).netloc})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    if status != http.HTTPStatus.OK:
        raise SystemExit(f"mobilize: web answers {status} at /healthz, for the reason above, so everything stopped.")
    return True


if __name__ == "__main__":
    main()
