from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from mobilize.attendance import checkins
from mobilize.channels.models import Delivery
from mobilize.reminders import sending
from mobilize.reminders.models import Reminder
from mobilize.reminders.sending import send_due
from mobilize.signups.services import withdraw
from mobilize.signups.waiting import accept
from mobilize.tasks import services as tasks
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def due_times(worker):
    acting.run_outbox()
    return dict(Reminder.objects.filter(user=worker.user).values_list("kind", "due_at"))


def in_the_city(day, hour):
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=hour)


def a_shift(**more):
    day = timezone.localdate() + timedelta(days=3)
    return ShiftFactory(starts_at=in_the_city(day, 7), **more), day


def test_a_confirmed_sign_up_is_confirmed_at_once_and_reminded_the_evening_and_the_hour_before():
    shift, day = a_shift()
    worker = WorkerFactory()
    join(shift, worker)
    due = due_times(worker)
    assert due["evening_before"] == in_the_city(day - timedelta(days=1), 19)
    assert due["hour_before"] == in_the_city(day, 6)
    assert due["done"] == shift.ends_at + timedelta(minutes=30)
    (message,) = acting.messages_to(worker.user)
    assert shift.post.site.name in message


def test_each_reminder_leaves_once_at_its_time():
    shift, _ = a_shift()
    worker = WorkerFactory()
    join(shift, worker)
    due = due_times(worker)
    assert send_due(now=due["evening_before"] - sending.AHEAD - timedelta(seconds=1)) == 0
    assert send_due(now=due["evening_before"]) == 1
    assert send_due(now=due["evening_before"]) == 0
    assert send_due(now=due["hour_before"]) == 1
    assert send_due(now=due["done"]) == 1
    assert Delivery.objects.filter(recipient=worker.user).count() == 4


def test_who_waits_is_reminded_of_nothing_until_she_has_accepted_a_place():
    shift, _ = a_shift(places=1)
    first, second = WorkerFactory(), WorkerFactory()
    signup = join(shift, first)
    waiting = join(shift, second)
    assert due_times(second) == {}
    withdraw(actor=acting.worker(first.user), signup_id=signup.pk, now=timezone.now())
    assert set(due_times(second)) == {"promoted"}
    accept(actor=acting.worker(second.user), signup_id=waiting.pk, now=timezone.now())
    assert set(due_times(second)) == {"promoted", "confirmed", "evening_before", "hour_before", "done"}


def test_who_withdrew_is_reminded_of_nothing():
    shift, _ = a_shift()
    worker = WorkerFactory()
    signup = join(shift, worker)
    due_times(worker)
    withdraw(actor=acting.worker(worker.user), signup_id=signup.pk, now=timezone.now())
    acting.run_outbox()
    assert not Reminder.objects.filter(user=worker.user, status="pending").exists()


def test_a_cancelled_task_tells_whoever_was_to_come_and_reminds_them_no_more():
    officer = OfficerFactory()
    shift, _ = a_shift(task__union=officer.union)
    worker = WorkerFactory()
    join(shift, worker)
    due_times(worker)
    tasks.cancel(actor=acting.officer(officer), task_id=shift.task_id, now=timezone.now())
    acting.run_outbox()
    assert set(Reminder.objects.filter(user=worker.user).values_list("kind", "status")) == {
        ("confirmed", "sent"),
        ("evening_before", "cancelled"),
        ("hour_before", "cancelled"),
        ("done", "cancelled"),
        ("called_off", "sent"),
    }
    assert worker.signups.get().status == "withdrawn"


def test_a_person_who_reads_english_is_told_in_english():
    shift, _ = a_shift()
    worker = WorkerFactory(user__language="en")
    join(shift, worker)
    acting.run_outbox()
    assert acting.messages_to(worker.user)[0].startswith("【工会动员】You are confirmed")


@pytest.mark.django_db(transaction=True)
def test_four_senders_at_once_share_the_work_and_double_nothing():
    shift, _ = a_shift(places=30)
    for _ in range(12):
        join(shift, WorkerFactory())
    acting.run_outbox()
    due = Reminder.objects.filter(kind="hour_before").first().due_at
    acting.at_once([lambda: send_due(now=due)] * 4)
    assert Delivery.objects.filter(kind="hour_before").count() == 12
    assert set(Reminder.objects.filter(kind="hour_before").values_list("status", flat=True)) == {"sent"}


def test_who_has_served_is_thanked_with_her_hours_once_it_is_over():
    shift, _ = a_shift()
    worker = WorkerFactory()
    join(shift, worker)
    due = due_times(worker)
    send_due(now=due["done"])
    assert "感谢您值守" in acting.messages_to(worker.user)[-1]
    assert "6 小时" in acting.messages_to(worker.user)[-1]


def test_who_was_noted_at_her_post_is_thanked_for_the_hours_she_was_there():
    shift, _ = a_shift()
    worker = WorkerFactory()
    join(shift, worker)
    due = due_times(worker)
    for step, at in (("arrived", shift.starts_at), ("left", shift.starts_at + timedelta(hours=2, minutes=30))):
        checkins.come_or_go(actor=acting.worker(worker.user), shift_id=shift.pk, step=step, now=at)
    send_due(now=due["done"])
    assert "2.5 小时" in acting.messages_to(worker.user)[-1]
