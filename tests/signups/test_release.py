"""The desk takes somebody off a shift, and whom a deadline binds."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.errors import Conflict, Forbidden, NotFound
from mobilize.core.models import Transition
from mobilize.signups.models import Signup
from mobilize.signups.services import release, withdraw, withdraw_until
from mobilize.unions.states import Role
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def take_off(signup, actor=None, **more):
    actor = actor or acting.officer(OfficerFactory(union=signup.shift.task.union))
    return release(actor=actor, signup_id=signup.pk, **({"why": " 生病 ", "now": timezone.now()} | more))


def test_her_place_goes_to_the_next_and_the_reason_is_kept():
    shift = ShiftFactory(places=1)
    first, second = (join(shift, WorkerFactory()) for _ in range(2))
    assert take_off(first).status == "withdrawn"
    assert Signup.objects.get(pk=second.pk).status == "offered"
    trace = Transition.objects.get(subject_id=first.pk)
    assert (trace.to_status, trace.why, trace.by_user is None) == ("withdrawn", "生病", False)


def test_after_the_deadline_she_must_call_and_the_desk_can_still_take_her_off_until_the_start():
    shift = ShiftFactory(places=1, task__campaign__hotline="12351")
    signup = join(shift, WorkerFactory())
    late = withdraw_until(signup.shift) + timedelta(microseconds=1)
    with pytest.raises(Conflict) as refused:
        withdraw(actor=acting.worker(signup.worker.user), signup_id=signup.pk, now=late)
    assert (refused.value.code, refused.value.data) == ("too_late_to_withdraw", {"hotline": "12351"})
    with pytest.raises(Conflict) as refused:
        take_off(signup, now=shift.starts_at)
    assert refused.value.code == "shift_has_begun"
    assert take_off(signup, now=late).status == "withdrawn"


def test_who_waits_may_leave_after_the_deadline_too():
    shift = ShiftFactory(places=1)
    join(shift, WorkerFactory())
    waits = join(shift, WorkerFactory())
    late = withdraw_until(shift) + timedelta(minutes=1)
    assert withdraw(actor=acting.worker(waits.worker.user), signup_id=waits.pk, now=late).status == "withdrawn"


def test_nobody_else_takes_anybody_off():
    signup = join(ShiftFactory(), WorkerFactory())
    for actor, error in [
        (acting.worker(WorkerFactory().user), NotFound),
        (acting.worker(signup.worker.user), NotFound),
        (acting.officer(OfficerFactory()), NotFound),
        (acting.officer(OfficerFactory(union=signup.shift.task.union, role=Role.VIEWER)), Forbidden),
    ]:
        with pytest.raises(error):
            take_off(signup, actor=actor)
    assert Signup.objects.get(pk=signup.pk).status == "confirmed"
