"""Who leads a team: labour models and craftsmen are proposed, verified ones alone."""

import pytest
from django.utils import timezone

from mobilize.core.errors import Forbidden, Invalid, NotFound
from mobilize.core.models import Transition
from mobilize.tasks.teams import appoint_leader, proposed
from mobilize.unions.states import Role
from tests import acting
from tests.factories import HonourFactory, OfficerFactory, TeamFactory, UnionFactory, WorkerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return OfficerFactory(role=Role.DISPATCHER)


@pytest.fixture
def team(officer):
    return TeamFactory(union=officer.union)


def honoured(union, status="verified", **more):
    verified = timezone.now() if status != "claimed" else None
    return HonourFactory(worker__union=union, status=status, verified_at=verified, **more).worker


def appoint(officer, team, **given):
    return appoint_leader(actor=acting.officer(officer), team_id=team.pk, now=timezone.now(), **given)


def test_verified_people_of_the_branch_are_proposed_the_highest_honour_first(team):
    below = UnionFactory(parent=team.union, level="district")
    city = honoured(below, level="city", year=2021)
    national = honoured(team.union, level="national", year=2001)
    HonourFactory(worker=national, level="city", year=1999, status="verified", verified_at=timezone.now())
    honoured(team.union, status="claimed", level="national")
    honoured(team.union, status="revoked", level="national")
    honoured(UnionFactory(), level="national")
    found = proposed(team)
    assert found == [national, city]
    assert [honour.year for honour in found[0].honours_shown] == [2001, 1999]


def test_one_of_those_proposed_is_appointed_with_a_trace_and_nobody_lets_her_go(officer, team):
    worker = honoured(team.union)
    assert appoint(officer, team, worker_id=worker.pk).leader == worker
    assert appoint(officer, team).leader is None
    traces = Transition.objects.filter(subject_id=team.pk).order_by("created_at").values_list("why", "by_user")
    assert list(traces) == [(str(worker.pk), officer.user_id), ("nobody", officer.user_id)]


def test_anybody_of_the_branch_is_appointed_by_her_number_in_any_spelling(officer, team):
    worker = WorkerFactory(union=team.union, user__phone="+8613800000001")
    assert appoint(officer, team, phone="138 0000 0001").leader == worker


@pytest.mark.parametrize(("typed", "code"), [("12", "bad_phone"), ("13900000009", "unknown_person")])
def test_a_wrong_number_is_refused_beside_the_field(officer, team, typed, code):
    WorkerFactory(user__phone="+8613900000009")  # of another branch
    with pytest.raises(Invalid) as refused:
        appoint(officer, team, phone=typed)
    assert refused.value.fields == {"phone": [code]}


def test_who_is_not_proposed_is_not_appointed_by_her_id(officer, team):
    with pytest.raises(Invalid):
        appoint(officer, team, worker_id=WorkerFactory(union=team.union).pk)


def test_a_viewer_may_not_and_a_stranger_does_not_find_the_team(team):
    with pytest.raises(Forbidden):
        appoint(OfficerFactory(union=team.union, role=Role.VIEWER), team)
    with pytest.raises(NotFound):
        appoint(OfficerFactory(role=Role.ADMIN), team)
