from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Invalid, NotFound, Unauthenticated
from mobilize.signups.services import sign_up
from mobilize.signups.states import SignupStatus
from mobilize.tasks.states import TaskStatus
from tests import acting
from tests.factories import ShiftFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db


def join(shift, worker, **more):
    more = {"accepts_covenant": True, "now": timezone.now()} | more
    return sign_up(actor=acting.worker(worker.user), shift_id=shift.pk, **more)


def test_a_free_place_is_confirmed_and_the_next_ones_wait_in_order():
    shift = ShiftFactory(places=1)
    results = [join(shift, WorkerFactory()) for _ in range(3)]
    assert [(s.status, s.position) for s in results] == [
        (SignupStatus.CONFIRMED, None),
        (SignupStatus.WAITLISTED, 1),
        (SignupStatus.WAITLISTED, 2),
    ]


def test_signing_up_accepts_the_covenant_once_for_the_campaign():
    shift, worker = ShiftFactory(), WorkerFactory()
    with pytest.raises(Invalid) as refused:
        join(shift, worker, accepts_covenant=False)
    assert refused.value.fields == {"accepts_covenant": ["required"]}
    join(shift, worker)
    later = ShiftFactory(task=shift.task, starts_at=shift.ends_at)
    assert join(later, worker, accepts_covenant=False).status == SignupStatus.CONFIRMED
    assert worker.pledges.count() == 1


def test_a_second_sign_up_for_the_same_shift_names_the_first():
    shift, worker = ShiftFactory(), WorkerFactory()
    first = join(shift, worker)
    with pytest.raises(Conflict) as refused:
        join(shift, worker)
    assert (refused.value.code, refused.value.data["signup_id"]) == ("already_signed_up", str(first.pk))


def test_an_overlapping_shift_is_refused_and_the_other_one_named():
    shift, worker = ShiftFactory(), WorkerFactory()
    first = join(shift, worker)
    with pytest.raises(Conflict) as refused:
        join(ShiftFactory(task=shift.task, starts_at=shift.ends_at - timedelta(minutes=1)), worker)
    assert (refused.value.code, refused.value.data["signup_id"]) == ("overlaps", str(first.pk))


def test_a_shift_that_has_begun_takes_nobody():
    shift = ShiftFactory()
    with pytest.raises(Conflict) as refused:
        join(shift, WorkerFactory(), now=shift.starts_at)
    assert refused.value.code == "shift_has_begun"


@pytest.mark.parametrize("status", [TaskStatus.DRAFT, TaskStatus.CLOSED, TaskStatus.CANCELLED])
def test_a_shift_of_a_task_that_is_not_open_is_not_found(status):
    with pytest.raises(NotFound):
        join(ShiftFactory(task__status=status), WorkerFactory())


def test_a_stranger_and_a_person_without_profile_are_turned_away():
    shift = ShiftFactory()
    with pytest.raises(Unauthenticated):
        sign_up(actor=STRANGER, shift_id=shift.pk, now=timezone.now())
    with pytest.raises(NotFound) as refused:
        sign_up(actor=acting.worker(UserFactory()), shift_id=shift.pk, now=timezone.now())
    assert refused.value.code == "no_profile"


def test_an_unknown_shift_is_not_found():
    with pytest.raises(NotFound):
        sign_up(actor=acting.worker(WorkerFactory().user), shift_id=uuid4(), now=timezone.now())
