"""The desk changes how many places a shift has."""

import pytest
from django.utils import timezone

from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.signups.models import Signup
from mobilize.signups.services import set_places
from mobilize.tasks.states import TaskStatus
from mobilize.unions.states import Role
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def change(shift, places, actor=None, **more):
    actor = actor or acting.officer(OfficerFactory(union=shift.task.union))
    return set_places(actor=actor, shift_id=shift.pk, places=places, **({"now": timezone.now()} | more))


def test_added_places_are_offered_to_as_many_of_those_waiting_in_order():
    shift = ShiftFactory(places=1)
    signups = [join(shift, WorkerFactory()) for _ in range(4)]
    changed = change(shift, 3)
    now = [Signup.objects.get(pk=signup.pk).status for signup in signups]
    assert now == ["confirmed", "offered", "offered", "waitlisted"]
    assert (changed.places, changed.taken, changed.waiting) == (3, 3, 1)


def test_there_are_never_fewer_than_are_taken():
    shift = ShiftFactory(places=3)
    for _ in range(2):
        join(shift, WorkerFactory())
    with pytest.raises(Invalid) as refused:
        change(shift, 1)
    assert (refused.value.fields, refused.value.data) == ({"places": ["below_taken"]}, {"taken": 2})
    assert change(shift, 2).left == 0


@pytest.mark.parametrize("places", [0, -1, 1001])
def test_an_odd_number_is_refused(places):
    with pytest.raises(Invalid) as refused:
        change(ShiftFactory(), places)
    assert refused.value.fields == {"places": ["bad_places"]}


def test_what_is_over_or_has_begun_stays():
    with pytest.raises(Conflict) as refused:
        change(ShiftFactory(task__status=TaskStatus.CLOSED), 5)
    assert refused.value.code == "wrong_status"
    shift = ShiftFactory()
    with pytest.raises(Conflict) as refused:
        change(shift, 5, now=shift.starts_at)
    assert refused.value.code == "shift_has_begun"


def test_a_dispatcher_of_the_branch_alone_may():
    shift = ShiftFactory()
    for actor, error in [
        (STRANGER, NotFound),
        (acting.worker(WorkerFactory().user), NotFound),
        (acting.officer(OfficerFactory()), NotFound),
        (acting.officer(OfficerFactory(union=shift.task.union, role=Role.VIEWER)), Forbidden),
    ]:
        with pytest.raises(error):
            change(shift, 9, actor=actor)
    shift.refresh_from_db()
    assert shift.places == 2
