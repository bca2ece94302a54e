import json
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from mobilize.channels import budget
from mobilize.channels import services as channels
from mobilize.channels.models import Delivery, Unsubscribed
from mobilize.channels.states import DeliveryStatus, Priority
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.reminders import broadcasts, queries
from mobilize.reminders.models import Broadcast
from mobilize.reminders.states import Audience, BroadcastStatus
from mobilize.signups.endings import call_off_shift
from mobilize.unions.states import Role
from tests import acting
from tests.channels.standin import standing_in
from tests.factories import (
    CampaignFactory,
    FleetFactory,
    OfficerFactory,
    ShiftFactory,
    SignupFactory,
    UnionFactory,
    WorkerFactory,
)
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-11-25T12:00:00+08:00")
NIGHT = datetime.fromisoformat("2026-11-25T23:00:00+08:00")


@pytest.fixture
def admin():
    return OfficerFactory(role=Role.ADMIN)


@pytest.fixture
def people(admin):
    return [WorkerFactory(union=UnionFactory(parent=admin.union)) for _ in range(3)]


def write(admin, **more):
    given = {"union_id": admin.union_id, "audience": Audience.BRANCH, "text": "明早请戴口罩。", "now": NOON}
    return broadcasts.write(actor=acting.officer(admin), **(given | more))


def move(step, admin, row, now=NOON):
    return getattr(broadcasts, step)(actor=acting.officer(admin), broadcast_id=row.pk, now=now)


def told(row):
    return set(Delivery.objects.filter(subject_id=row.pk).values_list("recipient", flat=True))


def users(workers):
    return {worker.user_id for worker in workers}


def test_it_reaches_everybody_in_the_branch_once_and_nobody_else(admin, people):
    WorkerFactory()
    row = move("start", admin, write(admin))
    while broadcasts.fan_out(now=NOON):
        pass
    acting.send_messages(now=NOON)
    broadcasts.fan_out(now=NOON)
    row.refresh_from_db()
    assert told(row) == users(people)
    assert (row.status, queries.progress(row)) == (
        BroadcastStatus.DONE,
        queries.Progress(people=3, left=3, failed=0, inbox=3),
    )
    assert Delivery.objects.filter(priority=Priority.BULK).count() == 3


def test_lines_become_one(admin):
    assert write(admin, text=" 第一行\n第二行\r\n").text == "第一行 第二行"


def test_nothing_leaves_before_the_start(admin, people):
    row = write(admin)
    assert broadcasts.fan_out(now=NOON) == 0
    assert told(row) == set()


def test_a_pause_holds_what_waits_and_going_on_repeats_nothing(admin, people, monkeypatch):
    monkeypatch.setattr(broadcasts, "CHUNK", 2)
    row = move("start", admin, write(admin))
    broadcasts.fan_out(now=NOON)
    move("pause", admin, row)
    assert broadcasts.fan_out(now=NOON) == 0
    acting.send_messages(now=NOON)
    assert queries.progress(row).left == 0
    move("resume", admin, row)
    while broadcasts.fan_out(now=NOON):
        pass
    acting.send_messages(now=NOON)
    row.refresh_from_db()
    assert (queries.progress(row).left, row.written) == (3, 3)


def test_a_cancelled_one_leaves_to_nobody_who_has_not_got_it(admin, people):
    row = move("start", admin, write(admin))
    broadcasts.fan_out(now=NOON)
    move("cancel", admin, row)
    acting.send_messages(now=NOON)
    assert set(Delivery.objects.values_list("status", flat=True)) == {DeliveryStatus.EXPIRED}
    with pytest.raises(Conflict, match="wrong_status"):
        move("resume", admin, row)


def test_only_a_few_thousand_wait_at_a_time(admin, people, monkeypatch):
    monkeypatch.setattr(broadcasts, "CHUNK", 1)
    monkeypatch.setattr(broadcasts, "MOST_AHEAD", 2)
    row = move("start", admin, write(admin))
    assert [broadcasts.fan_out(now=NOON) for _ in range(3)] == [1, 1, 0]
    acting.send_messages(now=NOON)
    assert broadcasts.fan_out(now=NOON) == 1
    assert told(row) == users(people)


