"""`make bench-page`: the warm appeal over a bare Django view, both under granian with 2 workers of 4 threads.

Five interleaved rounds, 16 persistent connections of one client; each ratio is the median of the rounds' own ratios,
so a slow moment of the machine touches both sides. The page is asked for with `Accept-Encoding: gzip` as browsers do.
SQL statements are counted in the real stack behind the same server, over views answered by every worker and thread.
The last line is JSON.
"""

import http.client
import json
from collections.abc import Callable
from itertools import repeat
from statistics import median

from tests.bench.load import Load, drive, get
from tests.bench.stage import SETTINGS, city, say

WORKERS, THREADS, CONNECTIONS = 2, 4, 16
ROUNDS, SECONDS, WARM_UP = 5, 3.0, 1.5
VIEWS_COUNTED = 400
GZIP = {"Accept-Encoding": "gzip"}


def main() -> None:
    """Run the benchmark and print its figures."""
    with city():
        from tests.serving import served

        def side(application: str = "config.wsgi:application"):
            return served(application, workers=WORKERS, threads=THREADS, DJANGO_SETTINGS_MODULE=SETTINGS)

        with side("tests.bench.counting:application") as port:
            page_queries = statements(port)
        with side("tests.bench.hello:application") as hello_port, side() as page_port:
            etag, size = look(page_port)
            rates = rounds(
                {
                    "hello": lambda: (hello_port, get("/"), 200),
                    "page": lambda: (page_port, get("/", GZIP), 200),
                    "notmodified": lambda: (page_port, get("/", GZIP | {"If-None-Match": etag}), 304),
                }
            )
    report(rates, page_queries=page_queries, page_bytes=size)


def rounds(sides: dict[str, Callable[[], tuple[int, bytes, int]]]) -> dict[str, list[float]]:
    """Return each side's answers a second, round by round."""
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for make in sides.values():
        measure(*make(), seconds=WARM_UP)
    say(f"\n{'round':>5}" + "".join(f"{name:>14}" for name in sides))
    for number in range(1, ROUNDS + 1):
        for name, make in sides.items():
            rates[name].append(measure(*make(), seconds=SECONDS).rate)
        say(f"{number:>5}" + "".join(f"{rates[name][-1]:>12.0f}/s" for name in sides))
    return rates


def measure(port: int, request: bytes, status: int, *, seconds: float) -> Load:
    """Drive one side and insist that every answer has the status it should have."""
    load = drive(port, repeat(request), connections=CONNECTIONS, seconds=seconds)
    if load.broken or set(load.statuses) != {status}:
        raise SystemExit(f"not a measurement: {load.statuses}, {load.broken} broken")
    return load


def look(port: int) -> tuple[str, int]:
    """Return the page's entity tag and its size over the wire, in bytes."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", "/", headers=GZIP)
    answer = link.getresponse()
    size = len(answer.read())
    link.close()
    return answer.headers["ETag"], size


def statements(port: int) -> int:
    """Return how many SQL statements the warm views took, whole pages and unchanged ones together."""
    measure(port, get("/", GZIP), 200, seconds=WARM_UP)  # every thread of every worker has answered
    tag = look(port)[0]
    total = 0
    for number in range(VIEWS_COUNTED):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)  # a new one each time reaches every worker
        link.request("GET", "/", headers=GZIP | ({"If-None-Match": tag} if number % 2 else {}))
        answer = link.getresponse()
        answer.read()
        link.close()
        total += int(answer.headers["X-Statements"])
    return total


def report(rates: dict[str, list[float]], **more: int) -> None:
    """Print the medians and, as the last line, everything as JSON."""
    over_hello = {
        f"{name}_over_hello": round(
            median(mine / theirs for mine, theirs in zip(rates[name], rates["hello"], strict=True)), 3
        )
        for name in ("page", "notmodified")
    }
    per_second = {f"{name}_per_second": round(median(each)) for name, each in rates.items()}
    say("")
    say(json.dumps(over_hello | more | per_second | {"workers": WORKERS, "threads": THREADS}))


if __name__ == "__main__":
    main()
