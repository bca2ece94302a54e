"""What a person reads once Mobilize runs."""

from typing import Any

import yaml

from config import env
from config.embedded import lifetime

PEOPLE = lifetime.ROOT / "seeds" / "demo.yaml"
WIDTH = 78


def text(address: str) -> str:
    """Return the framed greeting: where to look, who to sign in as, how to stop.

    Args:
        address: of the first page.
    """
    lines = [f"Mobilize runs at {address}", *_people(address), "", "Stop with Ctrl-C; the data stay."]
    return "\n".join(["", "┌" + "─" * WIDTH, *(f"│ {line}" for line in lines), "└" + "─" * WIDTH])


def _people(address: str) -> list[str]:
    if not (env.demo() and PEOPLE.exists()):
        return []
    people: dict[str, Any] = yaml.safe_load(PEOPLE.read_text(encoding="utf-8"))
    officer, chief, worker, partner = (people[key] for key in ("officer", "administrator", "worker", "partner"))
    return [
        "",
        "A demonstration: the people are invented and no message leaves this machine.",
        f"Codes and messages appear at {address}demo/",
        "",
        f"Officer       {officer['phone']}  {officer['name']}  password {officer['password']}",
        f"Back office   {chief['phone']}  {chief['name']}  password {chief['password']}",
        f"Worker        {worker['phone']}  {worker['name']}",
        *(f"Fleet leader  {leader['phone']}  {leader['name']}  {leader['fleet']}" for leader in people["leaders"]),
        f"Partner       client id {partner['client_id']}  secret {partner['client_secret']}",
    ]
