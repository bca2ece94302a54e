"""What every test may use."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection

from frontend import public_pages
from tests import flushing, template
from tests.serving import served

HERE = Path(__file__).parent
# The longest files, begun first: one that begins last leaves the other processes without work.
LONGEST = [
    *("runway/test_up.py", "flows/test_access.py", "dispatch/test_last_places.py", "signups/test_race.py"),
    *("signups/test_machine.py", "dispatch/test_race.py", "dispatch/test_machine.py", "dispatch/test_hard_rules.py"),
    *("runway/test_embedded.py", "seeding/test_load.py", "flows/test_dispatch_keys.py", "signups/test_group_race.py"),
    *("flows/test_watch.py", "runway/test_work.py", "flows/test_dispatch.py", "api/test_schema.py"),
    *("runway/test_bootstrap.py", "campaigns/test_count_readers.py", "outbox/test_broker_away.py"),
]
NO_BROWSER = "no Chromium on this machine: set CHROMIUM or install the package chromium"


def find_chromium() -> str | None:
    """Return the path of a Chromium: CHROMIUM if set, else the first one that is installed."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next((path for name in names if name and (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the browser for tests marked `browser`."""
    path = find_chromium()
    assert path is not None, "only tests marked `browser` may ask for it"
    return path


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The test database begins as a copy of the template."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template.made()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """The test database, emptied faster than Django does it."""
    connection.ops.sql_flush = flushing.sql_flush


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[int]:
    """Return the port of the project served as in production: started for the first who asks, up for all who follow."""
    with served() as port:
        yield port


@pytest.fixture(scope="session")
def unguarded_server(django_db_setup: None) -> Iterator[int]:
    """Return the port of the project served with its guards switched off, kept up like `server`."""
    with served("tests.unguarded:application") as port:
        yield port


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Every test begins with an empty cache (no counts, no copies of rows that are gone) and without kept pages."""
    cache.clear()
    public_pages.forget()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def _turn(item: pytest.Item) -> int:
    """Return when a test's file has its turn; those of one turn keep their order."""
    name = item.path.relative_to(HERE).as_posix()
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report.nodeid for report in skipped if NO_BROWSER in str(report.longrepr)]
    if left_out:
        terminalreporter.section("left out")
        terminalreporter.line(f"{len(left_out)} browser tests did not run, {NO_BROWSER}")
