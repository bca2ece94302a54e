"""Django's command line. A command that needs servers and is told of none brings the embedded ones up."""

import os
import signal
import sys
from types import FrameType

WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "version",
}


def main() -> None:
    """Run the command of sys.argv."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line

        from config import servers
    except ImportError as error:
        raise SystemExit(f"mobilize: {error}; run `make run` once and use .venv/bin/python.") from None
    if needs_servers(sys.argv[1:]):
        signal.signal(signal.SIGTERM, _terminate)
        with servers.provided():
            execute_from_command_line(sys.argv)
    else:
        execute_from_command_line(sys.argv)


def needs_servers(arguments: list[str]) -> bool:
    """Tell whether a command may touch the database, the cache or the broker."""
    return bool(arguments) and arguments[0] not in WITHOUT_SERVERS and not {"-h", "--help"} & set(arguments)


def _terminate(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
