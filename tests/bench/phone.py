"""`make bench-phone`: what every page costs a phone, in Chromium, against the served city with production's settings.

Each page in both languages: bytes on the wire cold and warm, requests, other hosts, fonts, layout shift, and axe, at
360 x 740 and (Chinese) 390 x 844; pages of the desk at 1280 x 800 too. Then, in Chinese, the largest paint and the
blocking time of a cold page on slow 4G (150 ms, 1.6 Mbit/s), the median of five. Service workers are kept out of these
figures; what the first visit of "my duties" takes with ours, once a phone, is counted by itself. What breaks a budget
(tests/flows/weighing.py) is named below the table. The last line is JSON.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.bench.stage import SETTINGS, city, say

ROUNDS = 5
KB = 1024  # bytes
PHONE, WIDER, DESK = ({"width": w, "height": h} for w, h in ((360, 740), (390, 844), (1280, 800)))
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
LCP, BLOCKING, WARM_REQUESTS = 1800, 100, 1  # ms, ms
READERS = ("stranger", "worker", "officer")
LANGUAGES = ("zh-hans", "en")


def main() -> None:
    """Run the benchmark and print its figures."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    with city():
        from tests.conftest import NO_BROWSER, find_chromium
        from tests.flows.pages import lived_in
        from tests.serving import served

        chromium = find_chromium()
        if chromium is None:
            raise SystemExit(NO_BROWSER)
        pages = lived_in()
        sessions = {who: _session(user) for who, user in pages["people"].items()}
        with served(DJANGO_SETTINGS_MODULE=SETTINGS) as port, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            bench = Bench(browser, pages, sessions, f"127.0.0.1:{port}")
            bench.run()
            report(bench)
            browser.close()


