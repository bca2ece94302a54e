"""Who acts in a test, and the work Celery would do, done at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.utils import timezone

from config.celery import app
from mobilize.accounts import services as accounts
from mobilize.accounts.models import User
from mobilize.channels.models import Delivery
from mobilize.channels.sending import pump
from mobilize.core.actor import OFFICER, WORKER, Actor
from mobilize.outbox.listeners import listeners_of
from mobilize.outbox.models import Event
from mobilize.partners.models import Application
from mobilize.reminders.sending import send_due
from mobilize.unions.models import Officer

app.loader.import_default_modules()


def worker(user: User) -> Actor:
    """A person who signed in by phone code."""
    return Actor(user_id=user.pk, scopes=frozenset({WORKER}))


def officer(held: Officer) -> Actor:
    """An officer who showed the second factor."""
    return Actor(user_id=held.user_id, scopes=frozenset({WORKER, OFFICER}))


def machine(partner: Application) -> Actor:
    """A partner's system with all its scopes."""
    scopes = frozenset(partner.allowed_scopes.split())
    return Actor(client_id=partner.client_id, union_id=partner.union_id, scopes=scopes)


def bearer(user: User, *, second_factor: bool = False) -> dict[str, str]:
    """The header of a person's API requests."""
    token = accounts.issue_token(user=user, now=timezone.now(), second_factor=second_factor)
    return {"Authorization": f"Bearer {token.token}"}


def run_outbox(*, after: timedelta = timedelta(0)) -> None:
    """Let every listener hear every event, and every due message leave, until nothing is left to do.

    Args:
        after: let so much time pass, for messages that are due later.
    """
    _hear_everything()
    now = timezone.now() + after
    send_due(now=now)
    send_messages(now=now)
    _hear_everything()


def send_messages(*, now: datetime) -> None:
    """Let every message leave that is due."""
    for codes in (True, False):
        pump(codes=codes, clock=lambda: now)


def _hear_everything() -> None:
    while events := list(Event.objects.filter(relayed_at__isnull=True).order_by("created_at")):
        for event in events:
            for job in listeners_of(event.topic).values():
                job(str(event.pk))
        Event.objects.filter(pk__in=[event.pk for event in events]).update(relayed_at=timezone.now())
        send_due(now=timezone.now())
        send_messages(now=timezone.now())


def messages_to(user: User) -> list[str]:
    """Bodies of the messages to a person, in order."""
    return list(Delivery.objects.filter(phone=user.phone).order_by("created_at").values_list("body", flat=True))


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run calls in threads of their own at the same time; return results, or the exceptions raised, in order."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
