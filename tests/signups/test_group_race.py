"""Two groups of six at once on eight places, over HTTP, against the server of production."""

from functools import partial

import pytest

from mobilize.signups.models import Signup
from mobilize.signups.states import TAKING_A_PLACE
from tests import acting
from tests.factories import ShiftFactory, WorkerFactory
from tests.serving import call

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def rush(port, number):
    """Both leaders send their lists at the same instant; returns the shift and the statuses within each group."""
    shift = ShiftFactory(places=8)
    calls = [
        partial(
            call,
            port,
            "POST",
            f"/api/v1/shifts/{shift.pk}/groups/",
            {
                "name": f"{leader}车间",
                "members": [{"name": "李英", "phone": f"1380{number:03}{leader}{n:03}"} for n in range(5)],
                "accepts_covenant": True,
            },
            acting.bearer(WorkerFactory().user),
        )
        for leader in range(2)
    ]
    answers = acting.at_once(calls)
    assert [status for status, _ in answers] == [201, 201]
    return shift, [{member["status"] for member in body["members"]} for _, body in answers]


def holding(shift):
    return Signup.objects.filter(shift=shift, status__in=TAKING_A_PLACE).count()


def test_one_is_confirmed_whole_and_one_waits_whole(server):
    for number in range(ROUNDS):
        shift, groups = rush(server, number)
        assert sorted(map(sorted, groups)) == [["confirmed"], ["waitlisted"]]
        shift.refresh_from_db()
        assert (shift.taken, shift.waiting, holding(shift)) == (6, 6, 6)


def test_without_the_lock_both_are_confirmed_on_the_same_places(unguarded_server):
    assert any(holding(rush(unguarded_server, number)[0]) > 8 for number in range(20))
