"""What a page costs the phone that opens it, told by the browser itself over its own protocol."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

from tests.serving import served, served_environment

KB = 1024
MOST = {"kb": 60, "js_kb": 20, "css_kb": 16, "html_kb": 14, "requests": 6}
MOST_AGAIN = 1  # requests, when a page is opened once more
NOT_ON_PAGES = ["admin", "unfold", "rest_framework", "drf_spectacular_sidecar"]  # of the back office and the API
ICON = "Other"  # the kind of resource that a site's icon is
WATCH = """
(() => {
  window.seen = { shift: 0, paint: 0, blocked: 0 };
  const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({ type, buffered: true });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) window.seen.shift += entry.value; });
  watch("largest-contentful-paint", (entry) => { window.seen.paint = entry.startTime; });
  watch("longtask", (entry) => { window.seen.blocked += Math.max(0, entry.duration - 50); });
})();
"""


@dataclass
class Weight:
    """A page's cost.

    Attributes:
        by_kind: bytes over the wire, heads included, by kind of resource (`Document`, `Script`, ...).
        requests: how many answers came over the network, the first time.
        hosts: others than the page's own that were asked.
        shift: sum of layout shifts, without unit.
        paint_ms: until the largest thing was painted.
        blocked_ms: what tasks took over 50 ms.
    """

    by_kind: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    hosts: set[str] = field(default_factory=set)
    shift: float = 0.0
    paint_ms: float = 0.0
    blocked_ms: float = 0.0

    @property
    def figures(self) -> dict[str, float]:
        """The figures that have a bound in `MOST`, by the same names."""
        kinds = {"js_kb": "Script", "css_kb": "Stylesheet", "html_kb": "Document"}
        sizes = {name: self.by_kind.get(kind, 0) / KB for name, kind in kinds.items()}
        total = sum(self.by_kind.values()) / KB
        return sizes | {"kb": total, "requests": self.requests}

    @property
    def faults(self) -> dict[str, Any]:
        """What breaks a budget that does not depend on the machine's speed."""
        found: dict[str, Any] = {name: round(figure, 1) for name, figure in self.figures.items() if figure > MOST[name]}
        if self.hosts:
            found["other hosts"] = self.hosts
        if self.by_kind.get("Font"):
            found["fonts"] = self.by_kind["Font"]
        if self.shift:
            found["shift"] = round(self.shift, 4)
        return found


@contextmanager
def packed_server(folder: Path) -> Iterator[str]:
    """Serve the project on the test database with static files as in production; yields its address.

    Args:
        folder: an empty one, for the collected files.
    """
    packed = {"PACKED_STATIC": str(folder), "DJANGO_SETTINGS_MODULE": "tests.packed"}
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(
        [*collect, "--ignore", "admin", "--ignore", "rest_framework"], env=served_environment(**packed), check=True
    )
    with served(**packed) as port:
        yield f"http://127.0.0.1:{port}"


class Scales:
    """Weighs pages in one browser context, each as if nothing of the project had been loaded before.

    Args:
        context: signed in as whoever reads the pages.
        slow: over slow 4G: 150 ms and 1.6 Mbit/s.
    """

    def __init__(self, context: BrowserContext, *, slow: bool = False) -> None:
        context.add_init_script(WATCH)
        self.page = context.new_page()
        self._settled = "networkidle" if slow else "load"
        self._answers: list[tuple[str, int, str]] = []  # kind, bytes, host
        self._pending: dict[str, tuple[str, str]] = {}
        self._from_memory: set[str] = set()
        self._devtools = context.new_cdp_session(self.page)
        self._devtools.send("Network.enable")
        if slow:
            throttle = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
            self._devtools.send("Network.emulateNetworkConditions", throttle)
        self._devtools.on("Network.requestServedFromCache", lambda told: self._from_memory.add(told["requestId"]))
        self._devtools.on("Network.responseReceived", self._answered)
        self._devtools.on("Network.loadingFinished", self._finished)

    def weigh(self, address: str) -> Weight:
        """Open a page without anything in the cache; it stays open.

        The site's icon is left out: a browser fetches it once, whenever it likes.

        Args:
            address: whole.
        """
        self._devtools.send("Network.clearBrowserCache")
        self.page.goto("about:blank")
        self._answers.clear()
        self.page.goto(address, wait_until=self._settled)  # type: ignore[arg-type]
        seen = self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(seen), 0)))")
        weight = Weight(shift=seen["shift"], paint_ms=seen["paint"], blocked_ms=seen["blocked"])
        for kind, size, host in self._answers:
            weight.requests += 1
            weight.by_kind[kind] = weight.by_kind.get(kind, 0) + size
            if host != urlsplit(address).netloc:
                weight.hosts.add(host)
        return weight

    def requests_again(self) -> int:
        """Open the page once more; return how many requests that took."""
        self._answers.clear()
        self.page.goto(self.page.url)
        return len(self._answers)

    def _answered(self, told: dict[str, Any]) -> None:
        answer, request = told["response"], told["requestId"]
        from_cache = request in self._from_memory or answer.get("fromDiskCache") or answer.get("fromServiceWorker")
        if not from_cache and not answer["url"].startswith("data:"):
            self._pending[request] = (told["type"], urlsplit(answer["url"]).netloc)

    def _finished(self, told: dict[str, Any]) -> None:
        kind, host = self._pending.pop(told["requestId"], (ICON, ""))
        if kind != ICON:
            self._answers.append((kind, int(told["encodedDataLength"]), host))
