"""Answering for an offered place: in time, once, by those who may."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, NotFound, Unauthenticated
from mobilize.outbox.models import Event
from mobilize.signups import waiting
from mobilize.signups.models import Signup
from mobilize.signups.services import withdraw
from mobilize.unions.states import Role
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def offered(**more):
    """The sign-up of somebody whose turn it is, and of the next one."""
    shift = ShiftFactory(places=1, **more)
    first, second, third = (join(shift, WorkerFactory()) for _ in range(3))
    withdraw(actor=acting.worker(first.worker.user), signup_id=first.pk, now=timezone.now())
    return Signup.objects.get(pk=second.pk), third


def answer(step, signup, actor=None, **more):
    given = {"now": timezone.now()} | more
    return step(actor=actor or acting.worker(signup.worker.user), signup_id=signup.pk, **given)


def code_of(step, signup, **more):
    with pytest.raises(Conflict) as refused:
        answer(step, signup, **more)
    return refused.value.code


def status(signup):
    return Signup.objects.get(pk=signup.pk).status


def test_the_deadline_is_the_campaigns_hours_and_at_most_two_hours_before_the_start():
    far, _ = offered()
    assert abs(far.answer_by - timezone.now() - 4 * HOUR) < timedelta(minutes=1)
    near, _ = offered(starts_at=timezone.now() + 3 * HOUR)
    assert near.answer_by == near.shift.starts_at - 2 * HOUR


def test_nobody_gets_less_than_half_an_hour_to_answer_and_who_waits_then_keeps_her_place_in_line():
    barely, _ = offered(starts_at=timezone.now() + 2.5 * HOUR + timedelta(minutes=1))
    assert barely.status == "offered"
    late, following = offered(starts_at=timezone.now() + 2.5 * HOUR - timedelta(minutes=1))
    assert (late.status, status(following)) == ("waitlisted", "waitlisted")
    assert answer(waiting.accept, late).status == "confirmed"


def test_yes_confirms_and_no_offers_it_to_the_next():
    signup, _ = offered()
    assert answer(waiting.accept, signup).status == "confirmed"
    signup, following = offered()
    assert answer(waiting.decline, signup).status == "withdrawn"
    assert status(following) == "offered"


def test_an_answer_after_the_deadline_comes_too_late_and_the_place_goes_to_the_next_once():
    signup, following = offered()
    assert code_of(waiting.accept, signup, now=signup.answer_by) == "answer_too_late"
    assert waiting.lapse(now=signup.answer_by) == 1
    assert waiting.lapse(now=signup.answer_by) == 0
    assert (status(signup), status(following)) == ("withdrawn", "offered")
    assert code_of(waiting.accept, signup) == "wrong_status"


def test_who_waits_answers_only_in_the_last_call_and_while_a_place_is_free():
    shift = ShiftFactory(places=1, starts_at=timezone.now() + 3 * HOUR)
    first, second, third = (join(shift, WorkerFactory()) for _ in range(3))
    late = shift.starts_at - 2 * HOUR
    assert code_of(waiting.accept, third) == "wrong_status"
    assert code_of(waiting.accept, third, now=late) == "no_place_left"
    shift.task.campaign.withdraw_hours = 0
    shift.task.campaign.save()
    withdraw(actor=acting.worker(first.worker.user), signup_id=first.pk, now=late)
    assert Event.objects.filter(topic="signup.last_call").count() == 2
    assert answer(waiting.accept, third, now=late).status == "confirmed"
    assert code_of(waiting.accept, second, now=late) == "no_place_left"
    assert code_of(waiting.accept, second, now=shift.starts_at) == "shift_has_begun"


def test_the_desk_of_the_branch_answers_and_nobody_else_does():
    signup, _ = offered()
    union = signup.shift.task.union
    with pytest.raises(Unauthenticated):
        answer(waiting.accept, signup, actor=STRANGER)
    for actor in (
        acting.worker(WorkerFactory().user),
        acting.officer(OfficerFactory()),
        acting.officer(OfficerFactory(union=union, role=Role.VIEWER)),
    ):
        with pytest.raises(NotFound):
            answer(waiting.accept, signup, actor=actor)
    assert answer(waiting.accept, signup, actor=acting.officer(OfficerFactory(union=union))).status == "confirmed"


def race():
    """She accepts in the last instant while the place lapses; returns whether both or none had their way."""
    signup, _ = offered()
    acting.at_once(
        [
            lambda: answer(waiting.accept, signup, now=signup.answer_by - timedelta(microseconds=1)),
            lambda: waiting.lapse(now=signup.answer_by),
        ]
    )
    topics = ["signup.accepted", "signup.lapsed"]
    told = Event.objects.filter(subject_id=signup.pk, topic__in=topics).count()
    shift = signup.shift
    shift.refresh_from_db()
    holding = shift.signups.filter(status__in=["confirmed", "offered"]).count()
    return told != 1 or (shift.taken, holding) != (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_an_answer_and_its_deadline_at_once_exactly_one_wins():
    assert not any(race() for _ in range(8))
