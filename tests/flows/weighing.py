"""What a page costs a phone: bytes on the wire, requests, hosts, fonts, and how calmly it appears."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

KB = 1024  # bytes
# The budgets of a page when nothing of it is in the phone yet: bytes on the wire with their headers, and counts.
MOST = {
    "bytes": 60 * KB,
    "html": 14 * KB,
    "js": 20 * KB,
    "css": 16 * KB,
    "requests": 6,
    "third_party": 0,
    "fonts": 0,
    "shift": 0,
}
KINDS = {"Document": "html", "Script": "js", "Stylesheet": "css"}
# Seen since the page began to load; `buffered` brings what happened before anybody looked.
SEEN = """() => new Promise((done) => {
  const seen = { shift: 0, lcp: 0, blocking: 0 };
  const look = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({ type, buffered: true });
  look("layout-shift", ({ value, hadRecentInput }) => { if (!hadRecentInput) seen.shift += value; });
  look("largest-contentful-paint", ({ startTime }) => { seen.lcp = startTime; });
  look("longtask", ({ duration }) => { seen.blocking += Math.max(0, duration - 50); });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(seen), 0)));
})"""


@dataclass
class Load:
    """One answer as it came over the wire."""

    url: str
    kind: str
    size: int = 0
    cached: bool = False
    packed: bool = False
    done: bool = False


@dataclass
class Weight:
    """What loading a page took."""

    loads: list[Load] = field(default_factory=list)
    seen: dict[str, float] = field(default_factory=dict)

    def sums(self, host: str) -> dict[str, float]:
        """Return the figures under the names of `MOST`.

        Args:
            host: ours, with its port.
        """
        wire = [load for load in self.loads if not load.cached]
        of_kind = {kind: sum(load.size for load in wire if KINDS.get(load.kind) == kind) for kind in KINDS.values()}
        return {
            "bytes": sum(load.size for load in wire),
            **of_kind,
            "requests": len(wire),
            "third_party": sum(urlsplit(load.url).netloc != host for load in wire),
            "fonts": sum(load.kind == "Font" for load in wire),
            **self.seen,
        }

    def over(self, host: str) -> dict[str, float]:
        """Return those figures that break their budget."""
        sums = self.sums(host)
        return {name: sums[name] for name, most in MOST.items() if sums[name] > most}


class Scales:
    """Weighs what a page of a browser loads, over its developer tools.

    Args:
        keeps: whether the browser may use what it kept of earlier pages.
    """

    def __init__(self, page: Page, *, keeps: bool) -> None:
        self.page = page
        self.devtools = page.context.new_cdp_session(page)
        self._loads: dict[str, list[Load]] = {}
        self.devtools.on("Network.requestWillBeSent", self._asked)
        self.devtools.on("Network.responseReceived", self._answered)
        self.devtools.on("Network.requestServedFromCache", lambda told: self._last(told["requestId"], cached=True))
        self.devtools.on("Network.loadingFinished", self._finished)
        self.devtools.on("Network.loadingFailed", lambda told: self._last(told["requestId"], done=True))
        self.devtools.send("Network.enable")
        self.devtools.send("Network.setCacheDisabled", {"cacheDisabled": not keeps})

    def weigh(self, path: str) -> Weight:
        """Open a page and return what it took."""
        self._loads.clear()
        self.page.goto(path)
        self.page.evaluate(SEEN)  # frames in which a script may ask for more, for what is in sight
        for _ in range(50):
            if all(load.done for loads in self._loads.values() for load in loads):
                break
            self.page.evaluate("new Promise((done) => setTimeout(done, 20))")
        loads = [load for loads in self._loads.values() for load in loads]
        return Weight(loads, self.page.evaluate(SEEN))

    def _asked(self, told: dict[str, Any]) -> None:
        url = told["request"]["url"]
        if urlsplit(url).scheme not in ("http", "https"):
            return
        loads = self._loads.setdefault(told["requestId"], [])
        if redirect := told.get("redirectResponse"):
            loads[-1].size, loads[-1].done = redirect["encodedDataLength"], True
        loads.append(Load(url, told.get("type", "Other")))

    def _answered(self, told: dict[str, Any]) -> None:
        answer = told["response"]
        packed = any(name.lower() == "content-encoding" for name in answer["headers"])
        self._last(told["requestId"], kind=told["type"], packed=packed)
        if answer.get("fromDiskCache"):
            self._last(told["requestId"], cached=True)

    def _finished(self, told: dict[str, Any]) -> None:
        self._last(told["requestId"], size=int(told["encodedDataLength"]), done=True)

    def _last(self, request_id: str, **facts: Any) -> None:
        for load in self._loads.get(request_id, [])[-1:]:
            for name, fact in facts.items():
                setattr(load, name, fact)
