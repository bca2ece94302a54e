"""A driver who never signed in answers by the link in the message."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mobilize.dispatch import services
from mobilize.dispatch.models import Trip
from mobilize.dispatch.states import UNDO_WITHIN
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, SiteFactory, TransportFactory
from tests.flows.conftest import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def path():
    officer = OfficerFactory()
    task = TransportFactory(
        union=officer.union,
        title="机场旅客转运",
        site=SiteFactory(name="太原武宿国际机场", address="小店区机场路199号"),
        destination=SiteFactory(name="隔离酒店", address="迎泽区并州北路11号"),
        vehicles_needed=1,
        description="请走T2到达层。",
    )
    driver = FleetFactory(union=officer.union, drivers=1).drivers.get()
    services.offer(actor=acting.officer(officer), task_id=task.pk, driver_ids=[driver.pk], now=timezone.now())
    acting.run_outbox(after=UNDO_WITHIN + timedelta(seconds=1))
    return re.search(r"/o/[-\w.]+/", acting.messages_to(driver.worker.user)[0])[0]


def test_one_tap_on_the_link_accepts(phone, path, seen):
    phone.goto(path)
    seen(phone, "8-link-offer")
    press(phone, "接单")
    expect(phone.get_by_text("您已承诺 1 辆车")).to_be_visible()
    seen(phone, "8-link-accepted")
    assert Trip.objects.count() == 1
    phone.goto("/o/broken/")
    expect(phone.get_by_role("link", name="查看我的全部派单")).to_be_visible()
    seen(phone, "8-link-broken")
