"""Pages stay light enough for a cold phone at a checkpoint."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone

from mobilize.campaigns.models import CovenantArticle
from tests.factories import CampaignFactory, ShiftFactory

MOST_HTML, MOST_CSS, MOST_JS, MOST_REQUESTS = 14_000, 16_000, 20_000, 6


def file(name):
    return Path(finders.find(name)).read_bytes()


def packed(content):
    return len(gzip.compress(content, 6))


@pytest.fixture
def full_campaign(db):
    campaign = CampaignFactory(appeal="各级工会组织要走在前面。" * 60)
    for number in range(1, 16):
        CovenantArticle.objects.create(campaign=campaign, number=number, text=f"第{number}条：" + "服从指挥。" * 8)
    for hour in range(25):
        ShiftFactory(task__campaign=campaign, starts_at=timezone.now() + timedelta(hours=20 + hour))
    return campaign


def test_style_and_scripts_keep_their_budget():
    scripts = ["django_htmx/htmx-2.min.js", "frontend/app.js"]
    assert sum(packed(file(name)) for name in scripts) <= MOST_JS
    assert packed(file("frontend/app.css")) <= MOST_CSS


def test_each_page_is_small_and_asks_for_little_and_only_here(client, full_campaign):
    urls = [reverse("home"), reverse("covenant", args=[full_campaign.slug]), reverse("shifts"), reverse("sign_in")]
    for url in urls:
        content = client.get(url).content
        assert packed(content) <= MOST_HTML, url
        page = content.decode()
        # What a home screen needs, the manifest and its picture, no browser loads with the page (test_offline.py).
        files = re.findall(r'<(?:link rel="stylesheet"|script|img)[^>]+(?:href|src)="([^"]+)"', page)
        assert "frontend/app.css" in files[0]
        assert 1 + len(files) <= MOST_REQUESTS
        assert [file for file in files if not file.startswith("/static/")] == []


def test_nothing_is_inline_that_the_content_policy_would_block(client, full_campaign):
    answer = client.get(reverse("home"))
    page = answer.content.decode()
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|javascript:", page)
