"""The broker is away: people go on signing up, and what must be said waits in its row."""

import pytest

from mobilize.outbox.models import Event
from tests import acting
from tests.factories import ShiftFactory, WorkerFactory
from tests.serving import call, served

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sign_up_succeeds_and_its_event_waits_for_the_relay():
    shift, worker = ShiftFactory(), WorkerFactory()
    with served(workers=1, BROKER_URL="redis://127.0.0.1:9/0") as port:
        path = f"/api/v1/shifts/{shift.pk}/signups/"
        status, body = call(port, "POST", path, {"accepts_covenant": True}, acting.bearer(worker.user))
    assert (status, body["status"]) == (201, "confirmed")
    assert Event.objects.get(topic="signup.confirmed").relayed_at is None
    acting.run_outbox()
    assert len(acting.messages_to(worker.user)) == 1
