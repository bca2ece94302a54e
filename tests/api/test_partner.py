from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.core.models import IdempotentRequest
from mobilize.dispatch.models import Offer
from mobilize.tasks.models import Task
from tests.api.conftest import Api, partner_token
from tests.factories import CampaignFactory, FleetFactory, PartnerFactory, ShiftFactory, SiteFactory, TransportFactory


@pytest.fixture
def task_body(db):
    CampaignFactory()
    start = timezone.now() + timedelta(hours=2)
    return {
        "kind": "transport",
        "title": "运送核酸采样人员",
        "site_id": str(SiteFactory().pk),
        "destination_id": str(SiteFactory().pk),
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=3)).isoformat(),
        "vehicles_needed": 40,
        "cargo": "test_staff",
    }


def test_a_partner_posts_a_task_and_reads_its_state(partner, partner_api, task_body):
    made = partner_api.post("tasks/", task_body, key="task-1")
    assert made.status_code == 201
    read = partner_api.get(made["Location"].removeprefix("/api/v1/"))
    assert (read.json()["status"], read.json()["vehicles_left"]) == ("draft", 40)
    published = partner_api.post(f"tasks/{made.json()['id']}/publish/")
    assert published.json()["status"] == "published"
    assert Task.objects.get().created_by_client == partner.client_id


def test_the_same_key_gives_the_first_answer_again_and_makes_nothing_new(partner_api, task_body):
    first = partner_api.post("tasks/", task_body, key="task-1")
    again = partner_api.post("tasks/", task_body, key="task-1")
    assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
    assert again["Idempotency-Replayed"] == "true"
    assert Task.objects.count() == 1


def test_a_refusal_is_repeated_as_a_refusal(partner_api, task_body):
    del task_body["title"]
    answers = [partner_api.post("tasks/", task_body, key="bad") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[1]["Content-Type"] == "application/problem+json"


def test_the_same_key_for_another_request_is_refused(partner_api, task_body):
    partner_api.post("tasks/", task_body, key="task-1")
    other = partner_api.post("tasks/", task_body | {"title": "别的"}, key="task-1")
    assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")


def test_a_key_whose_request_is_still_running_is_a_conflict(partner_api, task_body):
    partner_api.post("tasks/", task_body, key="task-1")
    IdempotentRequest.objects.update(status=None)
    assert partner_api.post("tasks/", task_body, key="task-1").json()["code"] == "request_in_progress"


def test_two_partners_may_use_the_same_key(partner_api, task_body):
    other = Api({"Authorization": f"Bearer {partner_token(PartnerFactory()).json()['access_token']}"})
    assert [api.post("tasks/", task_body, key="task-1").status_code for api in (partner_api, other)] == [201, 201]


def test_a_partner_sees_its_own_branch_alone(partner_api):
    theirs = TransportFactory()
    assert partner_api.get("tasks/").json()["results"] == []
    assert partner_api.get(f"tasks/{theirs.pk}/").status_code == 404
    assert partner_api.post(f"tasks/{theirs.pk}/cancel/").status_code == 404


def test_a_partner_may_do_no_more_than_its_scopes(task_body):
    reader = PartnerFactory(allowed_scopes="tasks:read")
    TransportFactory(union=reader.union)
    api = Api({"Authorization": f"Bearer {partner_token(reader).json()['access_token']}"})
    assert len(api.get("tasks/").json()["results"]) == 1
    refused = api.post("tasks/", task_body)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_too_weak")
    assert partner_token(reader, scope="tasks:write").status_code == 400


def test_a_partner_has_no_me(partner_api):
    assert partner_api.get("me/").json()["code"] == "people_only"


def test_a_wrong_secret_gives_no_token(partner):
    assert partner_token(partner, secret="guessed").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[("get", "me/signups/"), ("get", "me/offers/"), ("get", "me/"), ("get", "me/export/")],
        *[("patch", "me/"), ("delete", "me/"), ("get", "signups/{shift}/"), ("post", "shifts/{shift}/signups/")],
        *[("post", "dispatch/offers/{offer}/accept/"), ("post", "dispatch/offers/{offer}/decline/")],
    ],
)
def test_what_a_person_does_is_forbidden_to_a_partner_everywhere(partner, partner_api, method, path):
    task, fleet = TransportFactory(union=partner.union), FleetFactory(drivers=1)
    offer = Offer.objects.create(task=task, fleet=fleet, vehicles_offered=1, expires_at=task.ends_at)
    path = path.format(shift=ShiftFactory().pk, offer=offer.pk)
    given = {"post": [{"vehicles": 1}], "patch": [{}]}.get(method, [])
    answer = getattr(partner_api, method)(path, *given)
    assert (answer.status_code, answer.json()["code"]) == (403, "people_only")
    assert getattr(Api(), method)(path, *given).json()["code"] == "not_authenticated"