def test_in_quiet_hours_only_the_urgent_leaves(admin, people, settings):
    settings.QUIET_HOURS = (time(22, 0), time(6, 30))
    calm, urgent = write(admin), write(admin, urgent=True)
    move("start", admin, calm)
    move("start", admin, urgent)
    broadcasts.fan_out(now=NIGHT)
    assert (told(calm), told(urgent)) == (set(), users(people))


def test_audiences_are_who_they_say(admin, people):
    campaign = CampaignFactory(union=admin.union)
    people[0].pledges.create(campaign=campaign, union=admin.union)
    signup = SignupFactory(worker=people[1])
    signup.shift.task.union = admin.union
    signup.shift.task.save()
    fleet = FleetFactory(union=admin.union)
    who = {
        kind: set(
            broadcasts.audience(
                write(admin, audience=kind, campaign_id=campaign.pk), now=signup.shift.starts_at - timedelta(hours=1)
            ).values_list("pk", flat=True)
        )
        for kind in (Audience.PLEDGED, Audience.ON_DUTY, Audience.LEADERS)
    }
    assert who == {
        Audience.PLEDGED: users(people[:1]),
        Audience.ON_DUTY: users(people[1:2]),
        Audience.LEADERS: {fleet.leader_id},
    }


def test_the_estimate_counts_who_gets_an_sms_and_what_it_costs(admin, people, settings):
    settings.SMS_PROVIDERS, settings.SMS_PRICE, settings.SMS_DAY_BUDGET = ["gateway"], 50, 1
    people[0].user.is_invented = True
    people[0].user.save()
    Unsubscribed.objects.create(phone=people[1].user.phone, by_reply=True)
    found = broadcasts.estimate(write(admin, text="好" * 100), now=NOON)
    assert (found.people, found.by_sms, found.cost, found.left_today, found.too_dear) == (3, 1, 100, 800, False)
    settings.SMS_PRICE = 600
    assert broadcasts.estimate(write(admin), now=NOON).too_dear is False
    assert broadcasts.estimate(write(admin, text="好" * 100), now=NOON).too_dear is True


@pytest.mark.parametrize("whose", ["her own", "the city's"])
def test_only_ones_own_campaign_pays_for_it(admin, people, whose):
    union = admin.union if whose == "her own" else UnionFactory()
    campaign = CampaignFactory(union=union)
    people[0].pledges.create(campaign=campaign, union=admin.union)
    row = write(admin, audience=Audience.PLEDGED, campaign_id=campaign.pk)
    move("start", admin, row)
    broadcasts.fan_out(now=NOON)
    paid = {campaign.pk} if whose == "her own" else {None}
    assert set(Delivery.objects.filter(subject_id=row.pk).values_list("campaign", flat=True)) == paid


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "好" * 301}, "text"),
        ({"text": "请看 evil.cn"}, "text"),
        ({"text_en": "x" * 501}, "text_en"),
        ({"audience": "everybody"}, "audience"),
        ({"audience": "pledged"}, "campaign_id"),
    ],
)
def test_bad_input_is_named_beside_its_field(admin, given, field):
    with pytest.raises(Invalid) as refused:
        write(admin, **given)
    assert set(refused.value.fields) == {field}
    assert not Broadcast.objects.exists()


def test_a_dispatcher_may_not_and_a_stranger_finds_nothing(admin):
    row = write(admin)
    with pytest.raises(Forbidden):
        move("start", OfficerFactory(union=admin.union, role=Role.DISPATCHER), row)
    with pytest.raises(NotFound):
        move("start", OfficerFactory(role=Role.ADMIN), row)


@pytest.mark.django_db(transaction=True)
def test_runs_at_once_write_each_message_once(admin, people, monkeypatch):
    monkeypatch.setattr(broadcasts, "CHUNK", 1)
    row = move("start", admin, write(admin))
    acting.at_once([lambda: broadcasts.fan_out(now=NOON)] * 4)
    while broadcasts.fan_out(now=NOON):
        pass
    row.refresh_from_db()
    assert (Delivery.objects.filter(subject_id=row.pk).count(), row.written) == (3, 3)


