"""What officers are told of without anybody having done something, and how far a search has come."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from mobilize.channels import addresses
from mobilize.channels.models import Address, Delivery
from mobilize.dispatch.models import Offer, Search
from mobilize.dispatch.states import SearchStep
from mobilize.outbox import services as outbox
from mobilize.reminders import alerts, digests, editing
from mobilize.reminders.models import Reminder, RuleChange
from mobilize.reminders.sending import send_due
from mobilize.reminders.standards import STANDARDS
from mobilize.reminders.states import ReminderKind
from mobilize.tasks.models import Shift
from mobilize.tasks.states import TaskStatus
from mobilize.unions.states import Role
from tests import acting
from tests.factories import (
    DutyFactory,
    FleetFactory,
    OfficerFactory,
    ShiftFactory,
    SignupFactory,
    TransportFactory,
    UnionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime.fromisoformat("2026-11-30T08:00:00+08:00")


@pytest.fixture
def district():
    return UnionFactory(parent=UnionFactory(), level="district")


@pytest.fixture
def dispatcher(district):
    return OfficerFactory(union=district, role=Role.DISPATCHER)


def shift_of(union, *, hours=6, now=None, **more):
    starts_at = (now or timezone.now()) + timedelta(hours=hours)
    return ShiftFactory(task__union=union, starts_at=starts_at, **more)


def told(kind):
    return set(Reminder.objects.filter(kind=kind).values_list("user", flat=True))


def test_a_shift_that_begins_soon_and_is_short_of_people_is_told_once(district, dispatcher):
    now = timezone.now()
    shift = shift_of(district, places=3)
    SignupFactory(shift=shift)
    assert [alerts.tell_short(now=now) for _ in range(2)] == [1, 0]
    send_due(now=now)
    (message,) = acting.messages_to(dispatcher.user)
    assert "3 个名额还缺 2 人" in message
    assert f"/desk/shifts/{shift.pk}/" in message


def test_all_that_one_look_finds_is_one_message_and_names_what_is_still_empty_when_it_leaves(district, dispatcher):
    now = timezone.now()
    later, first, filled = (shift_of(district, hours=hours, places=2) for hours in (8, 5, 4))
    assert [alerts.tell_short(now=now) for _ in range(2)] == [1, 0]
    Shift.objects.filter(pk=filled.pk).update(taken=2)
    send_due(now=now)
    (message,) = acting.messages_to(dispatcher.user)
    assert "有 2 个班次缺人，共缺 4 人" in message
    assert first.post.site.name in message
    assert set(Reminder.objects.exclude(status="sent").values_list("subject_id", "reason")) == {
        (later.pk, "together"),
        (first.pk, "together"),
    }
    shift_of(district, hours=7)
    assert alerts.tell_short(now=now + timedelta(minutes=2)) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        {"hours": 13},
        {"hours": -1},
        {"called_off_at": timezone.now()},
        {"task__status": TaskStatus.DRAFT},
        {"places": 1, "taken": 1},
    ],
)
def test_of_other_shifts_nobody_is_told(district, dispatcher, spoil):
    shift_of(district, **spoil)
    assert alerts.tell_short(now=timezone.now()) == 0


def test_a_shift_that_was_filled_before_the_message_left_is_not_told(district, dispatcher):
    now = timezone.now()
    shift = shift_of(district, places=1)
    alerts.tell_short(now=now)
    Shift.objects.filter(pk=shift.pk).update(taken=1)
    send_due(now=now)
    assert Reminder.objects.get().reason == "gone"


def test_the_next_officers_above_are_told_where_a_union_has_none_who_may_fill_shifts(district):
    OfficerFactory(union=district, role=Role.VIEWER)
    OfficerFactory(role=Role.ADMIN)
    above = OfficerFactory(union=district.parent, role=Role.ADMIN)
    shift_of(district)
    alerts.tell_short(now=timezone.now())
    assert told("short") == {above.user_id}


def test_the_rule_says_how_long_before(district, dispatcher):
    RuleChange.objects.create(kind="short", minutes=60, changed_at=timezone.now())
    shift_of(district, hours=2)
    assert alerts.tell_short(now=timezone.now()) == 0


def test_on_monday_each_officer_gets_the_week_of_her_branch_once(district, dispatcher):
    wednesday = MONDAY - timedelta(days=5)
    task = DutyFactory(union=district)
    shift_of(district, now=wednesday, places=5, taken=2, task=task)
    shift_of(district.parent, now=wednesday, places=1, taken=1)
    shift_of(district, now=MONDAY, places=9)
    shift_of(district, now=wednesday, places=9, called_off_at=wednesday)
    Delivery.objects.create(
        kind="x", phone="+8613900000001", invented=True, subject_id=task.pk, union=district, status="failed",
        channel="inbox", due_at=wednesday, expires_at=MONDAY, next_try_at=MONDAY, created_at=wednesday,
    )  # fmt: skip
    dispatcher.created_at = wednesday
    dispatcher.save()
    city = OfficerFactory(union=district.parent, role=Role.VIEWER, created_at=wednesday)
    assert [alerts.plan_digests(now=MONDAY + timedelta(minutes=n)) for n in (-1, 0, 5)] == [0, 2, 0]
    assert send_due(now=MONDAY) == 2
    texts = dict(Delivery.objects.filter(kind="digest").values_list("recipient", "body"))
    assert "1 个班次，2 人次，服务 12 小时；空缺 3 个名额，1 条消息未送达" in texts[dispatcher.user_id]
    assert "2 个班次，3 人次，服务 18 小时；空缺 3 个名额，1 条消息未送达" in texts[city.user_id]
    assert "11月23日–11月29日" in texts[city.user_id]


def test_the_next_week_has_a_digest_of_its_own_and_an_old_one_is_no_news(district, dispatcher):
    dispatcher.created_at = MONDAY - timedelta(days=9)
    dispatcher.save()
    for week in range(2):
        shift_of(district, now=MONDAY + timedelta(days=7 * week - 3), places=1)
        alerts.plan_digests(now=MONDAY + timedelta(days=7 * week))
        send_due(now=MONDAY + timedelta(days=7 * week))
    assert Delivery.objects.filter(kind="digest").count() == 2
    assert alerts.plan_digests(now=MONDAY + timedelta(days=9)) == 0


def test_digests_leave_at_the_time_of_the_rule_once_a_week_even_when_it_is_changed_that_day(district, dispatcher):
    dispatcher.created_at = MONDAY - timedelta(days=3)
    dispatcher.save()
    shift_of(district, now=MONDAY - timedelta(days=3), places=1)
    admin = OfficerFactory(role=Role.ADMIN, created_at=MONDAY + timedelta(days=1))

    def at(clock):
        rule = replace(STANDARDS[ReminderKind.DIGEST], clock=clock)
        editing.change(actor=acting.officer(admin), kind="digest", rule=rule, texts={}, now=MONDAY)

    at(time(9, 30))
    assert [alerts.plan_digests(now=MONDAY + timedelta(minutes=n)) for n in (0, 89, 90)] == [0, 0, 1]
    assert send_due(now=MONDAY + timedelta(minutes=90)) == 1
    at(time(11))
    assert alerts.plan_digests(now=MONDAY + timedelta(hours=3)) == 0
    assert alerts.plan_digests(now=MONDAY + timedelta(days=7, hours=3)) == 2  # the administrator's first is among them


def test_a_digest_that_quiet_hours_kept_until_tuesday_tells_of_the_same_week(dispatcher):
    found = digests.digests([dispatcher.pk], due=MONDAY + timedelta(hours=22, minutes=30))[dispatcher.pk]
    assert (str(found.first), str(found.last)) == ("2026-11-23", "2026-11-29")


def test_an_officer_with_an_e_mail_address_gets_the_digest_there_and_others_by_the_next_way(
    district, dispatcher, settings
):
    settings.EMAIL_HOST, settings.SMS_PROVIDERS = "mail.example.org", ["gateway"]
    other = OfficerFactory(union=district, role=Role.VIEWER, created_at=MONDAY - timedelta(days=3))
    dispatcher.created_at = MONDAY - timedelta(days=3)
    dispatcher.save()
    row = addresses.add(actor=acting.officer(dispatcher), channel="email", address="duty@example.org", now=MONDAY)
    Address.objects.filter(pk=row.pk).update(confirmed_at=MONDAY)
    shift_of(district, now=MONDAY - timedelta(days=3), places=1)
    alerts.plan_digests(now=MONDAY)
    send_due(now=MONDAY)
    ways = dict(Delivery.objects.filter(kind="digest").values_list("recipient", "channel"))
    assert ways == {dispatcher.user_id: "email", other.user_id: "sms"}


def test_a_week_without_anything_and_a_dismissed_officer_are_not_told(district, dispatcher):
    before = MONDAY - timedelta(days=1)
    dispatcher.created_at = before
    dispatcher.save()
    gone = OfficerFactory(union=UnionFactory(), user=UserFactory(), created_at=before)
    alerts.plan_digests(now=MONDAY)
    gone.delete()
    send_due(now=MONDAY)
    assert set(Reminder.objects.values_list("status", "reason")) == {("dropped", "gone")}


def test_the_officer_who_offered_last_is_told_when_all_fleet_leaders_are_asked(dispatcher, district):
    now = timezone.now()
    task = TransportFactory(union=district)
    fleet = FleetFactory(union=district)
    Offer.objects.create(
        task=task, fleet=fleet, offered_by=dispatcher.user, vehicles_offered=2, status="declined", expires_at=now
    )
    Search.objects.create(task=task, step=SearchStep.LEADERS, step_at=now)
    with transaction.atomic():
        outbox.record("search.leaders", task.pk, at=now.isoformat())
    acting.run_outbox()
    (message,) = acting.messages_to(dispatcher.user)
    assert "正在询问所有车队负责人" in message
    assert f"/desk/tasks/{task.pk}/" in message
