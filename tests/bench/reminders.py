"""`make bench-reminders`: 62,329 reminders, all due at one moment, to a local provider that answers in 50 ms.

Bare and ours in turn, in one run: an asynchronous HTTP client (aiohttp, in one process and in two, the faster counts)
that posts the same requests over as many connections as our workers have messages on their way; then the whole way
from due reminders in PostgreSQL through composing, delivery rows, claims and settling, first with two workers, then
with four. Then the provider gets 30 s slow and fails half of the time, while sign-in codes are asked for.
The last line is JSON: `ratio_to_bare` is of two workers; `lateness_p99_s` counts from the due time to the arrival.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from math import ceil
from multiprocessing import get_context
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import Request, urlopen

import aiohttp

from tests.bench.stage import SETTINGS, city, say

PEOPLE = int(os.environ.get("PEOPLE", "62329"))
PORT = 8201
SMS = f"http://127.0.0.1:{PORT}/sms"
SLOTS = 100
GATEWAY = {"SMS_GATEWAY_URL": SMS, "SMS_GATEWAY_KEY": "bench"}
CODES, CODES_A_SECOND, WAITING = 120, 4, 2000
PATIENCE = 600


def main() -> None:
    """Run the benchmark and print its figures."""
    os.environ |= GATEWAY
    with city(), provider():
        from django.utils import timezone

        from tests.bench import audience, crowd

        say(f"Gathering {PEOPLE} people ...")
        starts_at = timezone.now() + timedelta(hours=2)
        audience.make_audience(PEOPLE, starts_at=starts_at)
        crowd.settle()
        rounds = []
        for workers in (2, 4):
            bare = max(bare_rate(1, SLOTS * workers), bare_rate(2, SLOTS * workers // 2))
            rounds.append({"workers": workers, "bare_per_second": round(bare)} | ours(workers))
            say(json.dumps(rounds[-1]))
        codes = codes_beside_a_slow_provider()
        say(json.dumps(codes))
    two, four = rounds
    say(
        json.dumps(
            {
                "seconds": two["seconds"],
                "per_second": two["per_second"],
                "ratio_to_bare": round(two["per_second"] / two["bare_per_second"], 3),
                "lateness_p99_s": two["lateness_p99_s"],
                "lost": two["lost"] + four["lost"],
                "doubled": two["doubled"] + four["doubled"],
                "four_workers_per_second": four["per_second"],
                "four_workers_ratio_to_bare": round(four["per_second"] / four["bare_per_second"], 3),
            }
            | codes
        )
    )


@contextmanager
def provider(**behaviour: Any) -> Iterator[None]:
    """Run the local provider for the time of the context."""
    told = json.dumps({"port": PORT} | behaviour)
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.provider", told])
    try:
        wait_until(lambda: count() is not None, 10)
        yield
    finally:
        process.kill()
        process.wait()


def ask(path: str, body: Any = None) -> Any:
    """Ask the provider; a body makes it a POST."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"http://127.0.0.1:{PORT}{path}", data=data), timeout=30) as answer:
        return json.load(answer)


def count() -> dict[str, Any] | None:
    """What the provider has taken so far, None while it does not answer."""
    try:
        return ask("/count")
    except OSError:
        return None