@pytest.fixture
def gateway(settings):
    """A provider that answers 503 until it is told otherwise."""
    answer = [503]
    with standing_in(lambda request: (answer[0], b"{}")) as standin:
        settings.SMS_PROVIDERS, settings.SMS_PRICE, settings.SMS_DAY_BUDGET = ["gateway"], 50, 100
        settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = standin.url, "k"
        standin.status = answer
        yield standin


@pytest.fixture
def stuck(admin, people, gateway):
    """A bulk message whose every SMS waits for a second try."""
    row = move("start", admin, write(admin))
    broadcasts.fan_out(now=NOON)
    acting.send_messages(now=NOON)
    assert Delivery.objects.filter(subject_id=row.pk, attempts=1).count() == 3
    gateway.status[0] = 200
    gateway.got.clear()
    return row


LATER = NOON + timedelta(minutes=5)
FOR_BULK = 80 * 1000  # of 100 yuan a day


def test_it_is_not_done_while_somebody_waits_for_a_second_try(stuck):
    broadcasts.fan_out(now=LATER)
    stuck.refresh_from_db()
    assert stuck.status == BroadcastStatus.SENDING
    acting.send_messages(now=LATER)
    broadcasts.fan_out(now=LATER)
    stuck.refresh_from_db()
    assert (stuck.status, queries.progress(stuck).inbox) == (BroadcastStatus.DONE, 0)


def test_paused_it_does_not_try_again_either_and_resumed_it_does(admin, stuck, gateway):
    move("pause", admin, stuck)
    acting.send_messages(now=LATER)
    assert not gateway.got
    assert not queries.mine(Delivery.objects.first().recipient_id, now=LATER).exists()
    move("resume", admin, stuck)
    acting.send_messages(now=LATER)
    assert len(gateway.got) == 3


def test_cancelled_it_never_leaves_and_its_money_goes_back(admin, stuck, gateway):
    assert budget.left_today(now=NOON) == FOR_BULK - 3 * 50
    move("cancel", admin, stuck)
    acting.send_messages(now=LATER)
    assert not gateway.got
    assert budget.left_today(now=NOON) == FOR_BULK
    assert queries.progress(stuck) == queries.Progress(people=3, left=0, failed=0, called_off=3)
    assert not queries.mine(Delivery.objects.first().recipient_id, now=LATER).exists()


def test_what_waited_for_a_second_try_or_was_resumed_lets_people_sleep(admin, stuck, gateway, settings):
    settings.QUIET_HOURS = (time(22, 0), time(6, 30))
    move("pause", admin, stuck)
    move("resume", admin, stuck, now=NIGHT)
    acting.send_messages(now=NIGHT)
    assert not gateway.got
    acting.send_messages(now=NIGHT + timedelta(hours=8))
    assert len(gateway.got) == 3


def test_who_wants_no_more_sms_gets_none_that_was_written_before(stuck, people, gateway):
    channels.unsubscribe(phone=str(people[0].user.phone), by_reply=True, now=NOON)
    acting.send_messages(now=LATER)
    assert len(gateway.got) == 2
    row = Delivery.objects.get(recipient=people[0].user)
    assert (row.channel, row.status) == ("inbox", DeliveryStatus.DELIVERED)
    assert budget.left_today(now=NOON) == FOR_BULK - 2 * 50


def test_of_a_shift_called_off_nothing_of_before_is_tried_again(admin, gateway):
    signup = join(ShiftFactory(task__union=admin.union), WorkerFactory())
    acting.run_outbox()  # its confirmation finds the provider out of order
    gateway.status[0] = 200
    gateway.got.clear()
    call_off_shift(actor=acting.officer(admin), shift_id=signup.shift_id, now=timezone.now())
    acting.run_outbox(after=timedelta(hours=1))
    told = [json.loads(request.body)["text"] for request in gateway.got]
    assert len(told) == 1
    assert "取消" in told[0]
    assert Delivery.objects.get(kind="confirmed").said_status == "已取消"
