"""Every page of the back office opens, for administrators alone."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mobilize.accounts.models import User
from mobilize.campaigns.models import Campaign
from mobilize.dispatch import services as dispatch
from mobilize.signups.models import SignupGroup
from tests import acting
from tests.factories import (
    CampaignFactory,
    FleetFactory,
    OfficerFactory,
    PartnerFactory,
    ShiftFactory,
    TransportFactory,
    UserFactory,
    WorkerFactory,
)
from tests.signups.lists import bring

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def administrator(client):
    person = User.objects.create_superuser("13800000099", name="管理员")
    client.force_login(person)
    client.get(reverse("admin:index"))  # from now on she is known without a query
    return client


def rows():
    """Make at least one row of most models."""
    officer = OfficerFactory()
    task, fleet = TransportFactory(union=officer.union), FleetFactory(union=officer.union, drivers=2)
    (offer,) = dispatch.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    dispatch.accept(actor=acting.worker(fleet.leader), offer_id=offer.pk, vehicles=1, now=timezone.now())
    bring(ShiftFactory(), WorkerFactory(), 1, first=User.objects.count())
    PartnerFactory()
    acting.run_outbox()


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_the_first_page_opens(administrator):
    assert administrator.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_list_search_and_row_open_and_a_longer_list_costs_no_more_queries(administrator, model):
    counts = []
    for _ in range(2):
        rows()
        with CaptureQueriesContext(connection) as queries:
            assert administrator.get(address(model, "changelist")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert administrator.get(address(model, "changelist"), {"q": "晋"}).status_code == 200
    for row in model._default_manager.all()[:1]:
        assert administrator.get(address(model, "change", row.pk)).status_code == 200
    assert administrator.get(address(model, "add")).status_code in {200, 403}


@pytest.mark.parametrize("rights", [{}, {"is_staff": True}])
def test_others_see_nothing_of_it(client, rights):
    client.force_login(UserFactory(**rights))
    answer = client.get(reverse("admin:fleets_fleet_changelist"))
    assert answer.status_code in {302, 403}


def test_a_stranger_is_sent_to_the_officers_sign_in(client):
    assert client.get("/admin/login/")["Location"].startswith(reverse("account_login"))


def test_what_a_campaign_promises_about_places_is_set_here_and_groups_are_only_read(administrator):
    campaign = CampaignFactory()
    page = administrator.get(address(Campaign, "change", campaign.pk)).content.decode()
    for name in ("answer_hours", "withdraw_hours", "hotline"):
        assert f'name="{name}"' in page
    group = bring(ShiftFactory(), WorkerFactory(), 1)
    assert 'name="_save"' not in administrator.get(address(SignupGroup, "change", group.pk)).content.decode()
    assert administrator.get(address(SignupGroup, "add")).status_code == 403
