from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from mobilize.outbox import services
from mobilize.outbox.listeners import listeners_of, listens_to
from mobilize.outbox.models import Event, Handled
from tests import acting

pytestmark = pytest.mark.django_db
heard: list[str] = []


@listens_to("test.happened")
def hear(event):
    heard.append(str(event.subject_id))


@listens_to("test.happened")
def hear_too(event):
    heard.append("too")


@pytest.fixture(autouse=True)
def nothing_heard():
    heard.clear()


def happen():
    with transaction.atomic():
        services.record("test.happened", uuid4())
    return Event.objects.latest("created_at")


def listener(name):
    return listeners_of("test.happened")[name]


NAMES = ["outbox.hear", "outbox.hear_too"]


def test_each_listener_hears_an_event_once_however_often_the_message_comes():
    event = happen()
    for name in NAMES * 3:
        listener(name)(str(event.pk))
    assert heard == [str(event.subject_id), "too"]
    event.refresh_from_db()
    assert event.done_at is not None


def test_a_listener_that_fails_leaves_no_note_and_hears_it_again():
    event = happen()

    def fail(event):
        raise RuntimeError

    failing = listens_to("test.fails")(fail)
    with pytest.raises(RuntimeError):
        failing(str(event.pk))
    assert not Handled.objects.filter(event=event).exists()


def test_an_event_is_written_with_its_change_or_not_at_all():
    def change_that_fails():
        with transaction.atomic():
            services.record("test.happened", uuid4())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_can_be_recorded():
    with pytest.raises(RuntimeError):
        services.record("test.happened", uuid4())


def test_what_was_relayed_but_not_handled_is_handed_over_again_after_a_minute():
    event, now = happen(), timezone.now()
    assert services.relay(now=now) == 1
    assert services.relay(now=now) == 0
    assert services.sweep(now=now + timedelta(seconds=59)) == 0
    assert services.sweep(now=now + timedelta(seconds=61)) == 1
    for name in NAMES:
        listener(name)(str(event.pk))
    assert services.sweep(now=now + timedelta(seconds=300)) == 0


def test_an_event_nobody_listens_to_is_done_at_once():
    with transaction.atomic():
        services.record("test.unheard", uuid4())
    services.relay(now=timezone.now())
    assert Event.objects.get().done_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_same_message_in_eight_hands_at_once_is_handled_once():
    event = happen()
    acting.at_once([lambda: listener("outbox.hear")(str(event.pk))] * 8)
    assert heard == [str(event.subject_id)]


def test_the_broker_holds_a_bounded_number_of_events_and_gets_the_rest_as_they_are_done(monkeypatch):
    monkeypatch.setattr(services, "MOST_UNDER_WAY", 2)
    events = [happen() for _ in range(3)]
    assert services.relay() == 2
    assert services.relay() == 0
    for name in NAMES:
        listener(name)(str(events[0].pk))
    assert services.relay() == 1


def test_events_that_are_never_done_stop_the_others_for_a_while_only(monkeypatch):
    monkeypatch.setattr(services, "MOST_UNDER_WAY", 1)
    for _ in range(2):
        happen()
    assert services.relay() == 1
    assert services.relay(now=timezone.now() + services.UNDER_WAY_FOR) == 1
