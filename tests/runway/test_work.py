"""Real Celery processes, a real broker: a row becomes a message without anybody's help."""

import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest

from config.celery import app
from mobilize.channels.models import Delivery
from tests.factories import ShiftFactory, WorkerFactory
from tests.serving import served_environment
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(condition, seconds=60):
    """Return as soon as the condition holds, False when it does not within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def celery(*arguments):
    """A Celery process that works on the test database."""
    command = [sys.executable, "-m", "celery", "-A", "config", *arguments, "-l", "ERROR"]
    process = subprocess.Popen(command, env=served_environment(), stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_a_sign_up_becomes_a_message_through_outbox_broker_beat_and_worker(tmp_path):
    app.control.purge()  # what other tests said to nobody
    with ExitStack() as stack:
        stack.enter_context(celery("worker", "-P", "solo", "-Q", "default,codes,messages"))
        stack.enter_context(celery("beat", "-s", str(tmp_path / "schedule")))
        person = WorkerFactory()
        join(ShiftFactory(), person)
        assert wait_for(Delivery.objects.filter(recipient=person.user, kind="confirmed", status="delivered").exists)
