"""The times of a road network, from a routing server that speaks OSRM's table API (`ROUTING_URL`).

A plan asks for thousands of ways, but between few places: bases, sites and where trips end. So the places are rounded
to 100 m, one matrix between them is fetched beforehand, and the planner looks ways up in it.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException, HTTPResponse
from itertools import product
from time import perf_counter
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np
import structlog
from django.core.cache import cache

from mobilize.dispatch.planner.distance import StraightLine, Travel, globe
from mobilize.dispatch.planner.problem import Floats, Ints, Problem

log = structlog.get_logger()

TIMEOUT_SECONDS = 2.0  # for the whole matrix: whoever waits for a plan is better served by straight lines
GRID_KM = 0.1
BLOCK = 50  # sources and destinations of a request; OSRM answers 100 places at most unless told otherwise
AT_ONCE = 8  # requests
MOST_BYTES = 1_000_000  # of an answer; a table of 50 by 50 takes some 40,000
LONGEST = 24 * 60.0  # minutes: no way in a region takes a day
FASTEST = 200 / 60.0  # km a minute
SNAPPED_KM = 5.0  # a place far from every road is taken for the nearest one
DOUBTED = 0.1  # share of ways that are too fast, from which on the table is not believed
QUIET_SECONDS = 30  # so long a server that failed is not asked again
FAR_KM = GRID_KM * 1.5  # between two places of one grid cell, and what rounding both ends may add


@dataclass(frozen=True)
class RoadTimes:
    """Minutes between the places of a problem.

    Attributes:
        places: sorted numbers of grid cells.
        table: minutes from each place to each other.
        km_per_minute: as the crow flies, on the fastest of these ways.
    """

    places: Ints
    table: Floats
    km_per_minute: float

    def minutes(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> Floats:
        here, there = (np.searchsorted(self.places, _cell(*at)) for at in ((x, y), (to_x, to_y)))
        return self.table[here, there]

    def reach(self, minutes: Floats) -> Floats:
        return np.maximum(minutes, 0.0) * self.km_per_minute + FAR_KM


def travel(problem: Problem, *, around: tuple[float, float], url: str) -> tuple[Travel, str]:
    """Return who answers for the ways of a problem, and a note about it.

    Args:
        problem: all of whose places are asked for.
        around: latitude and longitude where its x and y are 0.
        url: of a routing server; empty for straight lines.
    Returns:
        Road times with the note `roads`; straight lines with `straight_line`, or with `fallback` when the server does
        not answer, or not all, within two seconds, answers nonsense, or failed less than half a minute ago.
    """
    straight = StraightLine()
    if not url:
        return straight, "straight_line"
    failed = f"routing:{sha256(url.encode()).hexdigest()[:16]}"
    if cache.get(failed):
        return straight, "fallback"
    places = np.unique(np.concatenate([_cell(x, y) for x, y in _places(problem)]))
    x, y = _centre(places)
    crow = np.hypot(x[:, None] - x, y[:, None] - y)
    try:
        table = _fetch(url, *globe(x, y, around=around))
        _demand_sense(table, crow)
    except (OSError, HTTPException, ValueError, KeyError, TypeError, RecursionError) as error:
        log.warning("routing.failed", error=type(error).__name__)
        cache.set(failed, True, QUIET_SECONDS)
        return straight, "fallback"
    # where no road leads, the straight line must do
    unknown = np.isnan(table)
    table[unknown] = straight.minutes(x[:, None], y[:, None], x, y)[unknown]
    speed = np.divide(crow, table, out=np.zeros_like(crow), where=table > 0)
    return RoadTimes(places, table, float(speed.max(initial=0.0))), "roads"


def _demand_sense(table: Floats, crow: Floats) -> None:
    """Refuse a table of mostly unknown ways, or with many that nobody drives in that time.

    Raises:
        ValueError
    """
    apart = crow > 0
    if apart.any() and np.isnan(table[apart]).mean() > 1 / 2:
        raise ValueError("unknown")
    if (crow > FASTEST * table + SNAPPED_KM).mean() > DOUBTED:
        raise ValueError("too fast")


def _places(problem: Problem) -> Iterator[tuple[Floats, Floats]]:
    yield problem.drivers.x, problem.drivers.y
    for table in (problem.trips, problem.commitments):
        yield table.x, table.y
        yield table.to_x, table.to_y


def _cell(x: Floats, y: Floats) -> Ints:
    """Return one number for each grid cell; good for 100,000 km."""
    column, row = (np.rint(np.asarray(each) / GRID_KM).astype(np.int64) for each in (x, y))
    return (column + 500_000) * 1_000_000 + row + 500_000


def _centre(cell: Ints) -> tuple[Floats, Floats]:
    x: Floats = (cell // 1_000_000 - 500_000).astype(np.float64) * GRID_KM
    y: Floats = (cell % 1_000_000 - 500_000).astype(np.float64) * GRID_KM
    return x, y


def _fetch(url: str, latitude: Floats, longitude: Floats) -> Floats:
    """Return minutes between places, NaN where no way is known, fetched block by block.

    Raises:
        OSError, HTTPException, ValueError, KeyError, TypeError: no answer, or none that can be used.
        TimeoutError: not all in time.
    """
    until = perf_counter() + TIMEOUT_SECONDS
    blocks = [np.arange(start, min(start + BLOCK, len(latitude))) for start in range(0, len(latitude), BLOCK)]
    minutes = np.full((len(latitude), len(latitude)), np.nan)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        answers = {
            pool.submit(_table, url, latitude, longitude, here, there, until): (here, there)
            for here, there in product(blocks, blocks)
        }
        done, late = wait(answers, timeout=max(until - perf_counter(), 0.0))
        if late:
            raise TimeoutError
        for answer in done:
            minutes[np.ix_(*answers[answer])] = answer.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    np.fill_diagonal(minutes, 0.0)
    return minutes


def _table(url: str, latitude: Floats, longitude: Floats, here: Ints, there: Ints, until: float) -> Floats:
    both = np.concatenate([here, there])
    places = ";".join(f"{lon:.5f},{lat:.5f}" for lat, lon in zip(latitude[both], longitude[both], strict=True))
    sources = ";".join(str(number) for number in range(len(here)))
    destinations = ";".join(str(number) for number in range(len(here), len(both)))
    query = urlencode({"sources": sources, "destinations": destinations, "annotations": "duration"}, safe=";")
    address = f"{url.rstrip('/')}/table/v1/driving/{places}?{query}"
    with urlopen(address, timeout=max(until - perf_counter(), 0.01)) as answer:  # noqa: S310
        body = json.loads(_read(answer, until))
    if body["code"] != "Ok":
        raise ValueError(body["code"])
    minutes = np.array(body["durations"], float) / 60.0  # null becomes NaN
    if minutes.shape != (len(here), len(there)) or (minutes < 0).any() or (minutes > LONGEST).any():
        raise ValueError("durations")
    return minutes


def _read(answer: HTTPResponse, until: float) -> bytes:
    """Return an answer's body; one that never ends, or drips, is given up.

    Raises:
        TimeoutError, ValueError
    """
    body = bytearray()
    while piece := answer.read1(MOST_BYTES):
        body += piece
        if perf_counter() > until:
            raise TimeoutError
        if len(body) > MOST_BYTES:
            raise ValueError("too long")
    return bytes(body)
