"""A person finds the address of her calendar, and a calendar program reads it; without JavaScript."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from mobilize.calendars.models import Feed
from mobilize.core.ids import uuid7
from tests.factories import OfficerFactory, SignupFactory, TeamFactory, WorkerFactory
from tests.frontend.conftest import BACKEND

pytestmark = pytest.mark.django_db
PAGE = "/me/calendar/"
ADDRESS = re.compile(r'value="http://127\.0\.0\.1:8000(/calendars/[^"]+\.ics)"')


def main(answer):
    return answer.content.decode().split("<main", 1)[1].split("</main>")[0]


def addresses(client):
    return ADDRESS.findall(main(client.get(PAGE)))


def switch(client, step, *args):
    return client.post(reverse(f"calendar_{step}", args=args), follow=True)


@pytest.fixture
def address(phone):
    switch(phone, "make")
    [found] = addresses(phone)
    return found


@pytest.fixture
def program():
    """What knows no cookie and no session."""
    return Client()


def test_a_stranger_is_led_to_the_sign_in(client, worker):
    ways = [PAGE, *(reverse(f"calendar_{step}") for step in ("renew", "end"))]
    for answer in [client.get(way) for way in ways] + [client.post(reverse("calendar_make"))]:
        assert answer.url.startswith("/sign-in/")
    assert client.get(reverse("duty_file", args=[uuid7()])).url.startswith("/sign-in/")
    assert not Feed.objects.exists()


def test_it_is_switched_on_by_one_button_and_shown_in_a_field_and_as_a_link(phone):
    assert addresses(phone) == []
    page = main(switch(phone, "make"))
    [address] = ADDRESS.findall(page)
    assert f'href="webcal://127.0.0.1:8000{address}"' in page
    assert re.search(r'<input id="address-mine"[^>]*readonly', page)
    assert re.search(r'<button[^>]*data-copy="[^"]*\.ics"[^>]*hidden', page)  # shown by the script alone
    assert phone.get(PAGE)["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_a_program_reads_it_without_cookies_and_an_unchanged_one_is_a_304(worker, address, program):
    signup = SignupFactory(worker=worker)
    answer = program.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "private, no-cache"
    assert (answer["Content-Language"], "Set-Cookie" in answer) == ("zh-hans", False)
    [event] = Calendar.from_ical(answer.content).events
    assert str(event["UID"]) == str(signup.pk)
    for etag in (answer["ETag"], f"W/{answer['ETag']}", f'"x", {answer["ETag"]}'):
        again = program.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", answer["ETag"])
        assert again["Cache-Control"] == "private, no-cache"
    SignupFactory(worker=worker, shift__starts_at=signup.shift.ends_at)
    changed = program.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (changed.status_code, changed.content.count(b"BEGIN:VEVENT")) == (200, 2)
    assert program.post(address).status_code == 405


def test_a_new_address_and_switching_off_are_asked_for_once_and_end_the_old_one_at_once(phone, address, program):
    for step in ("renew", "end"):
        assert phone.get(reverse(f"calendar_{step}")).status_code == 200
    assert addresses(phone) == [address]  # asking changes nothing
    assert "这是新地址" in main(switch(phone, "renew"))
    [second] = addresses(phone)
    assert (program.get(address).status_code, program.get(second).status_code) == (410, 200)
    assert "已关闭" in main(switch(phone, "end"))
    assert (program.get(second).status_code, addresses(phone)) == (410, [])


def test_an_ended_and_an_unknown_address_say_so_in_plain_words(phone, address, program):
    switch(phone, "end")
    gone, unknown = program.get(address), program.get("/calendars/odd.ics")
    assert (gone.status_code, "已关闭或换了新地址" in main(gone)) == (410, True)
    assert (unknown.status_code, "日历地址不完整" in main(unknown)) == (404, True)
    assert f'href="{PAGE}"' in main(gone)


def test_looking_switches_nothing_on(phone):
    assert phone.get(reverse("calendar_make")).status_code == 405
    assert not Feed.objects.exists()


def test_a_leader_switches_her_teams_calendar_and_nobody_else_does(phone, worker, program):
    team, other = TeamFactory(leader=worker), TeamFactory(leader=WorkerFactory())
    page = main(switch(phone, "make", team.pk))
    assert (team.name in page, other.name in page) == (True, False)
    [address] = addresses(phone)
    assert program.get(address).status_code == 200
    for step in ("make", "renew", "end"):
        assert switch(phone, step, other.pk).status_code == 404
    assert phone.get(reverse("calendar_end", args=[other.pk])).status_code == 404
    assert Feed.objects.get().team == team
    switch(phone, "end", team.pk)
    assert program.get(address).status_code == 410


def test_one_duty_is_a_file_its_page_and_my_duties_lead_to(phone, worker, client):
    signup = SignupFactory(worker=worker)
    way = reverse("duty_file", args=[signup.pk])
    for page in (reverse("signup", args=[signup.pk]), reverse("duties")):
        assert f'href="{way}"' in main(phone.get(page))
    answer = phone.get(way)
    assert answer["Content-Disposition"] == f'inline; filename="duty-{signup.reference}.ics"'
    [event] = Calendar.from_ical(answer.content).events
    assert str(event["UID"]) == str(signup.pk)
    client.force_login(OfficerFactory().user, BACKEND)
    assert client.get(way).status_code == 404


def test_inside_wechat_which_opens_no_calendars_it_says_how_to_come_out(phone, worker):
    signup = SignupFactory(worker=worker)
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50"
    answer = phone.get(reverse("duty_file", args=[signup.pk]), headers={"User-Agent": agent})
    assert (answer.status_code, answer["Content-Type"][:9]) == (200, "text/html")
    assert "在浏览器打开" in main(answer)
    assert f'href="{reverse("signup", args=[signup.pk])}"' in main(answer)


def test_it_is_found_from_my_duties_and_my_data(phone):
    for name in ("duties", "profile"):
        assert f'href="{PAGE}"' in main(phone.get(reverse(name)))
