"""When codes cost a proof of work, the form comes back with the work in it, and nothing typed is lost."""

import html
import json
import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from mobilize.accounts import code_limits
from mobilize.accounts.models import Challenge
from tests.accounts.test_prove_work import solved
from tests.factories import ShiftFactory
from tests.frontend.conftest import htmx

pytestmark = pytest.mark.django_db
PHONE = "138 0000 0001"


def crowd():
    """Let this address have used its free codes up."""
    cache.set(code_limits._shared("+8613800000001", "127.0.0.1")[0].key, 20, 300)


def proof_for(answer):
    challenge = re.search(r'data-proof="([^"]+)"', answer.content.decode())[1]
    return solved(json.loads(html.unescape(challenge)))


@pytest.mark.parametrize("headers", [{}, htmx("sheet")])
@pytest.mark.parametrize("page", ["sign_in", "join"])
def test_the_form_comes_back_with_the_work_and_goes_through_with_the_proof(client, page, headers):
    crowd()
    url = reverse("join", args=[ShiftFactory().pk]) if page == "join" else reverse(page)
    typed = {"phone": PHONE, "accept": "on"}
    asked = client.post(url, typed, headers=headers)
    assert asked.status_code == 429
    assert f'value="{PHONE}"' in asked.content.decode()
    assert "请 5 分钟后再试" in asked.content.decode()
    done = client.post(url, typed | {"proof": proof_for(asked)}, headers=headers)
    goes = " ".join(done.headers.get(name, "") for name in ("Location", "HX-Redirect", "HX-Location"))
    assert reverse("code" if page == "sign_in" else "join_code") in goes
    assert Challenge.objects.count() == 1


def test_another_code_costs_the_same(client):
    client.post(reverse("sign_in"), {"phone": PHONE})
    Challenge.objects.update(created_at="2022-11-01T00:00Z")
    crowd()
    asked = client.post(reverse("resend"))
    assert asked.status_code == 429
    assert client.post(reverse("resend"), {"proof": proof_for(asked)})["Location"] == reverse("code")


def test_the_script_is_loaded_only_when_there_is_work(client):
    assert "proof.js" not in client.get(reverse("sign_in")).content.decode()
