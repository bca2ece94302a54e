"""A message leaves at its time, in quiet hours only when it must, never as if on time when it is late, and once."""

from datetime import datetime, time, timedelta
from itertools import count
from threading import Barrier

import pytest
from django.utils import timezone

from mobilize.channels.models import Delivery
from mobilize.reminders import sending, services
from mobilize.reminders.models import Reminder, RuleChange
from mobilize.reminders.sending import send_due
from mobilize.signups.models import Signup
from tests import acting
from tests.factories import ShiftFactory, SignupFactory

pytestmark = pytest.mark.django_db
DAY = timezone.make_aware(datetime(2026, 12, 1))  # noqa: DTZ001
EVE = DAY - timedelta(days=1)


def at(hour, minute=0, *, day=DAY):
    return day + timedelta(hours=hour, minutes=minute)


@pytest.fixture
def quiet_hours(settings):
    settings.QUIET_HOURS = (time(22), time(6, 30))


def duty(starts_at, *, planned_at=DAY - timedelta(days=7)):
    """Confirm somebody for a shift of six hours and plan her messages."""
    signup = SignupFactory(shift__starts_at=starts_at)
    services.plan_for_signup(signup_id=signup.pk, answered=False, now=planned_at)
    Reminder.objects.filter(kind="confirmed").delete()
    return signup


def said(kind):
    return Delivery.objects.filter(kind=kind).values_list("body", flat=True).get()


def fate(kind):
    return Reminder.objects.values_list("status", "reason").get(kind=kind)


def test_an_hour_before_it_says_so_ten_minutes_more_or_less():
    duty(at(9))
    send_due(now=at(8, 10))
    assert "一小时后 09:00 上岗" in said("hour_before")


def test_a_reminder_of_the_hour_that_comes_late_says_when_the_duty_starts():
    duty(at(9))
    send_due(now=at(8, 11))
    assert "您 09:00 上岗" in said("hour_before")
    assert "一小时" not in said("hour_before")


def test_once_the_duty_has_begun_it_is_dropped_as_late():
    duty(at(9))
    send_due(now=at(9))
    assert fate("hour_before") == ("dropped", "late")
    assert not Delivery.objects.exists()


def test_the_evening_before_says_tomorrow_and_after_midnight_today():
    first, second = duty(at(9)), duty(at(10))
    Reminder.objects.filter(kind="evening_before", subject_id=second.pk).update(due_at=at(0, 1))
    send_due(now=at(19, day=EVE))
    send_due(now=at(0, 1))
    texts = dict(Delivery.objects.filter(kind="evening_before").values_list("subject_id", "body"))
    assert "明天 09:00" in texts[first.pk]
    assert "今天 10:00" in texts[second.pk]


def test_by_rule_what_is_late_is_dropped_instead():
    RuleChange.objects.create(kind="hour_before", drop_late=True, changed_at=EVE)
    on_time, late = duty(at(9)), duty(at(8, 59))
    send_due(now=at(8, 10))
    ends = dict(Reminder.objects.filter(kind="hour_before").values_list("subject_id", "reason"))
    assert ends == {on_time.pk: "", late.pk: "late"}


@pytest.mark.parametrize(
    ("kind", "starts_at", "leaves_at"),
    [
        ("confirmed", at(12), at(6, 30)),
        ("confirmed", at(7, 31), at(6, 30)),
        ("confirmed", at(7, 30), at(23, day=EVE)),
        ("confirmed", at(5), at(23, day=EVE)),
        ("hour_before", at(0, 30), at(23, day=EVE)),
        ("offer", at(12), at(23, day=EVE)),
        ("called_off", at(5), at(23, day=EVE)),
        ("called_off", at(12), at(6, 30)),
        ("moved", at(6), at(23, day=EVE)),
    ],
)
def test_in_quiet_hours_only_what_cannot_wait_leaves(quiet_hours, kind, starts_at, leaves_at):
    night = at(23, day=EVE)
    subject = SignupFactory(shift__starts_at=starts_at)
    until = starts_at + timedelta(hours=6)
    services._plan_now(kind, subject.worker.user_id, subject.pk, now=night, until=until, before=starts_at)
    assert Reminder.objects.get().due_at == leaves_at


