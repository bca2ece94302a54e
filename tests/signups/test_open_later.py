"""Sign-up that opens at a stated time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.errors import Conflict, Invalid
from mobilize.signups import groups
from mobilize.tasks.services import add_shift
from tests import acting
from tests.factories import DutyFactory, OfficerFactory, PostFactory, ShiftFactory, WorkerFactory
from tests.signups.lists import bring, people
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_nobody_gets_in_before_and_everybody_from_that_moment_on():
    opens = timezone.now() + HOUR
    shift = ShiftFactory(opens_at=opens, places=5)
    officer = acting.officer(OfficerFactory(union=shift.task.union))
    early = opens - timedelta(microseconds=1)

    def ways(now):
        return [
            lambda: join(shift, WorkerFactory(), now=now),
            lambda: bring(shift, WorkerFactory(), 1, now=now),
            lambda: groups.enrol(
                actor=officer, shift_id=shift.pk, members=people(1, 50), accepts_covenant=True, now=now
            ),
        ]

    for way in ways(early):
        with pytest.raises(Conflict) as refused:
            way()
        assert (refused.value.code, refused.value.data) == ("not_open_yet", {"opens_at": opens.isoformat()})
    for way in ways(opens):
        way()
    assert shift.signups.count() == 4


def add(opens_at):
    officer, now = OfficerFactory(), timezone.now()
    task = DutyFactory(union=officer.union)
    starts_at = now + 24 * HOUR
    return add_shift(
        actor=acting.officer(officer),
        task_id=task.pk,
        post_id=PostFactory(site__union=officer.union).pk,
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        places=3,
        opens_at=opens_at and starts_at + opens_at,
        now=now,
    )


def test_a_shift_opens_before_its_start_or_at_once():
    assert add(None).opens_at is None
    shift = add(-HOUR)
    assert shift.opens_at == shift.starts_at - HOUR
    with pytest.raises(Invalid) as refused:
        add(timedelta(microseconds=1))
    assert refused.value.fields == {"opens_at": ["opens_after_start"]}
