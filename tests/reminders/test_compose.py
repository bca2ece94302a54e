"""Every kind has its texts, in both languages, with the same number of queries for one and for hundreds."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mobilize.channels.models import Delivery
from mobilize.reminders import wordings
from mobilize.reminders.models import Reminder
from mobilize.reminders.sending import send_due
from mobilize.reminders.standards import STANDARDS
from mobilize.reminders.states import ReminderKind
from tests.factories import OfficerFactory, ShiftFactory, SignupFactory, TransportFactory, UserFactory

pytestmark = pytest.mark.django_db
OTHER_KINDS = ["confirmed", "enrolled", "evening_before", "hour_before", "done", "called_off", "moved", "closed"]


def test_every_kind_has_a_standard_and_a_text():
    assert set(STANDARDS) == set(ReminderKind) == {kind for kind, _ in wordings.WORDINGS}


@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
@pytest.mark.parametrize(("kind", "variant"), wordings.WORDINGS)
def test_every_standard_text_passes_the_check_of_changed_ones(kind, variant, language):
    text = wordings.standard(kind, variant, language)
    assert wordings.fault(wordings.WORDINGS[kind, variant], text, language) == ""


def plan_a_mix(many):
    """Plan reminders of several families, due now, for each of so many people."""
    now = timezone.now()
    shift = ShiftFactory(places=400)
    task = TransportFactory()
    for _ in range(many):
        user = UserFactory()
        about = [(kind, SignupFactory(shift=shift).pk) for kind in OTHER_KINDS]
        about += [("short", shift.pk), ("red", task.pk), ("digest", OfficerFactory(user=user, union=task.union).pk)]
        about += [("promoted", SignupFactory(shift=shift).pk), ("offer", task.pk), ("flight_moved", task.pk)]
        Reminder.objects.bulk_create(
            Reminder(kind=kind, user=user, subject_id=pk, due_at=now, useless_after=now + timedelta(hours=1))
            for kind, pk in about
        )


def queries_to_send(many):
    plan_a_mix(many)
    with CaptureQueriesContext(connection) as captured:
        send_due(now=timezone.now())
    assert not Reminder.objects.filter(status="pending").exists()
    return len(captured)


def test_the_number_of_queries_does_not_depend_on_how_many_are_due():
    assert queries_to_send(1) == queries_to_send(25)
    assert Delivery.objects.count() == 26 * len([*OTHER_KINDS, "short"])
