"""Signing up strangers, or trying out whose a number is, meets limits by worker, by range of numbers, and for all."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.errors import TooMany
from mobilize.core.limits import Limit, spend
from mobilize.signups import group_limits, groups
from mobilize.tasks.models import Team
from mobilize.workers.enrolment import PersonLine
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, WorkerFactory
from tests.signups.lists import bring, people
from tests.signups.test_group import refused
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db
RANGE, OTHER_RANGE = "+861380000", 10_000  # of the numbers of `people(first=0)`, and the first of another


@pytest.fixture
def shift():
    return ShiftFactory(places=90)


@pytest.fixture
def leader():
    return WorkerFactory()


def used(what, subject, tries):
    """Let a limit have counted so many."""
    limit = Limit(what=what, subject=subject, most=tries, window=timedelta(hours=1), cost=tries)
    spend([limit], code="test")


def too_fast(call):
    with pytest.raises(TooMany) as caught:
        call()
    assert 3500 < caught.value.data["retry_after"] <= 3600
    return caught.value.code


def enrol(actor, shift, lines):
    return groups.enrol(actor=actor, shift_id=shift.pk, members=lines, accepts_covenant=True, now=timezone.now())


def team_leader_of(shift):
    shift.post.team = Team.objects.create(
        campaign=shift.task.campaign, union=shift.task.union, name="专班", leader=WorkerFactory()
    )
    shift.post.save()
    return acting.worker(shift.post.team.leader.user)


def desk_of(shift):
    return acting.officer(OfficerFactory(union=shift.task.union))


def test_a_worker_brings_ten_groups_an_hour_refused_ones_counted(leader):
    shift = ShiftFactory(places=1)
    for _ in range(group_limits.MOST_GROUPS):
        refused(shift, leader, 2)
    assert too_fast(lambda: bring(shift, leader, 2)) == "groups_too_fast"


def test_people_of_one_range_are_counted_one_by_one_whoever_brings_them(shift, leader):
    used("people-range", RANGE, group_limits.MOST_IN_A_RANGE - 3)
    bring(shift, leader, 3)
    assert too_fast(lambda: bring(shift, WorkerFactory(), 1, first=3)) == "people_too_fast"
    assert bring(shift, WorkerFactory(), 1, first=OTHER_RANGE).signups.count() == 2


def test_a_full_range_stops_the_leader_of_a_team_but_no_desk(shift):
    used("people-range", RANGE, group_limits.MOST_IN_A_RANGE)
    assert too_fast(lambda: enrol(team_leader_of(shift), shift, people(1))) == "people_too_fast"
    assert len(enrol(desk_of(shift), shift, people(1))) == 1


@pytest.mark.parametrize("who", ["workers", "desks"])
def test_an_hours_budget_that_workers_used_up_leaves_the_desks_theirs_and_the_other_way_round(shift, leader, who):
    used("people", who, group_limits.MOST_PEOPLE)
    by_worker, at_desk = lambda: bring(shift, leader, 1), lambda: enrol(desk_of(shift), shift, people(1, first=9))
    full, free = (by_worker, at_desk) if who == "workers" else (at_desk, by_worker)
    assert too_fast(full) == "people_too_fast"
    assert free()


def test_beyond_the_limit_nothing_is_told_about_a_number_any_more(shift):
    member = WorkerFactory(user__phone="+8613800000001")
    join(shift, member)
    used("people-range", RANGE, group_limits.MOST_IN_A_RANGE)
    line = PersonLine(name=member.user.name, phone="13800000001")
    assert too_fast(lambda: enrol(team_leader_of(shift), shift, [line])) == "people_too_fast"
