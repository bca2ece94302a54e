import pytest
from django.utils import timezone

from mobilize.core.errors import Conflict, NotFound
from mobilize.core.models import Transition
from mobilize.signups import queries
from mobilize.signups.models import Signup
from mobilize.signups.services import withdraw
from mobilize.signups.states import SignupStatus
from tests import acting
from tests.factories import ShiftFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def give_back(signup, **more):
    return withdraw(actor=acting.worker(signup.worker.user), signup_id=signup.pk, **({"now": timezone.now()} | more))


def test_a_place_given_back_goes_to_the_head_of_the_waiting_list_and_the_others_close_up():
    shift = ShiftFactory(places=1)
    first, second, third = (join(shift, WorkerFactory()) for _ in range(3))
    give_back(first)
    assert Signup.objects.get(pk=second.pk).status == SignupStatus.OFFERED
    assert queries.one(Signup.objects.all(), third.pk).position == 1


def test_leaving_the_waiting_list_promotes_nobody():
    shift = ShiftFactory(places=1)
    _, second, third = (join(shift, WorkerFactory()) for _ in range(3))
    give_back(second)
    assert Signup.objects.get(pk=third.pk).status == SignupStatus.WAITLISTED


def test_who_withdrew_can_sign_up_again():
    shift, worker = ShiftFactory(), WorkerFactory()
    give_back(join(shift, worker))
    assert join(shift, worker).status == SignupStatus.CONFIRMED


def test_the_change_leaves_a_trace_of_who_did_it():
    signup = join(ShiftFactory(), WorkerFactory())
    give_back(signup)
    trace = Transition.objects.get(subject_id=signup.pk)
    assert (trace.from_status, trace.to_status, trace.by_user) == ("confirmed", "withdrawn", signup.worker.user)


def test_it_cannot_be_done_after_the_start_and_a_second_time_changes_nothing():
    signup = join(ShiftFactory(), WorkerFactory())
    with pytest.raises(Conflict) as refused:
        give_back(signup, now=signup.shift.starts_at)
    assert refused.value.code == "shift_has_begun"
    first = give_back(signup)
    assert give_back(signup).status == first.status == "withdrawn"
    assert Transition.objects.filter(subject_id=signup.pk).count() == 1


def test_somebody_else_does_not_even_find_it():
    signup = join(ShiftFactory(), WorkerFactory())
    with pytest.raises(NotFound):
        withdraw(actor=acting.worker(WorkerFactory().user), signup_id=signup.pk, now=timezone.now())
