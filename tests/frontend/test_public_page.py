"""The appeal is kept as finished bytes: fast for everybody, and nobody's own."""

import gzip
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from frontend import public_pages
from mobilize.campaigns import readers
from mobilize.campaigns.models import ViewTally
from tests.factories import CampaignFactory, UnionFactory

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def campaign(db):
    readers.gather()
    readers._valkey().delete(readers.GATHERED)
    return CampaignFactory(title="无疫社区", title_en="A community without infection")


RENEWED = "page-renewed:http:zh-hans:/"


def renew():
    """Let ten seconds pass for the kept home page."""
    public_pages.forget()
    cache.delete(RENEWED)


def kept_pages():
    keys = [key.decode() for key in cache._cache.get_client().scan_iter("*:page:*")]
    return [cache.get(key[key.index("page:") :]) for key in keys]


def counted_readers():
    readers.gather()
    readers.fold()
    return sum(ViewTally.objects.values_list("count", flat=True))


@pytest.mark.parametrize("path", ["/", "/c/{}/", "/c/{}/covenant/", "/c/{}/u/bus-company/"])
def test_a_warm_page_asks_the_database_nothing(client, campaign, path, django_assert_num_queries):
    UnionFactory(code="bus-company")
    path = path.format(campaign.slug)
    first = client.get(path)
    with django_assert_num_queries(0):
        again = client.get(path, query_params={"from": "singlemessage"})
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers == first.headers


def test_another_process_answers_with_the_page_that_the_first_one_rendered(campaign, django_assert_num_queries):
    first = Client().get("/").content
    public_pages.forget()
    with django_assert_num_queries(0):
        assert Client().get("/").content == first


def test_kept_answers_carry_every_header_of_the_full_stack(client, campaign):
    client.get("/")
    kept = client.get("/")
    assert "default-src 'self'" in kept["Content-Security-Policy"]
    assert "geolocation=(self)" in kept["Permissions-Policy"]
    assert kept["X-Frame-Options"] == "DENY"
    assert kept["X-Content-Type-Options"] == "nosniff"
    assert kept["Content-Language"] == "zh-hans"
    assert {"Cookie", "Accept-Encoding"} <= set(kept["Vary"].split(", "))


def test_an_unchanged_page_is_a_304_and_a_changed_one_is_not(client, campaign):
    tag = client.get("/")["ETag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        answer = client.get("/", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer["ETag"] == tag
        assert answer["Cache-Control"] == "no-cache"
        assert "Cookie" in answer["Vary"]
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200
    campaign.title = "新的行动"
    campaign.save()
    renew()
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 200


def test_it_is_compressed_once_and_plain_for_who_cannot_unpack(client, campaign):
    plain = client.get("/").content
    packed = client.get("/", headers=GZIP)
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain)
    assert client.get("/", headers={"Accept-Encoding": "gzip;q=0"}).content == plain


def test_each_language_has_its_own(client, campaign):
    assert "无疫社区" in client.get("/").content.decode()
    client.cookies["django_language"] = "en"
    assert "A community without infection" in client.get("/").content.decode()
    client.cookies["django_language"] = "xx"
    assert "无疫社区" in client.get("/").content.decode()


def test_one_renders_a_page_anew_while_the_others_go_on_with_the_old_one(campaign, django_assert_num_queries):
    old = Client().get("/").content
    campaign.title = "新的行动"
    campaign.save()
    renew()
    cache.add(RENEWED, 1)  # another process is rendering it
    with django_assert_num_queries(0):
        assert Client().get("/").content == old
    renew()
    assert "新的行动" in Client().get("/").content.decode()


