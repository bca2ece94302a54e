from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from mobilize.channels import budget
from mobilize.channels import services as channels
from mobilize.channels.models import Delivery
from mobilize.reminders.models import Broadcast, Call
from mobilize.unions.states import Role
from tests import acting
from tests.factories import CampaignFactory, OfficerFactory, UserFactory, WorkerFactory
from tests.frontend.conftest import BACKEND, htmx, show

pytestmark = pytest.mark.django_db


def sit_down(client, held):
    """Let an officer sign in at the desk."""
    client.force_login(held.user, BACKEND)
    show(client, held.user, "password", "mfa")


@pytest.fixture
def dispatcher(client):
    held = OfficerFactory(role=Role.DISPATCHER)
    sit_down(client, held)
    return held


def write_to(user, union, *, lost=False, **more):
    """Write a message to a person in a union's name and let it leave; a lost one comes too late."""
    now = timezone.now()
    draft = channels.Draft(
        **{
            "kind": "hour_before",
            "phone": str(user.phone),
            "body": "1 小时后上岗",
            "subject_id": uuid4(),
            "recipient_id": user.pk,
            "union_id": union.pk,
            "due_at": now,
            "expires_at": now if lost else now + timedelta(hours=1),
        }
        | more
    )
    with transaction.atomic():
        message = channels.queue(draft, now=now)
    acting.send_messages(now=timezone.now())
    return message


def test_the_desk_shows_what_was_sent_to_whom_and_whether_it_arrived(client, dispatcher):
    people = [UserFactory(name=name) for name in ("王芳", "李强")]
    for person in people:
        write_to(person, dispatcher.union)
    write_to(UserFactory(name="赵别处"), WorkerFactory().union)
    page = client.get(reverse("desk_messages")).content.decode()
    assert all(person.name in page for person in people)
    assert "赵别处" not in page
    assert str(people[0].phone) not in page
    found = client.get(reverse("desk_messages"), {"search": str(people[0].phone)[-4:]}).content.decode()
    assert ("王芳" in found, "李强" in found) == (True, False)
    for digits, is_found in ((5, False), (11, True)):  # digit by digit a masked number could be found out
        page = client.get(reverse("desk_messages"), {"search": str(people[0].phone)[-digits:]}).content.decode()
        assert ("王芳" in page) == is_found
    assert (
        "王芳"
        not in client.get(reverse("desk_messages"), {"status": "failed"}, headers=htmx("results")).content.decode()
    )


def test_codes_and_links_of_people_are_nobodys_to_read(client, dispatcher):
    message = write_to(UserFactory(), dispatcher.union, secret=True)
    assert client.get(reverse("desk_message", args=[message.pk])).status_code == 404


def test_who_was_not_reached_is_called_until_somebody_answers(client, dispatcher):
    person = UserFactory(name="王芳")
    message = write_to(person, dispatcher.union, lost=True)
    write_to(UserFactory(name="李强"), dispatcher.union)
    page = client.get(reverse("desk_calls")).content.decode()
    assert ("王芳" in page, "李强" in page, f"tel:{person.phone}" in page) == (True, False, True)
    client.post(reverse("desk_called", args=[message.pk]), {"outcome": "no_answer"})
    assert "王芳" in client.get(reverse("desk_calls")).content.decode()
    client.post(reverse("desk_called", args=[message.pk]), {"outcome": "reached"})
    assert "王芳" not in client.get(reverse("desk_calls")).content.decode()
    assert list(Call.objects.order_by("created_at").values_list("outcome", "by")) == [
        ("no_answer", dispatcher.user_id),
        ("reached", dispatcher.user_id),
    ]


def test_a_viewer_sees_the_list_without_numbers_and_another_branch_nothing(client):
    viewer = OfficerFactory(role=Role.VIEWER)
    message = write_to(UserFactory(name="王芳"), viewer.union, lost=True)
    sit_down(client, viewer)
    page = client.get(reverse("desk_calls")).content.decode()
    assert ("王芳" in page, "tel:" in page) == (True, False)
    assert client.post(reverse("desk_called", args=[message.pk]), {"outcome": "reached"}).status_code == 403
    sit_down(client, OfficerFactory(role=Role.ADMIN))
    assert client.get(reverse("desk_message", args=[message.pk])).status_code == 404
    assert client.post(reverse("desk_called", args=[message.pk]), {"outcome": "reached"}).status_code == 404
    assert not Call.objects.exists()