class Bench:
    """All pages, opened by whom they are for, and what was measured of each."""

    def __init__(self, browser: Browser, pages: dict[str, Any], sessions: dict[str, str], host: str) -> None:
        self.browser, self.pages, self.sessions, self.host = browser, pages, sessions, host
        # by address: the worst of what was measured
        self.measured: dict[str, dict[str, float]] = {}
        self.first: dict[str, float] = {}

    def run(self) -> None:
        """Measure everything."""
        for language, viewport in ((LANGUAGES[0], PHONE), (LANGUAGES[1], PHONE), (LANGUAGES[0], WIDER)):
            say(f"Weighing in {language} at {viewport['width']} x {viewport['height']} ...")
            self._weigh(READERS, language, viewport)
        say(f"Weighing the desk at {DESK['width']} x {DESK['height']} ...")
        self._weigh(("officer",), LANGUAGES[0], DESK)
        self._install()
        say("Timing on slow 4G ...")
        self._time()

    def _weigh(self, readers: tuple[str, ...], language: str, viewport: dict[str, int]) -> None:
        from tests.flows.weighing import Scales

        for who in readers:
            for path in self.pages[who]:
                with self._open(who, language, viewport) as context:
                    page = context.new_page()
                    scales = Scales(page, keeps=True)
                    cold, warm = (scales.weigh(path).sums(self.host) for _ in range(2))
                    self._note(path, cold | {
                        "warm_bytes": warm["bytes"], "warm_requests": warm["requests"], "axe": _axe(page),
                        "shift": max(cold["shift"], warm["shift"]),
                    })  # fmt: skip

    def _time(self) -> None:
        from tests.flows.weighing import Scales

        for who in READERS:
            viewport = DESK if who == "officer" else PHONE
            for path in self.pages[who]:
                lcps, blockings = [], []
                for _ in range(ROUNDS):
                    with self._open(who, LANGUAGES[0], viewport) as context:
                        scales = Scales(context.new_page(), keeps=True)
                        scales.devtools.send("Network.emulateNetworkConditions", SLOW_4G)
                        seen = scales.weigh(path).seen
                    lcps.append(seen["lcp"])
                    blockings.append(seen["blocking"])
                self._note(path, {"lcp": median(lcps), "blocking": median(blockings)})

    def _install(self) -> None:
        """Count what reaches the network when my duties are opened for the first time and bring the service worker."""
        with self._open("worker", LANGUAGES[0], PHONE, service_workers="allow") as context:
            asked: list[Any] = []
            context.on("requestfinished", lambda request: asked.append(request))
            page = context.new_page()
            page.goto("/me/")
            page.wait_for_selector("html[data-kept]")
            sizes = [request.sizes() for request in asked]
            # what the browser had kept is told with a body as much below nothing as its head is long
            wire = [size for each in sizes if (size := each["responseHeadersSize"] + each["responseBodySize"]) > 0]
            self.first = {"first_visit_requests": len(wire), "first_visit_kb": round(sum(wire) / KB, 1)}

    def _note(self, path: str, figures: dict[str, float]) -> None:
        known = self.measured.setdefault(path, {})
        for name, figure in figures.items():
            known[name] = max(known.get(name, 0), figure)

    @contextmanager
    def _open(
        self, who: str, language: str, viewport: dict[str, int], service_workers: Any = "block"
    ) -> Iterator[BrowserContext]:
        from django.conf import settings

        base = f"http://{self.host}"
        is_phone = viewport is not DESK
        context = self.browser.new_context(
            base_url=base, viewport=viewport, locale="zh-CN", is_mobile=is_phone, has_touch=is_phone,
            service_workers=service_workers,
        )  # fmt: skip
        jar = {settings.LANGUAGE_COOKIE_NAME: language}
        if who != "stranger":
            jar[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        context.add_cookies([{"name": name, "value": value, "url": base} for name, value in jar.items()])
        yield context
        context.close()


def _session(user: Any) -> str:
    """Open a session in which somebody has shown all factors; returns its key."""
    from django.conf import settings
    from django.test import Client

    from tests.frontend.conftest import BACKEND, show

    client = Client()
    client.force_login(user, BACKEND)
    show(client, user, "password", "mfa")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _axe(page: Page) -> int:
    """Return how many rules of axe a page breaks."""
    from axe_playwright_python.sync_playwright import Axe

    return len(Axe().run(page).response["violations"])


def over(figures: dict[str, float]) -> dict[str, float]:
    """Return the figures of a page that break a budget."""
    from tests.flows.weighing import MOST

    most = MOST | {"lcp": LCP, "blocking": BLOCKING, "warm_requests": WARM_REQUESTS, "axe": 0}
    return {name: figures[name] for name, bound in most.items() if figures.get(name, 0) > bound}


def report(bench: Bench) -> None:
    """Print the table of pages, what breaks a budget, and as the last line everything as JSON."""
    kb = ("bytes", "html", "js", "css", "warm_bytes")
    columns = (*kb, "requests", "warm_requests", "third_party", "fonts", "shift", "axe", "lcp", "blocking")
    say("\n" + "".join(f"{name.replace('_', ' '):>14}" for name in columns) + "  page")
    for path, figures in bench.measured.items():
        cells = [f"{figures[name] / KB:>11.1f} KB" if name in kb else f"{figures[name]:>14.4g}" for name in columns]
        say("".join(cells) + f"  {path}")
    broken = {path: wrong for path, figures in bench.measured.items() if (wrong := over(figures))}
    for path, wrong in broken.items():
        say(f"over budget: {path} {wrong}")
    top = {name: max(figures[name] for figures in bench.measured.values()) for name in columns}
    say("")
    say(json.dumps({
        "pages": len(bench.measured), "axe_violations": sum(each["axe"] for each in bench.measured.values()),
        "max_kb": round(top["bytes"] / KB, 1), "max_html_kb": round(top["html"] / KB, 1),
        "max_js_kb": round(top["js"] / KB, 1), "max_css_kb": round(top["css"] / KB, 1),
        "max_requests": top["requests"], "max_requests_warm": top["warm_requests"],
        "max_kb_warm": round(top["warm_bytes"] / KB, 1), "third_party": top["third_party"], "fonts": top["fonts"],
        "lcp_ms_max": round(top["lcp"]), "cls_max": round(top["shift"], 4), "blocking_ms_max": round(top["blocking"]),
        "pages_over_budget": len(broken), **bench.first,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
