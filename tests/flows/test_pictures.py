"""The README's pictures, taken of the demonstration's city: `UPDATE_PICTURES=1 pytest tests/flows/test_pictures.py`."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Page

from mobilize.accounts.models import User
from mobilize.tasks.models import Task
from tests.flows.conftest import DESK
from tests.frontend.conftest import BACKEND, show

PICTURES = Path(settings.ROOT) / "docs" / "images"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(os.environ.get("UPDATE_PICTURES") != "1", reason="only renews the README's pictures"),
]


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def test_the_readmes_pictures(open_context, client, live_server):
    call_command("seed")
    phone = open_context(is_mobile=True, has_touch=True).new_page()
    phone.goto("/")
    picture(phone, "phone")

    officer = User.objects.get(phone="+8619900000001")
    client.force_login(officer, BACKEND)
    show(client, officer, "password", "mfa")
    desk = open_context(viewport=DESK)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    desk.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = desk.new_page()
    task = Task.objects.filter(kind="transport", status="published").order_by("-urgency").first()
    page.goto(f"/desk/tasks/{task.pk}/")
    picture(page, "desk")
