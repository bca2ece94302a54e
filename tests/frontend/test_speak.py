"""Pages speak Chinese first; a switch is remembered, and messages follow it."""

import re

import pytest
from django.urls import reverse

from mobilize.channels.models import Delivery
from tests.factories import CampaignFactory, ShiftFactory

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


def switch(client, language):
    return client.post(reverse("set_language"), {"language": language, "next": "/shifts/"})


@pytest.fixture
def campaign(db):
    return CampaignFactory(title="无疫社区", title_en="A community without infection")


def test_an_english_browser_reads_chinese_first(client, campaign):
    answer = client.get("/", headers=ENGLISH)
    page = answer.content.decode()
    assert '<html lang="zh-Hans">' in page
    assert "我要报名" in page
    assert answer["Content-Language"] == "zh-hans"
    assert "Cookie" in answer["Vary"]
    assert "Accept-Language" not in answer["Vary"]


def test_after_the_switch_it_reads_english(client, campaign):
    assert switch(client, "en")["Location"] == "/shifts/"
    page = client.get("/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert '<html lang="en">' in page
    assert "Sign up for a shift" in page
    switch(client, "zh-hans")
    assert '<html lang="zh-Hans">' in client.get("/", headers=ENGLISH).content.decode()


def test_the_organiser_of_a_shift_has_an_english_name(client, campaign):
    shift = ShiftFactory(task__campaign=campaign, task__union__name="公交工会", task__union__name_en="Bus Union")
    assert "公交工会" in client.get(f"/shifts/{shift.pk}/").content.decode()
    switch(client, "en")
    assert "Organised by Bus Union" in client.get(f"/shifts/{shift.pk}/").content.decode()


def test_an_odd_language_is_chinese(client, campaign):
    client.cookies["django_language"] = "xx"
    assert '<html lang="zh-Hans">' in client.get("/").content.decode()


@pytest.mark.parametrize(("asked", "given"), [("en", "en"), ("zh-CN", "zh-hans")])
def test_the_api_answers_by_accept_language(client, db, asked, given):
    answer = client.get("/api/v1/me/", headers={"Accept-Language": asked})
    assert answer["Content-Language"] == given
    assert "Accept-Language" in answer["Vary"]


def test_a_persons_messages_follow_her_switch(phone, worker):
    switch(phone, "en")
    worker.user.refresh_from_db()
    assert worker.user.language == "en"
    switch(phone, "xx")
    worker.user.refresh_from_db()
    assert worker.user.language == "en"


def test_a_strangers_switch_is_nobodys(client, worker):
    switch(client, "en")
    worker.user.refresh_from_db()
    assert worker.user.language == "zh-hans"


def test_signing_in_takes_the_pages_language_along(client, worker):
    switch(client, "en")
    client.post(reverse("sign_in"), {"phone": str(worker.user.phone)})
    body = Delivery.objects.latest("created_at").body
    assert "Your Mobilize code" in body
    client.post(reverse("code"), {"code": re.search(r"\d{6}", body)[0]})
    worker.user.refresh_from_db()
    assert worker.user.language == "en"


def test_an_officers_password_takes_the_pages_language_along(client, officer):
    officer.user.set_password("correct-horse-battery")
    officer.user.save()
    switch(client, "en")
    client.post(reverse("account_login"), {"login": str(officer.user.phone), "password": "correct-horse-battery"})
    officer.user.refresh_from_db()
    assert officer.user.language == "en"
