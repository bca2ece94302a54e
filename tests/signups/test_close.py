"""A task whose books are closed: who has a place keeps it, nobody else gets one, and all are told."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.core.errors import Conflict
from mobilize.signups import queries, waiting
from mobilize.signups.models import Signup
from mobilize.signups.services import release, withdraw
from mobilize.tasks import services as tasks
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, WorkerFactory
from tests.frontend.conftest import desk, officer  # noqa: F401  # fixtures
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift():
    return ShiftFactory(places=2)


@pytest.fixture
def dispatcher(shift):
    return acting.officer(OfficerFactory(union=shift.task.union))


@pytest.fixture
def people(shift):
    """Somebody confirmed, somebody asked, somebody waiting."""
    signups = [join(shift, WorkerFactory()) for _ in range(4)]
    leave(signups[0])
    acting.run_outbox()
    return [Signup.objects.get(pk=signup.pk) for signup in signups[1:]]


def leave(signup):
    withdraw(actor=acting.worker(signup.worker.user), signup_id=signup.pk, now=timezone.now())


def close(shift, dispatcher):
    tasks.close(actor=dispatcher, task_id=shift.task_id, now=timezone.now())


def statuses(people):
    return [Signup.objects.get(pk=signup.pk).status for signup in people]


def test_who_has_a_place_keeps_it_the_others_are_let_go_and_each_is_told(shift, dispatcher, people):
    assert queries.counted(shift.task_id, timezone.now()) == {"confirmed": 1, "offered": 1, "waitlisted": 1}
    close(shift, dispatcher)
    acting.run_outbox()
    assert statuses(people) == ["confirmed", "withdrawn", "withdrawn"]
    has, asked, waited = (acting.messages_to(signup.worker.user)[-1] for signup in people)
    assert "您的名额不变" in has
    assert "不用来了" in asked
    assert "不用来了" in waited
    assert queries.why_ended(people[1]) == "报名已截止，您未排到名额。"


def test_nobody_moves_up_or_says_yes_once_the_books_are_closed(shift, dispatcher, people):
    close(shift, dispatcher)
    with pytest.raises(Conflict) as refused:
        waiting.accept(actor=acting.worker(people[1].worker.user), signup_id=people[1].pk, now=timezone.now())
    assert refused.value.code == "signup_closed"
    release(actor=dispatcher, signup_id=people[0].pk, why="电话", now=timezone.now())
    assert statuses(people) == ["withdrawn", "offered", "waitlisted"]


def test_a_closed_task_is_still_called_off_until_it_is_over(shift, dispatcher, people):
    close(shift, dispatcher)
    with pytest.raises(Conflict) as refused:
        tasks.cancel(actor=dispatcher, task_id=shift.task_id, now=shift.task.ends_at)
    assert refused.value.code == "task_is_over"
    tasks.cancel(actor=dispatcher, task_id=shift.task_id, now=timezone.now())
    acting.run_outbox()
    assert statuses(people) == ["withdrawn"] * 3


def test_the_page_says_what_will_happen_before_it_happens(desk, officer):  # noqa: F811
    shift = ShiftFactory(task__union=officer.union, places=1)
    first, _ = join(shift, WorkerFactory()), join(shift, WorkerFactory())
    here = reverse("desk_task_close", args=[shift.task_id])
    assert f'href="{here}"' in desk.get(reverse("desk_task", args=[shift.task_id])).text
    page = desk.get(here).text
    assert "1 人已有名额，名额不变" in page
    assert "1 人候补，不再递补" in page
    shift.task.refresh_from_db()
    assert shift.task.status == "published"
    assert desk.post(here)["Location"] == reverse("desk_task", args=[shift.task_id])
    page = desk.get(reverse("desk_shift", args=[shift.pk])).text
    assert reverse("desk_signup", args=[first.pk]) in page
    assert reverse("desk_places", args=[shift.pk]) not in page
    assert (
        reverse("desk_task_cancel", args=[shift.task_id]) in desk.get(reverse("desk_task", args=[shift.task_id])).text
    )


def test_a_repeated_yes_no_or_withdrawal_is_no_mistake(shift, people):
    _, asked, waited = people
    now = timezone.now()
    for _ in range(2):
        assert waiting.accept(actor=acting.worker(asked.worker.user), signup_id=asked.pk, now=now).status == "confirmed"
    for _ in range(2):
        assert withdraw(actor=acting.worker(asked.worker.user), signup_id=asked.pk, now=now).status == "withdrawn"
    waited.refresh_from_db()
    for _ in range(2):
        assert (
            waiting.decline(actor=acting.worker(waited.worker.user), signup_id=waited.pk, now=now).status == "withdrawn"
        )
    shift.refresh_from_db()
    assert (shift.taken, shift.waiting) == (1, 0)
    with pytest.raises(Conflict):
        waiting.accept(actor=acting.worker(waited.worker.user), signup_id=waited.pk, now=now + timedelta(seconds=1))
