"""A real Celery worker, a real broker: a row becomes a message without anybody's help."""

import subprocess
import sys
import time

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


def test_a_sign_up_becomes_a_message_through_outbox_broker_and_worker():
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "solo", "-Q", "default", "-l", "ERROR"]
    app.control.purge()  # what other tests said to nobody
    worker = subprocess.Popen(command, env=served_environment(), stderr=subprocess.DEVNULL)
    try:
        person = WorkerFactory()
        join(ShiftFactory(), person)
        reminded = Delivery.objects.filter(recipient=person.user, kind="confirmed", status="delivered")
        assert wait_for(reminded.exists)
    finally:
        worker.terminate()
        worker.wait(20)
