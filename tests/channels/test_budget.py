from datetime import timedelta
from threading import Barrier, local
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from mobilize.channels import budget, services
from mobilize.channels.models import Delivery, Purse, Unsubscribed
from mobilize.channels.states import ChannelName, Outcome, Priority
from tests import acting
from tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db
PHONE = "+8613800000001"


@pytest.fixture(autouse=True)
def sms(settings):
    settings.SMS_PROVIDERS, settings.SMS_PRICE = ["gateway"], 50
    settings.SMS_A_DAY, settings.SMS_DAY_BUDGET = 0, 0


@pytest.fixture
def now():
    return timezone.now()


def write(now, *, count=1, first=0, **more):
    """Write messages to one person, or to several when `count` is more than one; return them."""
    drafts = [
        services.Draft(
            **{
                "kind": "test",
                "phone": f"+86138{first + number:08d}" if count > 1 else PHONE,
                "body": "你好",
                "subject_id": uuid4(),
                "due_at": now,
                "expires_at": now + timedelta(hours=1),
            }
            | more
        )
        for number in range(count)
    ]
    with transaction.atomic():
        return services.queue_many(drafts, now=now)


def by_sms(rows):
    return sum(Delivery.objects.get(pk=row.pk).channel == ChannelName.SMS for row in rows)


@pytest.mark.parametrize(("signs", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_a_long_text_is_paid_as_several_sms(signs, parts):
    assert budget.segments("工" * signs) == parts


def test_an_emoji_takes_the_room_of_two_signs():
    assert (budget.segments("🌨" * 35), budget.segments("🌨" * 36)) == (1, 2)


def test_a_persons_cap_leaves_the_rest_in_the_inbox_with_the_reason(settings, now):
    settings.SMS_A_DAY = 2
    assert [by_sms(write(now)) for _ in range(3)] == [1, 1, 0]
    last = Delivery.objects.order_by("pk").last()
    assert (last.channel, last.cost, last.steps.get().outcome) == (ChannelName.INBOX, 0, Outcome.OVER_BUDGET)


def test_the_next_day_has_a_purse_of_its_own(settings, now):
    settings.SMS_A_DAY = 1
    assert [by_sms(write(moment)) for moment in (now, now, now + timedelta(days=1))] == [1, 0, 1]


def test_of_a_batch_as_many_leave_as_the_days_cap_pays(settings, now):
    settings.SMS_DAY_BUDGET = 1  # yuan: 20 SMS
    assert by_sms(write(now, count=30)) == 20
    assert budget.left_today(now=now) == 0


def test_what_is_refused_for_the_day_costs_the_campaign_nothing(settings, now):
    settings.SMS_DAY_BUDGET = 1
    campaign = CampaignFactory()
    budget.cap_campaign(campaign.pk, most=5000)
    write(now, count=30, campaign_id=campaign.pk)
    assert (budget.of_campaigns([campaign.pk])[campaign.pk], budget.left_of_campaign(campaign.pk)) == (
        (1000, 5000),
        3000,
    )


def test_a_campaigns_cap_holds_for_it_alone(now):
    capped, other = CampaignFactory(), CampaignFactory()
    budget.cap_campaign(capped.pk, most=100)
    assert by_sms(write(now, count=5, campaign_id=capped.pk)) == 2
    assert by_sms(write(now, count=5, campaign_id=other.pk)) == 5
    budget.cap_campaign(capped.pk, most=None)
    assert by_sms(write(now, count=5, campaign_id=capped.pk)) == 5


def test_bulk_messages_leave_a_fifth_to_the_others_and_the_essential_leaves_in_any_case(settings, now):
    settings.SMS_DAY_BUDGET = 1  # yuan: 20 SMS
    assert by_sms(write(now, count=30, priority=Priority.BULK)) == 16
    assert by_sms(write(now, count=30)) == 4
    assert by_sms(write(now, essential=True)) == 1


def test_the_urgent_and_codes_are_never_held_back(settings, now):
    settings.SMS_A_DAY = 1
    write(now)
    assert by_sms(write(now, priority=Priority.URGENT)) == 1
    assert by_sms(write(now, priority=Priority.CODE)) == 1


def test_who_unsubscribed_gets_no_sms_but_codes(now):
    Unsubscribed.objects.create(phone=PHONE, by_reply=True)
    (row,) = write(now, priority=Priority.URGENT)
    assert (by_sms([row]), row.steps.get().outcome) == (0, Outcome.UNSUBSCRIBED)
    assert by_sms(write(now, priority=Priority.CODE)) == 1


def test_invented_people_cost_nothing(now):
    write(now, invented=True)
    assert not Purse.objects.exists()


def test_counts_of_people_are_forgotten_when_their_day_is_over(now):
    write(now)
    budget.tidy(now=now)
    assert Purse.objects.filter(scope="person").exists()
    budget.tidy(now=now + timedelta(days=1))
    assert not Purse.objects.filter(scope="person").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_senders_at_once_never_pass_a_cap_together(settings, now, guarded, monkeypatch):
    settings.SMS_DAY_BUDGET = 1  # 20 SMS
    if not guarded:  # the control: all look first, then each takes
        here, take, looked = local(), budget._spend, Barrier(8, timeout=20)

        def look_then_take(scope, wanted, day, *, never_refuse=False, share=100):
            most = budget._cap(scope)
            paid = {
                key for key, amount in wanted.items() if not most or budget._spent(scope, key, day) + amount <= most
            }
            if scope == "day" and wanted and not hasattr(here, "looked"):
                here.looked = looked.wait()
            return take(scope, {key: wanted[key] for key in paid}, day, never_refuse=True)

        monkeypatch.setattr(budget, "_spend", look_then_take)
    acting.at_once([lambda n=n: write(now, count=5, first=10 * n) for n in range(8)])
    spent = Purse.objects.get(scope="day").spent
    assert (spent <= 1000) == guarded