def test_what_was_planned_by_day_and_comes_late_into_the_night_waits_for_the_morning(quiet_hours):
    duty(at(9))
    assert send_due(now=at(23, day=EVE)) == 1
    assert Reminder.objects.get(kind="evening_before").due_at == at(6, 30)
    send_due(now=at(6, 30))
    assert "今天 09:00" in said("evening_before")


def test_thanks_for_a_duty_that_ends_at_night_come_in_the_morning(quiet_hours):
    duty(at(17, day=EVE))
    assert Reminder.objects.get(kind="done").due_at == at(6, 30)


@pytest.mark.parametrize(
    ("hours", "quiet"), [((time(22), time(6, 30)), [23, 3]), ((time(1), time(5)), [3]), (None, [])]
)
def test_the_settings_say_when_it_is_quiet(settings, hours, quiet):
    from mobilize.channels.quiet import morning_after

    settings.QUIET_HOURS = hours
    assert [hour for hour in (3, 6.5, 12, 21.9, 23) if morning_after(DAY + timedelta(hours=hour))] == sorted(quiet)


def test_after_a_standstill_of_a_day_each_is_sent_once_or_dropped():
    duty(at(9)), duty(at(9, day=DAY + timedelta(days=1)))
    for now in (at(19, day=EVE) + timedelta(days=1), at(19, day=EVE) + timedelta(days=1, seconds=5)):
        send_due(now=now)
    assert sorted(Reminder.objects.exclude(status="pending").values_list("kind", "status", "reason")) == [
        ("done", "sent", ""),
        ("evening_before", "dropped", "late"),
        ("evening_before", "sent", ""),
        ("hour_before", "dropped", "late"),
    ]
    assert Delivery.objects.count() == 2


def test_a_clock_set_back_by_an_hour_repeats_nothing():
    duty(at(9))
    for now in (at(8, 5), at(7, 5), at(8), at(8, 5)):
        send_due(now=now)
    assert Delivery.objects.filter(kind="hour_before").count() == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda signup: RuleChange.objects.create(kind="hour_before", enabled=False, changed_at=EVE), "disabled"),
        (lambda signup: Signup.objects.filter(pk=signup.pk).update(status="withdrawn"), "gone"),
        (lambda signup: type(signup.worker.user).objects.update(is_active=False), "inactive"),
    ],
)
def test_what_is_not_sent_says_why(change, reason):
    signup = duty(at(9))
    change(signup)
    send_due(now=at(8))
    assert fate("hour_before") == ("dropped", reason)
    assert not Delivery.objects.filter(kind="hour_before").exists()


def due_for_many():
    shift = ShiftFactory(starts_at=at(9), places=20)
    for _ in range(12):
        signup = SignupFactory(shift=shift)
        Reminder.objects.create(
            kind="hour_before", user=signup.worker.user, subject_id=signup.pk, due_at=at(8), useless_after=at(9)
        )


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_send_each_once():
    due_for_many()
    acting.at_once([lambda: send_due(now=at(8))] * 4)
    assert Delivery.objects.count() == 12
    assert set(Reminder.objects.values_list("status", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_without_holding_rows_and_without_their_due_time_as_identity_they_would_double(monkeypatch):
    """The control: what the test above proves would fail if senders did not hold what they take."""
    due_for_many()
    together, odd = Barrier(4), count()
    draft = sending._draft

    def take_unguarded(now):
        rows = list(Reminder.objects.filter(status="pending", due_at__lte=now).select_related("user"))
        together.wait(30)
        return rows

    def draft_without_identity(reminder, *rest):
        reminder.due_at += timedelta(microseconds=next(odd))
        return draft(reminder, *rest)

    monkeypatch.setattr(sending, "_take", take_unguarded)
    monkeypatch.setattr(sending, "_draft", draft_without_identity)
    acting.at_once([lambda: send_due(now=at(8))] * 4)
    assert Delivery.objects.count() == 48
