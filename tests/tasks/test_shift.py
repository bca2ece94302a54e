"""A shift lies within its task, at a post of the union's own line."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.errors import Invalid
from mobilize.tasks import services
from mobilize.tasks.models import Team
from mobilize.tasks.states import TaskStatus
from tests import acting
from tests.factories import DutyFactory, OfficerFactory, PostFactory, ShiftFactory, UnionFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def officer():
    return OfficerFactory(union__parent=UnionFactory())


def add(officer, task, post, *, starts_at=None, ends_at=None):
    starts_at = starts_at or task.starts_at
    return services.add_shift(
        actor=acting.officer(officer),
        task_id=task.pk,
        post_id=post.pk,
        starts_at=starts_at,
        ends_at=ends_at or starts_at + HOUR,
        places=2,
        now=timezone.now(),
    )


def refused(*args, **more):
    with pytest.raises(Invalid) as caught:
        add(*args, **more)
    return caught.value


def test_a_post_of_the_unions_own_line_is_filled_and_another_unions_is_not(officer):
    task, union = DutyFactory(union=officer.union), officer.union
    below, beside = UnionFactory(parent=union), UnionFactory(parent=union.parent)
    team = Team.objects.create(campaign=task.campaign, union=union, name="转运专班")
    for owner in (union, union.parent, below):
        assert add(officer, task, PostFactory(site__union=owner)).task == task
    assert add(officer, task, PostFactory(site__union=beside, team=team)).task == task
    assert refused(officer, task, PostFactory(site__union=beside)).fields == {"post_id": ["others_post"]}


def test_a_shift_outside_of_its_tasks_time_is_refused_beside_the_time(officer):
    task, post = DutyFactory(union=officer.union), PostFactory(site__union=officer.union)
    late = refused(officer, task, post, starts_at=task.ends_at - HOUR, ends_at=task.ends_at + HOUR)
    assert late.fields == {"ends_at": ["outside_task"]}
    assert late.data["task_ends_at"] == task.ends_at.isoformat()
    early = refused(officer, task, post, starts_at=task.starts_at - HOUR, ends_at=task.starts_at + HOUR)
    assert early.fields == {"starts_at": ["outside_task"]}
    assert add(officer, task, post, starts_at=task.ends_at - HOUR, ends_at=task.ends_at)


def test_who_holds_the_post_at_that_time_is_named(officer):
    post = PostFactory(site__union=officer.union)
    task = DutyFactory(union=officer.union)
    ShiftFactory(post=post, starts_at=task.starts_at, task__union=officer.union.parent)
    error = refused(officer, task, post)
    assert (error.fields, error.data["union"]) == ({"starts_at": ["shift_exists"]}, officer.union.parent.name)


def test_a_drafts_times_leave_none_of_its_shifts_out(officer):
    task = DutyFactory(union=officer.union, status=TaskStatus.DRAFT)
    shift = ShiftFactory(task=task)
    given = {"actor": acting.officer(officer), "task_id": task.pk, "now": timezone.now()}
    with pytest.raises(Invalid) as caught:
        services.change_task(**given, ends_at=shift.ends_at - HOUR)
    assert caught.value.fields == {"ends_at": ["leaves_shifts_out"]}
    assert services.change_task(**given, ends_at=shift.ends_at).ends_at == shift.ends_at