def wait_until(holds: Any, seconds: float) -> bool:
    """Look four times a second whether something holds; False when it does not within the time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.25)
    return True


def bare_rate(processes: int, connections: int) -> float:
    """Return the requests a second of bare clients that post as many messages as there are people."""
    ask("/reset", {"delay": 0.05})
    share = ceil(PEOPLE / processes)
    begun = time.monotonic()
    with get_context("spawn").Pool(processes) as pool:
        begun = max(pool.map(_ready, range(processes)))
        pool.starmap(
            _post_all,
            [(number * share, min(share, PEOPLE - number * share), connections) for number in range(processes)],
        )
        seconds = time.monotonic() - begun
    assert ask("/count")["different"] == PEOPLE
    say(f"bare, {processes} process(es) with {connections} connections: {PEOPLE / seconds:.0f}/s")
    return PEOPLE / seconds


def _ready(number: int) -> float:
    return time.monotonic()


def _post_all(first: int, count: int, connections: int) -> None:
    asyncio.run(_post(first, count, connections))


async def _post(first: int, count: int, connections: int) -> None:
    numbers = iter(range(first, first + count))
    text = "【工会动员】1 小时后，08:00：火车站，引导岗。地址：建设北路 1 号。"

    async def one_connection(http: aiohttp.ClientSession) -> None:
        for number in numbers:
            key = f"{number:036d}"
            body = json.dumps({"id": key, "to": f"+86170{number:08d}", "text": text}).encode()
            headers = {"Content-Type": "application/json", "Idempotency-Key": key}
            async with http.post(SMS, data=body, headers=headers) as answer:
                await answer.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as http:
        await asyncio.gather(*(one_connection(http) for _ in range(connections)))


def ours(workers: int) -> dict[str, Any]:
    """Let some workers send everything, from due reminders to the provider; return the figures."""
    from django.db import connection
    from django.utils import timezone

    from mobilize.channels.models import Delivery
    from tests.bench import audience, crowd

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE channels_delivery CASCADE")
    due_at = timezone.now() + timedelta(seconds=45)
    audience.plan_reminders(due_at=due_at)
    crowd.settle()
    ask("/reset", {"due_at": due_at.timestamp()})
    with celery(workers):
        say(f"{workers} workers, due in {(due_at - timezone.now()).total_seconds():.0f} s ...")
        wait_until(lambda: ask("/count")["different"] >= PEOPLE, PATIENCE)
        figures = ask("/count")
        wait_until(lambda: not Delivery.objects.filter(sent_at=None).exists(), 30)
    seconds = figures["last_at"] - due_at.timestamp()
    return {
        "seconds": round(seconds, 1),
        "per_second": round(figures["different"] / seconds),
        "lateness_p99_s": figures["lateness_p99_s"],
        "lost": PEOPLE - figures["different"],
        "doubled": figures["taken"] - figures["different"],
    }


@contextmanager
def celery(workers: int, *, codes: bool = False) -> Iterator[None]:
    """Run some workers and beat on the benchmark's database for the time of the context."""
    from tests.serving import served_environment

    environment = served_environment(DJANGO_SETTINGS_MODULE=SETTINGS, **GATEWAY)
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m", "celery", "-A", "config"]
    common = ["--quiet", "--skip-checks"]
    worker = ["worker", "-P", "solo", "-l", "ERROR", "--without-gossip", "--without-mingle"]
    commands = [[*worker, "-Q", "default,messages", "-n", f"bench{number}@%h"] for number in range(workers)]
    if codes:
        commands.append([*worker, "-Q", "codes", "-n", "codes@%h"])
    with TemporaryDirectory() as folder, ExitStack() as stack:
        commands.append(["beat", "-l", "ERROR", "-s", f"{folder}/schedule"])
        for command in commands:
            process = subprocess.Popen([*python, *common, *command], env=environment)
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


def codes_beside_a_slow_provider() -> dict[str, Any]:
    """Ask for codes while the provider takes 30 s, fails half of the time and messages wait; then let it heal."""
    from django.db import connection
    from django.utils import timezone

    from mobilize.accounts.services import request_code
    from mobilize.channels.models import Delivery
    from mobilize.reminders.models import Reminder
    from tests.bench import audience

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE channels_delivery CASCADE")
    audience.plan_reminders(due_at=timezone.now())
    Reminder.objects.filter(pk__in=Reminder.objects.order_by("pk").values("pk")[WAITING:]).delete()
    ask("/reset", {"delay": 30.0, "failing": 0.5})
    asked: dict[str, float] = {}
    with celery(2, codes=True):
        wait_until(lambda: Delivery.objects.filter(status="sending").exists(), 60)
        for number in range(CODES):
            phone = f"+86138{number * 10_007 % 10**8:08d}"
            asked[phone] = time.time()
            request_code(phone=phone, now=timezone.now())
            time.sleep(1 / CODES_A_SECOND)
        wait_until(lambda: asked.keys() <= ask("/tried").keys(), 30)
        tried = ask("/tried")
        ask("/reset", {"delay": 0.05, "failing": 0.0})
        open_ones = Delivery.objects.exclude(status__in=["accepted", "delivered", "expired"])
        healed = time.monotonic()
        wait_until(lambda: not open_ones.exists(), 300)
        healed = time.monotonic() - healed
    waits = sorted(tried[phone] - at for phone, at in asked.items() if phone in tried)
    return {
        "codes": len(asked),
        "codes_not_tried": len(asked) - len(waits),
        "code_leaves_p95_s": round(waits[ceil(len(waits) * 0.95) - 1], 3),
        "still_on_the_way_after_healing": open_ones.count(),
        "healed_after_s": round(healed),
    }


if __name__ == "__main__":
    main()
