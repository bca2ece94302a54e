"""What somebody writes back by SMS does what the link in the message would do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from mobilize.channels import inbound
from mobilize.channels.models import Delivery, Unsubscribed
from mobilize.dispatch import services as dispatch
from mobilize.dispatch.models import Offer
from mobilize.outbox.models import Event
from mobilize.reminders.replies import MOST_ANSWERS, Meaning, answer, meaning
from mobilize.signups import waiting
from mobilize.signups.models import Signup
from mobilize.signups.services import withdraw
from tests import acting
from tests.channels.standin import standing_in
from tests.factories import FleetFactory, OfficerFactory, ShiftFactory, TransportFactory, UserFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def write_back(user, text):
    """A person answers by SMS; return what she is told."""
    before = Delivery.objects.filter(kind="reply").count()
    reply = inbound.Reply(str(uuid4()), str(user.phone), text)
    inbound.take(provider="gateway", replies=[reply], now=timezone.now())
    acting.run_outbox()
    told = Delivery.objects.filter(kind="reply", recipient=user).order_by("created_at")
    return told.last().body if Delivery.objects.filter(kind="reply").count() > before else ""


def offered_place():
    """The sign-up of somebody to whom a place is offered."""
    shift = ShiftFactory(places=1)
    first, second = (join(shift, WorkerFactory()) for _ in range(2))
    withdraw(actor=acting.worker(first.worker.user), signup_id=first.pk, now=timezone.now())
    acting.run_outbox()
    return Signup.objects.get(pk=second.pk)


def offer_to_fleet(vehicles=2):
    officer = OfficerFactory()
    fleet = FleetFactory(union=officer.union, drivers=2)
    task = TransportFactory(union=officer.union, vehicles_needed=vehicles)
    (made,) = dispatch.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    acting.run_outbox(after=timedelta(seconds=11))
    return fleet, made


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("1", Meaning.YES), (" 来！", Meaning.YES), ("Ｙｅｓ", Meaning.YES), ("２", Meaning.NO), ("不来。", Meaning.NO),
        ("我来不了", Meaning.NO),
        ("td", Meaning.STOP), ("ＴＤ", Meaning.STOP), ("退订", Meaning.STOP), ("恢复", Meaning.START),
        ("12", None), ("我明天来不了", None), ("", None), ("👍", None),
    ],
)  # fmt: skip
def test_width_case_spaces_and_signs_do_not_matter(text, wish):
    assert meaning(text) == wish


@pytest.mark.parametrize(("text", "status"), [("1", "confirmed"), ("不来", "withdrawn")])
def test_an_offered_place_is_answered(text, status):
    signup = offered_place()
    assert signup.shift.post.site.name in write_back(signup.worker.user, text)
    signup.refresh_from_db()
    assert signup.status == status


@pytest.mark.parametrize(("text", "status"), [("来", "accepted"), ("2", "declined")])
def test_an_offer_is_answered_with_all_vehicles_there_are(text, status):
    fleet, made = offer_to_fleet()
    assert made.task.title in write_back(fleet.leader, text)
    made.refresh_from_db()
    assert (made.status, made.vehicles_accepted) == (status, 2 if status == "accepted" else 0)


def test_a_no_to_a_reminder_gives_the_place_back_and_a_yes_changes_nothing():
    signup = join(ShiftFactory(), WorkerFactory())
    acting.run_outbox()
    assert "谢谢" in write_back(signup.worker.user, "1")
    assert Signup.objects.get(pk=signup.pk).status == "confirmed"
    assert "退回" in write_back(signup.worker.user, "2")
    assert Signup.objects.get(pk=signup.pk).status == "withdrawn"


def test_a_no_said_twice_gives_back_one_place_and_says_which_again():
    worker, now = WorkerFactory(), timezone.now()
    first, second = (join(ShiftFactory(starts_at=now + timedelta(days=days)), worker) for days in (3, 2))
    acting.run_outbox()
    told = [write_back(worker.user, "2") for _ in range(2)]
    assert told[0] == told[1]
    assert second.shift.post.site.name in told[0]
    assert f"{timezone.localtime(second.shift.starts_at):%H:%M}" in told[0]
    assert [Signup.objects.get(pk=one.pk).status for one in (first, second)] == ["confirmed", "withdrawn"]


def test_an_answer_to_a_question_that_is_closed_does_nothing_to_an_older_one():
    signup = offered_place()
    older = join(ShiftFactory(starts_at=signup.shift.starts_at + timedelta(days=5)), signup.worker)
    acting.run_outbox()
    Delivery.objects.filter(subject_id=older.pk).update(created_at=timezone.now() - timedelta(hours=2))
    waiting.lapse(now=signup.answer_by + timedelta(minutes=1))
    assert "没有需要您答复" in write_back(signup.worker.user, "2")
    assert Signup.objects.get(pk=older.pk).status == "confirmed"


def test_the_newest_question_is_answered():
    signup = offered_place()
    shift = ShiftFactory(starts_at=signup.shift.starts_at + timedelta(days=5))
    newer = join(shift, signup.worker)
    acting.run_outbox()
    write_back(signup.worker.user, "2")
    assert [Signup.objects.get(pk=one.pk).status for one in (signup, newer)] == ["offered", "withdrawn"]


def test_td_ends_messages_by_sms_and_hf_brings_them_back():
    user = UserFactory()
    write_back(user, "TD")
    assert Unsubscribed.objects.get().phone == user.phone
    assert "恢复" in write_back(user, "HF")
    assert not Unsubscribed.objects.exists()


def test_who_ends_messages_by_sms_is_answered_by_sms_all_the_same(settings):
    with standing_in(lambda request: (200, b"{}")) as gateway:
        settings.SMS_PROVIDERS, settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_KEY = ["gateway"], gateway.url, "k"
        user = UserFactory()
        write_back(user, "TD")
        write_back(user, "1")
    assert len(gateway.got) == 2


def test_of_two_words_the_last_one_holds_in_whatever_order_they_are_heard():
    user, now = UserFactory(), timezone.now()
    for said in (["TD", "HF"], ["HF", "TD"]):
        replies = [inbound.Reply(f"{9 - n}-{said}", str(user.phone), text) for n, text in enumerate(said)]
        inbound.take(provider="gateway", replies=replies, now=now)
        for event in Event.objects.filter(topic="sms.received", relayed_at=None).order_by("-created_at", "-pk"):
            answer(reply_id=event.subject_id, now=now)
        Event.objects.update(relayed_at=now)
        assert Unsubscribed.objects.exists() == (said[-1] == "TD")


def test_nobody_answers_for_somebody_else():
    signup = offered_place()
    write_back(UserFactory(), "2")
    assert Signup.objects.get(pk=signup.pk).status == "offered"


def test_what_is_over_says_so_and_what_nobody_understands_tells_how():
    fleet, made = offer_to_fleet()
    Offer.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "办不了" in write_back(fleet.leader, "1")
    assert "没有需要您答复" in write_back(UserFactory(), "1")
    assert "TD" in write_back(fleet.leader, "什么？")


def test_a_machine_that_answers_ours_comes_to_an_end():
    user = UserFactory()
    told = [write_back(user, "?") for _ in range(MOST_ANSWERS + 1)]
    assert [bool(text) for text in told] == [True] * MOST_ANSWERS + [False]


def test_who_is_not_known_is_unsubscribed_and_told_nothing():
    stranger = UserFactory.build(phone="+8613911112222")
    assert write_back(stranger, "TD") == ""
    assert Unsubscribed.objects.get().phone == stranger.phone
