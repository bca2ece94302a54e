"""The elder version is one tap away on every page of volunteers, and one tap back."""

import re

import pytest
from django.urls import reverse

from tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db
KEPT_BY_ALL = "/"


def in_elder(client, path):
    return 'class="elder"' in client.get(path).content.decode()


def test_one_tap_leads_there_and_one_back_to_the_same_page(client):
    CampaignFactory()
    assert not in_elder(client, reverse("shifts"))
    answer = client.post(reverse("elder"), {"elder": "1", "next": "/shifts/?district=x"})
    assert answer["Location"] == "/shifts/?district=x"
    assert in_elder(client, reverse("shifts"))
    client.post(reverse("elder"), {"elder": "0", "next": "/"})
    assert not in_elder(client, reverse("shifts"))


def test_pages_that_are_kept_for_everybody_are_kept_for_each_version(client, django_assert_num_queries):
    CampaignFactory()
    assert not in_elder(client, KEPT_BY_ALL)
    usual = client.get(KEPT_BY_ALL)["ETag"]
    client.post(reverse("elder"), {"elder": "1", "next": "/"})
    assert in_elder(client, KEPT_BY_ALL)
    assert client.get(KEPT_BY_ALL)["ETag"] != usual
    with django_assert_num_queries(0):
        assert in_elder(client, KEPT_BY_ALL)
    client.cookies.clear()
    assert not in_elder(client, KEPT_BY_ALL)


def test_it_leads_to_no_other_site(client):
    for elsewhere in ("https://evil.example.org/", "//evil.example.org/", ""):
        assert client.post(reverse("elder"), {"elder": "1", "next": elsewhere})["Location"] == "/"


def test_a_look_alone_changes_nothing(client):
    assert client.get(reverse("elder")).status_code == 405


def test_the_desk_has_none(desk):
    desk.cookies["elder"] = "1"
    page = desk.get(reverse("desk")).content.decode()
    assert not re.search(r"<html[^>]*elder", page)
