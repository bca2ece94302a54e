"""What was typed survives an expired session and an outdated token."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import SiteFactory
from tests.frontend.conftest import BACKEND, htmx, show

TYPED = {"name": "赵“一”", "skills": ["driving", "nursing"], "code": "123456", "password": "s3cret"}


@pytest.fixture
def strict(worker):
    """A client of a signed-in worker whose forms need their token, as in life."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(worker.user, BACKEND)
    return client


def test_an_expired_session_keeps_a_plain_form_until_its_sender_has_signed_in(client, worker):
    answer = client.post(reverse("profile"), TYPED)
    assert (answer.status_code, answer["Location"]) == (303, "/sign-in/?next=%2Fagain%2F")
    client.force_login(worker.user, BACKEND)
    page = client.get(reverse("again")).content.decode()
    assert f'action="{reverse("profile")}"' in page
    assert 'name="name" value="赵“一”"' in page
    assert re.findall(r'name="skills" value="(\w+)"', page) == ["driving", "nursing"]
    assert "123456" not in page
    assert "s3cret" not in page


def test_what_was_kept_is_dropped_once_it_is_sent(client, worker):
    client.post(reverse("profile"), TYPED)
    client.force_login(worker.user, BACKEND)
    client.post(reverse("profile"), {"name": "赵一", "union": str(worker.union_id)})
    assert "请关闭本页" in client.get(reverse("again")).content.decode()


def test_an_officers_draft_comes_back_after_password_and_second_factor(client, officer):
    SiteFactory(union=officer.union)
    url = reverse("desk_task_new", args=["duty"])
    assert client.post(url, {"title": "写了很久"})["Location"] == "/accounts/login/?next=%2Fagain%2F"
    client.force_login(officer.user, BACKEND)
    show(client, officer.user, "password", "mfa")
    assert "写了很久" in client.get(reverse("again")).content.decode()
    assert client.post(url, {"title": "写了很久"}).status_code == 422


def test_nobody_reads_what_was_kept_before_signing_in(client, db):
    client.post(reverse("profile"), TYPED)
    assert client.get(reverse("again")).status_code == 303


@pytest.mark.parametrize("method", ["post", "get"])
def test_over_htmx_an_expired_session_leaves_the_page_and_says_where_to_sign_in(client, db, method):
    headers = htmx("sheet") | {"HX-Trigger-Name": "union_search"}
    answer = getattr(client, method)(reverse("profile"), TYPED, headers=headers)
    assert answer.status_code == 403
    assert answer["HX-Retarget"] == "#flash"
    assert 'target="_blank"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert "HX-Redirect" not in answer


def test_over_htmx_an_outdated_token_gets_a_message_and_a_fresh_token_that_works(strict, worker):
    form = {"name": "赵一", "union": str(worker.union_id), "csrfmiddlewaretoken": "x" * 64}
    answer = strict.post(reverse("profile"), form, headers=htmx("sheet"))
    assert answer.status_code == 403
    assert answer["HX-Retarget"] == "#flash"
    assert "<html" not in answer.content.decode()
    form["csrfmiddlewaretoken"] = json.loads(answer["HX-Trigger"])["token"]["value"]
    assert strict.post(reverse("profile"), form, headers=htmx("sheet")).status_code == 200
    worker.user.refresh_from_db()
    assert worker.user.name == "赵一"


def test_a_plain_form_with_an_outdated_token_is_shown_to_be_sent_again(strict):
    answer = strict.post(reverse("profile"), TYPED, headers={"Origin": "http://testserver"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert 'name="name" value="赵“一”"' in page
    assert "s3cret" not in page


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://example.org"}, {"Origin": "null"}])
def test_a_form_of_another_site_is_not_offered_to_be_sent(strict, headers):
    answer = strict.post(reverse("profile"), TYPED, headers=headers)
    assert answer.status_code == 403
    assert "赵" not in answer.content.decode()
