"""Brings tables, static files and the demonstration's data up to date; does nothing the second time."""

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command, get_commands


def main() -> None:
    """Prepare what the settings name.

    Raises:
        SystemExit: the folder of static files cannot be written.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    _say("Bringing the tables up to date ...")
    call_command("migrate", interactive=False, verbosity=0)
    try:
        _collect_static(Path(settings.STATIC_ROOT))
    except OSError as error:
        raise SystemExit(f"mobilize: {settings.STATIC_ROOT} cannot be written ({error.strerror}).") from None
    if settings.DEMO and "seed" in get_commands():
        _say("Loading the demonstration's city ...")
        call_command("seed")


def _collect_static(root: Path) -> None:
    stamp = root / ".sources"
    sources = _sources()
    if stamp.exists() and stamp.read_text() == sources:
        return
    _say("Collecting static files ...")
    call_command("collectstatic", interactive=False, verbosity=0)
    root.mkdir(exist_ok=True)
    stamp.write_text(sources)


def _sources() -> str:
    """Return a digest that changes when any static file does."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            state = os.stat(storage.path(path))
            digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
