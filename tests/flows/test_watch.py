"""The dispatch board in the browser: it follows what happens, and says so when it cannot."""

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from mobilize.dispatch import services
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory
from tests.flows.conftest import DESK
from tests.frontend.conftest import BACKEND, show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_board_follows_and_a_stale_one_says_so(open_context, client, live_server):
    officer = OfficerFactory()
    task = TransportFactory(union=officer.union)
    fleet = FleetFactory(union=officer.union, drivers=3)
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "password", "mfa")
    context = open_context(viewport=DESK)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/desk/tasks/{task.pk}/")

    with page.expect_response(lambda answer: answer.status == 304):
        pass
    expect(page.get_by_text("连接中断")).to_be_hidden()
    services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    expect(page.get_by_role("link", name=fleet.name)).to_be_visible(timeout=15_000)

    context.set_offline(True)
    expect(page.get_by_text("连接中断")).to_be_visible(timeout=15_000)
    context.set_offline(False)
    expect(page.get_by_text("连接中断")).to_be_hidden(timeout=15_000)
