"""Reminders of a duty are messages a little before their time; until then they follow whatever changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.channels.models import Delivery, Purse
from mobilize.reminders import queries, sending, services
from mobilize.reminders.models import Reminder, RuleChange
from mobilize.reminders.sending import send_due
from mobilize.signups.models import Signup
from mobilize.tasks.models import Shift
from tests import acting
from tests.factories import SignupFactory

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def sms(settings):
    """By SMS to nowhere: a message that leaves stays on its way, and is paid."""
    settings.SMS_PROVIDERS, settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = ["gateway"], "http://127.0.0.1:9/", "k"


@pytest.fixture
def due_at():
    return timezone.now().replace(microsecond=0) + timedelta(days=2)


@pytest.fixture
def signup(due_at):
    """Of a duty that begins an hour after `due_at`; her reminder of the hour before is a message already."""
    signup = SignupFactory(shift__starts_at=due_at + HOUR, worker__user__is_invented=False)
    services.plan_for_signup(signup_id=signup.pk, answered=False, now=due_at - timedelta(days=1))
    Reminder.objects.exclude(kind="hour_before").delete()
    assert send_due(now=due_at - sending.AHEAD) == 1
    return signup


def waiting():
    return Delivery.objects.filter(status="queued", attempts=0)


def spent():
    return {row.scope: row.spent for row in Purse.objects.all()}


def test_it_waits_for_its_time(signup, due_at):
    acting.send_messages(now=due_at - SECOND)
    assert waiting().count() == 1
    acting.send_messages(now=due_at)
    assert waiting().count() == 0


def test_nobody_reads_it_before_its_time(signup, due_at):
    mine = signup.worker.user_id
    assert not queries.mine(mine, now=due_at - SECOND).exists()
    assert queries.mine(mine, now=due_at).count() == 1


def test_who_withdraws_meanwhile_hears_nothing_and_it_costs_nothing(signup, due_at):
    assert spent()["person"] == 1
    assert services.cancel_for(subject_id=signup.pk, now=due_at - MINUTE) == 1
    assert not Delivery.objects.exists()
    assert set(spent().values()) == {0}
    assert Reminder.objects.get().status == "cancelled"


def test_what_is_on_its_way_already_is_not_taken_back(signup, due_at):
    acting.send_messages(now=due_at)
    assert services.cancel_for(subject_id=signup.pk, now=due_at) == 0
    assert Delivery.objects.get().attempts == 1


@pytest.mark.parametrize("later", [timedelta(0), 3 * HOUR])
def test_when_the_shift_changes_meanwhile_it_is_written_anew_for_its_new_time(signup, due_at, later):
    Shift.objects.update(starts_at=due_at + HOUR + later, ends_at=due_at + 7 * HOUR + later)
    services.tell_moved(signup_id=signup.pk, moved_at=due_at - MINUTE, now=due_at - MINUTE)
    assert not Delivery.objects.exists()
    send_due(now=due_at + later)
    told = Delivery.objects.get(kind="hour_before")
    assert told.due_at == due_at + later


def test_a_retry_that_leaves_late_says_when_the_duty_starts_and_never_as_if_on_time(signup, due_at):
    acting.send_messages(now=due_at)
    assert "一小时" in Delivery.objects.get().body
    acting.send_messages(now=due_at + 11 * MINUTE)
    late = Delivery.objects.get()
    assert late.attempts == 2
    assert "一小时" not in late.body
    assert timezone.localtime(due_at + HOUR).strftime("%H:%M") in late.body


def test_a_retry_that_would_leave_late_is_dropped_where_the_rule_says_so(due_at):
    RuleChange.objects.create(kind="hour_before", drop_late=True, changed_at=due_at - timedelta(days=3))
    signup = SignupFactory(shift__starts_at=due_at + HOUR, worker__user__is_invented=False)
    services.plan_for_signup(signup_id=signup.pk, answered=False, now=due_at - timedelta(days=1))
    send_due(now=due_at)
    acting.send_messages(now=due_at)
    acting.send_messages(now=due_at + 11 * MINUTE)
    assert Delivery.objects.get(kind="hour_before").status == "expired"


def test_offers_and_news_are_never_written_before_their_time(due_at):
    signup = SignupFactory(shift__starts_at=due_at + HOUR)
    services._plan_now("promoted", signup.worker.user_id, signup.pk, now=due_at, until=due_at + HOUR)
    Signup.objects.update(status="offered", answer_by=due_at + HOUR)
    assert send_due(now=due_at - SECOND) == 0
    assert send_due(now=due_at) == 1