def test_i_see_what_i_was_told_and_nothing_of_others(client):
    me = WorkerFactory()
    write_to(me.user, me.union, body="给我的")
    write_to(UserFactory(), me.union, body="给别人的")
    client.force_login(me.user, BACKEND)
    page = client.get(reverse("my_messages")).content.decode()
    assert ("给我的" in page, "给别人的" in page) == (True, False)


def test_an_administrator_writes_looks_at_the_cost_sends_and_pauses(client):
    admin = OfficerFactory(role=Role.ADMIN)
    people = [WorkerFactory(union=admin.union) for _ in range(2)]
    sit_down(client, admin)
    form = {"union": str(admin.union_id), "audience": "branch", "text": "明早请戴口罩。"}
    assert client.post(reverse("desk_broadcast_new"), form | {"text": ""}).status_code == 422
    made = client.post(reverse("desk_broadcast_new"), form)
    assert "2" in client.get(made.url).content.decode()
    assert not Delivery.objects.exists()
    row = Broadcast.objects.get()
    client.post(reverse("desk_broadcast_move", args=[row.pk, "start"]))
    client.post(reverse("desk_broadcast_move", args=[row.pk, "pause"]))
    assert client.post(reverse("desk_broadcast_move", args=[row.pk, "start"])).status_code == 409
    assert client.post(reverse("desk_broadcast_move", args=[row.pk, "burn"])).status_code == 404
    client.post(reverse("desk_broadcast_move", args=[row.pk, "resume"]))
    row.refresh_from_db()
    assert (row.status, row.people) == ("sending", len(people))


def test_a_dispatcher_may_not_write_to_many(client, dispatcher):
    form = {"union": str(dispatcher.union_id), "audience": "branch", "text": "你好"}
    assert client.get(reverse("desk_broadcast_new")).status_code == 403
    assert client.post(reverse("desk_broadcast_new"), form).status_code == 403
    assert not Broadcast.objects.exists()


def test_an_administrator_caps_what_a_campaign_costs_and_a_dispatcher_may_not(client):
    admin = OfficerFactory(role=Role.ADMIN)
    campaign = CampaignFactory(union=admin.union)
    sit_down(client, admin)
    page = reverse("desk_budget", args=[campaign.pk])
    assert client.post(page, {"yuan": "-1"}).status_code == 422
    assert client.post(page, {"yuan": "many"}).status_code == 422
    assert budget.left_of_campaign(campaign.pk) is None
    client.post(page, {"yuan": "500"})
    assert budget.left_of_campaign(campaign.pk) == 400_000  # of 500 yuan, a fifth is not for bulk messages
    assert "500.00" in client.get(reverse("desk_budgets")).content.decode()
    client.post(page, {"yuan": ""})
    assert budget.left_of_campaign(campaign.pk) is None
    sit_down(client, OfficerFactory(role=Role.ADMIN))
    assert client.post(page, {"yuan": "1"}).status_code == 404
    sit_down(client, OfficerFactory(union=admin.union, role=Role.DISPATCHER))
    assert client.post(page, {"yuan": "1"}).status_code == 403


def test_in_quiet_hours_the_page_says_when_a_bulk_message_leaves(client, settings):
    settings.QUIET_HOURS = (time(0, 0), time(23, 59, 59))
    admin = OfficerFactory(role=Role.ADMIN)
    sit_down(client, admin)
    form = {"union": str(admin.union_id), "audience": "branch", "text": "你好"}
    calm, urgent = (client.post(reverse("desk_broadcast_new"), form | more).url for more in ({}, {"urgent": "on"}))
    said = ["免打扰" in client.get(page).content.decode() for page in (calm, urgent)]
    assert said == [True, False]