def test_nothing_of_a_signed_in_person_is_kept(phone, worker, campaign):
    worker.user.name = "王小明"
    worker.user.save()
    phone.get(reverse("profile"))  # she has a session and a CSRF cookie by now
    assert {"sessionid", "csrftoken"} <= set(phone.cookies)
    for path in ("/", f"/c/{campaign.slug}/", f"/c/{campaign.slug}/covenant/"):
        hers = phone.get(path)
        assert not hers.cookies
        assert hers.content == Client().get(path).content
        for secret in ("王小明", phone.cookies["sessionid"].value, "csrfmiddlewaretoken"):
            assert secret not in hers.content.decode()
    assert len(kept_pages()) == 3
    assert not any(page.cookies or "Set-Cookie" in page.headers for page in kept_pages())


def test_the_header_is_the_same_on_kept_and_other_pages_for_everybody(phone, campaign):
    heads = [
        re.search(r'<header class="bar">.*?<form', reader.get(path).content.decode(), re.DOTALL)[0]
        for reader in (Client(), phone)
        for path in ("/", "/shifts/", "/city/")
    ]
    assert len(set(heads)) == 1
    assert "我的" in heads[0]


def test_a_message_is_shown_once_and_never_kept(phone, campaign):
    phone.get("/")
    phone.post(reverse("close_account"), {"sure": "on"})
    assert "messages" in phone.cookies
    shown = phone.get("/").content.decode()
    assert "账号已注销" in shown
    assert "账号已注销" not in Client().get("/").content.decode()
    assert "账号已注销" not in phone.get("/").content.decode()


def test_whoever_asks_with_a_bad_address_poisons_nothing(campaign):
    assert Client().get("/", headers={"Host": "evil.example"}).status_code == 400
    plain = Client().get("/").content
    public_pages.forget()
    cache.clear()
    for asked in ("/?next=//evil.example", "/?next=%00"):  # rendered, then kept: the query string is never looked at
        assert Client().get(asked).content == plain


def test_only_whole_public_answers_are_kept(client, campaign):
    assert client.get("/c/nowhere/").status_code == 404
    assert client.get("/shifts/").status_code == 200
    assert kept_pages() == []


def test_every_get_counts_a_reader_and_a_head_counts_none(client, campaign):
    tag = client.get("/")["ETag"]
    client.get(f"/c/{campaign.slug}/")
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 304
    head = client.head("/")
    assert (head.status_code, head.content) == (200, b"")
    client.get(f"/c/{campaign.slug}/covenant/")
    assert counted_readers() == 3


def test_a_shared_link_counts_for_the_union_and_is_remembered(client, campaign):
    union = UnionFactory(code="bus-company")
    link = reverse("shared", args=[campaign.slug, union.code])
    for _ in range(2):  # rendered, then kept
        cookie = client.get(link).cookies["via"]
        assert cookie.value == "bus-company"
        assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (7 * 24 * 3600, True, "Lax")
    client.get("/")
    assert counted_readers() == 3
    assert ViewTally.objects.get(via=union).count == 2
    assert client.get(reverse("shared", args=[campaign.slug, "no-such-union"])).status_code == 404


def test_the_language_switches_without_a_token_and_comes_back_to_the_page(campaign):
    strict = Client(enforce_csrf_checks=True)
    page = strict.get("/").content.decode()
    assert "csrfmiddlewaretoken" not in page
    answer = strict.post(reverse("set_language"), {"language": "en", "next": f"/c/{campaign.slug}/"})
    assert answer["Location"] == f"/c/{campaign.slug}/"
    assert 'lang="en"' in strict.get("/").content.decode()
    evil = strict.post(reverse("set_language"), {"language": "en", "next": "https://evil.example/"})
    assert "evil" not in evil["Location"]


@pytest.mark.parametrize("cookie", ["x", "", "W10:1abc:made-up"])
def test_a_cookie_of_messages_that_is_none_of_ours_gets_the_kept_page(campaign, cookie, django_assert_num_queries):
    kept = Client().get("/")
    stranger = Client()
    stranger.cookies["messages"] = cookie
    with django_assert_num_queries(0):
        assert stranger.get("/")["ETag"] == kept["ETag"]
