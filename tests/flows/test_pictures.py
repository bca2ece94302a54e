"""The pictures of the documents: the README's, of the demonstration, and docs/phone.md with every page of a phone.

They are renewed by `UPDATE_PICTURES=1 pytest tests/flows/test_pictures.py`.
"""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Page

from mobilize.accounts.models import User
from tests.flows.conftest import DESK
from tests.flows.pages import lived_in
from tests.frontend.conftest import BACKEND, show

DOCS = Path(settings.ROOT) / "docs"
PICTURES, DOCUMENT = DOCS / "images", DOCS / "phone.md"
INTRODUCTION = """# Every page of a phone

At 360 x 740 in Chinese: what everybody sees, then what a worker who leads a team and a fleet sees. Everybody there
is invented. Made by `UPDATE_PICTURES=1 pytest tests/flows/test_pictures.py`; do not edit.

| page | |
| --- | --- |
"""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(os.environ.get("UPDATE_PICTURES") != "1", reason="only renews pictures"),
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
    page.goto("/desk/dispatch/")
    picture(page, "desk")


def test_every_page_of_a_phone(open_context, client, live_server):
    pages, rows = lived_in(), []
    folder = PICTURES / "phone"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jpg"):
        old.unlink()
    for who in ("stranger", "worker"):
        context = open_context(is_mobile=True, has_touch=True)
        if who in pages["people"]:
            client.force_login(pages["people"][who], BACKEND)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        for path in pages[who]:
            if not page.goto(path).headers["content-type"].startswith("text/html"):
                continue
            name = f"{len(rows) + 1:02}.jpg"
            page.screenshot(path=folder / name, type="jpeg", quality=70)
            rows.append((page.title().rsplit(" - ", 1)[0], name))
    written = [
        f"| {number}. {title} | ![{title}](images/phone/{name}) |" for number, (title, name) in enumerate(rows, 1)
    ]
    DOCUMENT.write_text(INTRODUCTION + "\n".join(written) + "\n")
    assert len(rows) > 40
