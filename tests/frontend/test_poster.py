"""Each union's share link on a poster, and what came through it on the desk."""

import re

import pytest
import zxingcpp
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from mobilize.campaigns.models import Pledge, ViewTally
from tests.factories import CampaignFactory, UnionFactory, WorkerFactory
from tests.frontend.test_list import grows

PIXELS = 4  # of a module


@pytest.fixture
def campaign(officer):
    return CampaignFactory(union=officer.union)


def drawn(page):
    """Return the page's QR code as a grey picture, drawn from its SVG alone."""
    side = int(re.search(r'<svg viewBox="0 0 (\d+) \1"', page)[1])
    dark, x, y = set(), 0, 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", re.search(r'class="qrline"[^>]* d="([^"]+)"', page)[1]):
        at = [float(number) for number in numbers.split()]
        if command == "h":
            dark |= {(int(x) + step, int(y)) for step in range(int(at[0]))}
            x += at[0]
        else:
            x, y = (at[0], at[1]) if command == "M" else (x + at[0], y + at[1])
    pixels = range(side * PIXELS)
    grey = bytes(0 if (x // PIXELS, y // PIXELS) in dark else 255 for y in pixels for x in pixels)
    return memoryview(grey).cast("B", (len(pixels), len(pixels))), dark, side


def test_the_code_leads_to_the_share_link_that_stands_below_it(client, campaign):
    union = UnionFactory(code="bus-company", name="公交工会")
    page = client.get(reverse("poster", args=[campaign.slug, union.code])).content.decode()
    link = settings.PUBLIC_URL + reverse("shared", args=[campaign.slug, union.code])
    picture, dark, side = drawn(page)
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == link
    assert code.ec_level in {"M", "Q", "H"}
    assert all(4 <= x < side - 4 and 4 <= y < side - 4 for x, y in dark)  # the quiet zone
    for words in (union.name, campaign.title, link.partition("://")[2], campaign.union.name, "咨询电话：12351"):
        assert words in page
    assert "<nav" not in page
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)


def test_a_poster_leads_back_to_where_it_is_found(client, desk, campaign):
    union = UnionFactory(code="bus-company")
    url = reverse("poster", args=[campaign.slug, union.code])
    assert f'href="{reverse("desk_posters")}"' in desk.get(url).content.decode()
    client.logout()
    assert f'href="{reverse("shared", args=[campaign.slug, union.code])}"' in client.get(url).content.decode()


def test_what_does_not_exist_has_no_poster(client, campaign):
    draft = CampaignFactory(status="draft")
    union = UnionFactory()
    for slug, code in ((campaign.slug, "nobody"), ("nothing", union.code), (draft.slug, union.code)):
        assert client.get(f"/c/{slug}/u/{code}/poster/").status_code == 404


def test_the_desk_lists_each_union_of_the_branch_with_what_came_through_its_link(desk, officer, campaign):
    mine = UnionFactory(name="公交工会", parent=officer.union, level="enterprise")
    other = UnionFactory(name="外市工会")
    for day, count in (("2022-11-17", 1000), ("2022-11-18", 234)):
        ViewTally.objects.create(campaign=campaign, day=day, via=mine, count=count)
        ViewTally.objects.create(campaign=campaign, day=day, count=7)
    ViewTally.objects.create(campaign=CampaignFactory(status="closed"), day="2022-11-18", via=mine, count=5)
    for via in (mine, mine, other, None):
        Pledge.objects.create(
            campaign=campaign, worker=WorkerFactory(), union=other, via=via, created_at=timezone.now()
        )
    answer = desk.get(reverse("desk_posters"))
    assert {(row.name, row.views, row.volunteers) for row in answer.context["page"]} == {
        (officer.union.name, 0, 0),
        ("公交工会", 1234, 2),
    }
    page = answer.content.decode()
    assert reverse("shared", args=[campaign.slug, mine.code]) in page
    assert reverse("poster", args=[campaign.slug, mine.code]) in page
    assert other.name not in page


def test_the_list_is_searched_and_paged_with_a_fixed_number_of_queries(desk, officer, campaign):
    url = reverse("desk_posters")

    def more():
        for _ in range(25):
            UnionFactory(parent=officer.union, level="enterprise")

    assert grows(desk, url, more) == 0
    assert len(desk.get(url).context["page"].object_list) == 20
    wanted = UnionFactory(name="古交市教科局工会", name_en="Gujiao", parent=officer.union, level="enterprise")
    for word in ("教科局", "guji"):
        assert [row.pk for row in desk.get(url, {"q": word}).context["page"]] == [wanted.pk]


def test_without_a_campaign_the_desk_says_so(desk):
    assert "目前没有行动" in desk.get(reverse("desk_posters")).content.decode()


def test_strangers_and_workers_do_not_see_the_list(client, worker):
    assert client.get(reverse("desk_posters")).status_code == 303
    client.force_login(worker.user)
    assert client.get(reverse("desk_posters")).status_code == 403
