"""What every test may use."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from frontend import public_pages
from tests.serving import served

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
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report.nodeid for report in skipped if NO_BROWSER in str(report.longrepr)]
    if left_out:
        terminalreporter.section("left out")
        terminalreporter.line(f"{len(left_out)} browser tests did not run, {NO_BROWSER}")
