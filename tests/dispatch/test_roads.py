"""Ways by road, from a stand-in that speaks OSRM's table API."""

import json
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from mobilize.dispatch import roads
from mobilize.dispatch.planner import drivers
from mobilize.dispatch.planner.distance import StraightLine, globe, plane
from tests.dispatch.planner.cities import city

TAIYUAN = (37.87, 112.55)
MOST_PLACES = 100  # osrm-routed's default
SECONDS_PER_DEGREE = 9000.0


def seconds(here, there):
    return SECONDS_PER_DEGREE * (abs(here[0] - there[0]) + abs(here[1] - there[1]))


@contextmanager
def osrm(*, change=lambda body: body, holding=None):
    """Serve tables in which a way takes 9,000 s for each degree of latitude and of longitude."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if holding is not None:
                holding.wait(30)
            address = urlsplit(self.path)
            assert address.path.startswith("/table/v1/driving/")
            places = [tuple(map(float, each.split(","))) for each in address.path.rpartition("/")[2].split(";")]
            query = parse_qs(address.query)
            sources, destinations = (
                [int(n) for n in query[name][0].split(";")] for name in ("sources", "destinations")
            )
            if len(places) > MOST_PLACES:
                return self.answer(400, {"code": "TooBig", "message": "Too many table coordinates"})
            durations = [[seconds(places[a], places[b]) for b in destinations] for a in sources]
            return self.answer(200, change({"code": "Ok", "durations": durations}))

        def answer(self, status, body):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        if holding is not None:
            holding.set()
        server.shutdown()
        server.server_close()


def small():
    """A city of 71 trips between 142 places, so that more than one request is needed."""
    return city(60, 71, seed=4)


def by_road(x, y, to_x, to_y):
    (latitude, longitude), (to_latitude, to_longitude) = (
        globe(np.round(a, 1), np.round(b, 1), around=TAIYUAN) for a, b in ((x, y), (to_x, to_y))
    )
    return SECONDS_PER_DEGREE / 60 * (abs(latitude - to_latitude) + abs(longitude - to_longitude))


def test_a_way_takes_what_the_server_says():
    problem = small()
    with osrm() as url:
        travel, note = roads.travel(problem, around=TAIYUAN, url=url)
    people, trips = problem.drivers, problem.trips
    ways = people.x[:, None], people.y[:, None], trips.x, trips.y
    assert note == "roads"
    assert travel.minutes(*ways) == pytest.approx(by_road(*ways), abs=0.02)


def test_no_way_leads_farther_than_its_reach():
    problem = small()
    with osrm() as url:
        travel, _note = roads.travel(problem, around=TAIYUAN, url=url)
    people, trips = problem.drivers, problem.trips
    minutes = travel.minutes(people.x[:, None], people.y[:, None], trips.x, trips.y)
    crow = np.hypot(people.x[:, None] - trips.x, people.y[:, None] - trips.y)
    assert (crow <= travel.reach(minutes) + 1e-9).all()


def test_the_planner_proves_its_plan_by_road_times():
    problem = small()
    with osrm() as url:
        travel, _note = roads.travel(problem, around=TAIYUAN, url=url)
    assert drivers.plan(problem, travel).proven


def test_where_no_road_leads_the_straight_line_must_do():
    def cut(body):
        return body | {
            "durations": [[None if n % 3 else way for n, way in enumerate(row)] for row in body["durations"]]
        }

    def mostly(body):
        return body | {
            "durations": [[way if n % 3 else None for n, way in enumerate(row)] for row in body["durations"]]
        }

    problem = small()
    with osrm(change=mostly) as url:
        travel, note = roads.travel(problem, around=TAIYUAN, url=url)
    x, y, to_x, to_y = (np.round(getattr(problem.trips, name), 1) for name in ("x", "y", "to_x", "to_y"))
    straight, minutes = StraightLine().minutes(x, y, to_x, to_y), travel.minutes(x, y, to_x, to_y)
    assert note == "roads"
    assert 0 < np.isclose(minutes, straight).sum() < len(minutes)
    with osrm(change=cut) as url:
        assert roads.travel(problem, around=TAIYUAN, url=url) == (StraightLine(), "fallback")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda body: body | {"code": "InvalidQuery"},
        lambda body: {"code": "Ok"},
        lambda body: body | {"durations": [[1.0]]},
        lambda body: body | {"durations": [[-1.0 for _ in row] for row in body["durations"]]},
        lambda body: body | {"durations": [[1e300 for _ in row] for row in body["durations"]]},
        lambda body: body | {"durations": [[float("inf") for _ in row] for row in body["durations"]]},
        lambda body: body | {"durations": [[0.0 for _ in row] for row in body["durations"]]},
        lambda body: b"[" * 100_000,
        lambda body: b" " * 2_000_000,
        lambda body: b"<html>",
        lambda body: [],
    ],
)
def test_an_answer_that_is_none_leads_back_to_straight_lines(wrong):
    with osrm(change=wrong) as url:
        assert roads.travel(small(), around=TAIYUAN, url=url) == (StraightLine(), "fallback")


def test_a_server_that_is_down_leads_back_to_straight_lines():
    with osrm() as url:
        pass
    assert roads.travel(small(), around=TAIYUAN, url=url) == (StraightLine(), "fallback")


def test_a_server_that_failed_is_left_in_peace_for_a_while():
    asked = []

    def fail(body):
        asked.append(body)
        return b"<html>"

    with osrm(change=fail) as url:
        assert roads.travel(small(), around=TAIYUAN, url=url)[1] == "fallback"
        times = len(asked)
        assert roads.travel(small(), around=TAIYUAN, url=url)[1] == "fallback"
    assert len(asked) == times


def test_a_server_that_is_slow_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(roads, "TIMEOUT_SECONDS", 0.2)
    with osrm(holding=Event()) as url:
        assert roads.travel(small(), around=TAIYUAN, url=url) == (StraightLine(), "fallback")


def test_nobody_is_asked_without_a_server():
    assert roads.travel(small(), around=TAIYUAN, url="") == (StraightLine(), "straight_line")


def test_a_city_without_drivers_has_its_ways_too():
    problem = small()
    alone = replace(problem, drivers=problem.drivers.rows(np.empty(0, np.int64)))
    with osrm() as url:
        assert roads.travel(alone, around=TAIYUAN, url=url)[1] == "roads"


def test_the_plane_and_the_globe_are_each_others_way_back():
    latitude, longitude = np.array([37.8, 38.0]), np.array([112.4, 112.7])
    back = globe(*plane(latitude, longitude, around=TAIYUAN), around=TAIYUAN)
    assert np.allclose(back, [latitude, longitude])
