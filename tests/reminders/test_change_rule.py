"""Administrators of the city change when, how and in which words a kind of message leaves."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.utils import timezone

from mobilize.channels.models import Delivery
from mobilize.core.actor import Actor
from mobilize.core.errors import Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.core.models import Transition
from mobilize.reminders import editing, rules, services
from mobilize.reminders.models import Reminder, RuleChange, WordingChange
from mobilize.reminders.sending import send_due
from mobilize.reminders.standards import STANDARDS
from mobilize.unions.states import Role
from tests import acting
from tests.factories import OfficerFactory, SignupFactory, UnionFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TEXT = {("", "zh-hans"): "{time} 到{site}，别忘了口罩。"}


@pytest.fixture
def admin():
    return OfficerFactory(role=Role.ADMIN)


def change(admin, kind="hour_before", *, texts=None, **rule):
    return editing.change(
        actor=acting.officer(admin),
        kind=kind,
        rule=replace(STANDARDS[kind], **rule),
        texts=texts or {},
        now=timezone.now(),
    )


def duty(starts_at=None):
    starts_at = starts_at or (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    signup = SignupFactory(shift__starts_at=starts_at)
    services.plan_for_signup(signup_id=signup.pk, answered=False, now=timezone.now())
    return signup


def reminder(signup, kind="hour_before"):
    return Reminder.objects.get(subject_id=signup.pk, kind=kind)


def test_a_changed_time_holds_for_new_and_for_waiting_reminders(admin, monkeypatch):
    monkeypatch.setattr(editing, "BATCH", 2)
    waiting = [duty() for _ in range(5)]
    sent = duty()
    Reminder.objects.filter(subject_id=sent.pk).update(status="sent")
    change(admin, minutes=120)
    while editing.move_waiting(now=timezone.now()):
        pass
    for signup in [*waiting, duty()]:
        assert reminder(signup).due_at == signup.shift.starts_at - 2 * HOUR
    assert reminder(sent).due_at == sent.shift.starts_at - HOUR
    assert not RuleChange.objects.filter(moving=True).exists()


def test_what_would_have_been_due_already_leaves_at_once_and_says_the_time(admin):
    now = timezone.now()
    signup = duty(now + 3 * HOUR)
    change(admin, minutes=240)
    editing.move_waiting(now=now)
    assert reminder(signup).due_at == now
    send_due(now=now)
    assert "一小时" not in Delivery.objects.get(kind="hour_before").body


def test_the_evening_can_be_another_one(admin):
    change(admin, "evening_before", days_before=2, clock=time(18, 30))
    signup = duty()
    day = timezone.localtime(signup.shift.starts_at).date() - timedelta(days=2)
    local = timezone.localtime(reminder(signup, "evening_before").due_at)
    assert (local.date(), local.time()) == (day, time(18, 30))
    send_due(now=local)
    start = timezone.localtime(signup.shift.starts_at)
    assert f"{start.month}月{start.day}日 {start:%H:%M} 您当班" in Delivery.objects.get(kind="evening_before").body


def test_a_changed_text_is_said_in_its_language_and_the_other_stays(admin):
    change(admin, texts=TEXT)
    chinese, english = duty(), duty()
    english.worker.user.language = "en"
    english.worker.user.save()
    send_due(now=reminder(english).due_at)
    said = dict(Delivery.objects.filter(kind="hour_before").values_list("subject_id", "body"))
    site = chinese.shift.post.site.name
    assert said[chinese.pk] == f"【工会动员】{timezone.localtime(chinese.shift.starts_at):%H:%M} 到{site}，别忘了口罩。"
    assert "In one hour" in said[english.pk]


def test_what_somebody_typed_cannot_add_facts_to_a_changed_text(admin):
    change(admin, texts=TEXT)
    signup = duty()
    site = signup.shift.post.site
    site.name = "{address}%(link)s"
    site.save()
    send_due(now=reminder(signup).due_at)
    assert "{address}%(link)s" in Delivery.objects.get(kind="hour_before").body


def test_channels_and_urgency_are_those_of_the_rule(admin, settings):
    settings.SMS_PROVIDERS = ["gateway"]
    change(admin, "confirmed", channels=("sms",), urgent=True)
    duty()
    send_due(now=timezone.now())
    message = Delivery.objects.get()
    assert (message.channel, message.priority) == ("sms", 1)


def test_the_standard_is_not_copied_and_can_be_gone_back_to(admin):
    row = change(admin, texts=TEXT, minutes=90)
    assert (row.minutes, row.urgent, row.channels) == (90, None, None)
    editing.back_to_standard(actor=acting.officer(admin), kind="hour_before", now=timezone.now())
    assert rules.current() == STANDARDS
    assert not WordingChange.objects.exists()
    trace = Transition.objects.filter(subject_id=row.pk).order_by("created_at")
    what = "minutes, text__zh-hans"
    assert list(trace.values_list("from_status", "to_status", "why")) == [
        ("standard", "changed", what),
        ("changed", "standard", what),
    ]


@pytest.mark.parametrize(
    ("kind", "rule", "field", "code"),
    [
        ("hour_before", {"minutes": 4}, "minutes", "bad_minutes"),
        ("hour_before", {"minutes": None}, "minutes", "bad_minutes"),
        ("hour_before", {"on_time": 0}, "on_time", "bad_minutes"),
        ("evening_before", {"days_before": 8}, "days_before", "bad_days"),
        ("evening_before", {"clock": None}, "clock", "required"),
        ("confirmed", {"channels": ()}, "channels", "unknown_choice"),
        ("confirmed", {"channels": ("pigeon",)}, "channels", "unknown_choice"),
        ("confirmed", {"channels": ("sms", "sms")}, "channels", "same_twice"),
    ],
)
def test_a_bad_rule_is_refused_beside_its_field(admin, kind, rule, field, code):
    with pytest.raises(Invalid) as refused:
        change(admin, kind, **rule)
    assert refused.value.fields == {field: [code]}
    assert not RuleChange.objects.exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{time} {phone}", "unknown_fact"),
        ("{time} {", "unknown_fact"),
        ("{time} {0.__class__}", "unknown_fact"),
        ("到岗时间见页面", "missing_fact"),
        ("{time} 见 evil.cn", "bad_text"),
        ("{time}【银行】", "bad_text"),
        ("{time}", "required"),
        ("{time}" + "好" * 300, "too_long"),
    ],
)
def test_a_bad_text_is_refused_beside_its_field(admin, text, code):
    with pytest.raises(Invalid) as refused:
        change(admin, texts={("", "zh-hans"): text})
    assert refused.value.fields == {"text__zh-hans": [code]}


def test_a_time_that_a_kind_does_not_have_is_passed_over(admin):
    assert change(admin, "confirmed", minutes=5, on_time=3).minutes is None


def test_only_administrators_of_the_city_may(admin):
    below = OfficerFactory(union=UnionFactory(parent=admin.union, level="district"), role=Role.ADMIN)
    for held, code in [(below, "city_only"), (OfficerFactory(role=Role.DISPATCHER), "role_too_weak")]:
        with pytest.raises(Forbidden, match=code):
            change(held, minutes=90)
    with pytest.raises(Unauthenticated):
        editing.change(actor=Actor(), kind="done", rule=STANDARDS["done"], texts={}, now=timezone.now())
    with pytest.raises(NotFound):
        editing.back_to_standard(actor=acting.officer(admin), kind="sign_in_code", now=timezone.now())
    assert not RuleChange.objects.exists()
