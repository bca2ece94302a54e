from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound
from mobilize.tasks import services
from mobilize.tasks.states import TaskStatus
from mobilize.unions.states import Role
from tests import acting
from tests.factories import CampaignFactory, DutyFactory, OfficerFactory, PostFactory, SiteFactory, TransportFactory

pytestmark = pytest.mark.django_db


def create(officer, **more):
    CampaignFactory()
    now = timezone.now()
    given = {
        "actor": acting.officer(officer),
        "union_id": officer.union_id,
        "kind": "transport",
        "title": "转运旅客",
        "site_id": SiteFactory().pk,
        "destination_id": SiteFactory().pk,
        "starts_at": now + timedelta(hours=1),
        "ends_at": now + timedelta(hours=4),
        "vehicles_needed": 40,
        "cargo": "passengers",
        "now": now,
    }
    return services.create_task(**(given | more))


def test_a_task_begins_as_a_draft_and_opens_once():
    officer = OfficerFactory()
    task = create(officer)
    assert task.status == TaskStatus.DRAFT
    published = services.publish(actor=acting.officer(officer), task_id=task.pk, now=timezone.now())
    assert published.status == TaskStatus.PUBLISHED
    with pytest.raises(Conflict):
        services.publish(actor=acting.officer(officer), task_id=task.pk, now=timezone.now())


def test_every_wrong_field_is_named_at_once():
    now = timezone.now()
    with pytest.raises(Invalid) as refused:
        create(
            OfficerFactory(),
            title="",
            site_id=None,
            destination_id=None,
            starts_at=now,
            ends_at=now - timedelta(hours=1),
            vehicles_needed=0,
            cargo="gold",
            urgency=9,
        )
    assert refused.value.fields == {
        "title": ["required"],
        "urgency": ["unknown_choice"],
        "site_id": ["required"],
        "ends_at": ["in_the_past"],
        "vehicles_needed": ["bad_vehicle_count"],
        "destination_id": ["required"],
        "cargo": ["unknown_choice"],
    }


def test_a_mistyped_year_is_refused():
    far = timezone.now() + timedelta(days=800)
    with pytest.raises(Invalid) as refused:
        create(OfficerFactory(), starts_at=far, ends_at=far + timedelta(hours=1))
    assert refused.value.fields == {"starts_at": ["too_far_ahead"]}


def test_a_published_task_keeps_its_times_but_may_need_more_vehicles():
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union, vehicles_needed=2, vehicles_accepted=2, status=TaskStatus.FULFILLED)
    actor = acting.officer(officer)
    with pytest.raises(Conflict) as refused:
        services.change_task(
            actor=actor, task_id=task.pk, now=timezone.now(), ends_at=task.ends_at + timedelta(hours=1)
        )
    assert refused.value.data["fields"] == ["ends_at"]
    changed = services.change_task(actor=actor, task_id=task.pk, now=timezone.now(), vehicles_needed=3)
    changed.refresh_from_db()
    assert (changed.vehicles_needed, changed.status) == (3, TaskStatus.PUBLISHED)
    changed = services.change_task(actor=actor, task_id=task.pk, now=timezone.now(), vehicles_needed=2)
    changed.refresh_from_db()
    assert (changed.vehicles_needed, changed.status) == (2, TaskStatus.FULFILLED)
    with pytest.raises(Invalid) as refused_value:
        services.change_task(actor=actor, task_id=task.pk, now=timezone.now(), vehicles_needed=1)
    assert refused_value.value.fields == {"vehicles_needed": ["below_accepted"]}


def test_a_shift_is_added_to_a_duty_task_once_per_post_and_time():
    officer = OfficerFactory()
    task, post = DutyFactory(union=officer.union), PostFactory(site__union=officer.union)
    given = {
        "actor": acting.officer(officer),
        "task_id": task.pk,
        "post_id": post.pk,
        "starts_at": task.starts_at,
        "ends_at": task.starts_at + timedelta(hours=4),
        "places": 20,
        "now": timezone.now(),
    }
    assert services.add_shift(**given).places == 20
    with pytest.raises(Invalid) as refused:
        services.add_shift(**given)
    assert refused.value.fields == {"starts_at": ["shift_exists"]}
    with pytest.raises(Conflict):
        services.add_shift(**(given | {"task_id": TransportFactory(union=officer.union).pk}))


def test_a_viewer_may_not_and_another_branch_finds_nothing():
    with pytest.raises(Forbidden):
        create(OfficerFactory(role=Role.VIEWER))
    with pytest.raises(NotFound):
        services.publish(
            actor=acting.officer(OfficerFactory()),
            task_id=TransportFactory(status=TaskStatus.DRAFT).pk,
            now=timezone.now(),
        )
