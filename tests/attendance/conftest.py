from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import OfficerFactory, ShiftFactory, SignupFactory, TeamFactory, WorkerFactory


@pytest.fixture
def start():
    return timezone.now().replace(second=0, microsecond=0)


@pytest.fixture
def officer(db):
    return OfficerFactory()


@pytest.fixture
def shift(officer, start):
    """Six hours from now on, at a post with a team."""
    team = TeamFactory(union=officer.union, leader=WorkerFactory())
    return ShiftFactory(
        task__union=officer.union,
        task__starts_at=start - timedelta(days=1),
        starts_at=start,
        places=20,
        post__team=team,
    )


@pytest.fixture
def leader(shift):
    return shift.post.team.leader


@pytest.fixture
def signup(shift):
    return SignupFactory(shift=shift)
