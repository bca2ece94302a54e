"""What a benchmark stands on: embedded servers, a database of its own with the seeded city, production's settings."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import django

from config import servers

SETTINGS = "config.settings"
CACHE_NUMBERS = {"BROKER_URL": 60, "CACHE_URL": 61}  # apart from those of `make run` and the tests


@contextmanager
def city() -> Iterator[None]:
    """Set Django up on a fresh seeded database and collected static files for the time of the context."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": SETTINGS, "DEMO": "true"}
    with servers.provided():
        for name, number in CACHE_NUMBERS.items():
            os.environ[name] = urlsplit(os.environ[name])._replace(path=f"/{number}").geturl()
        django.setup()
        from django.core.cache import cache
        from django.core.management import call_command
        from django.db import connection

        say("Preparing the city ...")
        original = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            cache.clear()
            call_command("collectstatic", interactive=False, verbosity=0)
            call_command("seed", verbosity=0)
            yield
        finally:
            connection.creation.destroy_test_db(original, verbosity=0)


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def timed(times: list[float], work: Callable[[], Any]) -> Any:
    """Do something and note its seconds."""
    begun = perf_counter()
    done = work()
    times.append(perf_counter() - begun)
    return done
