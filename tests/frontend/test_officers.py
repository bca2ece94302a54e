"""Officers at the desk, and how a new one or a forgetful one gets in."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.urls import reverse

from mobilize.channels.models import Delivery
from mobilize.unions.models import Officer
from mobilize.unions.states import Role
from tests.factories import OfficerFactory, UnionFactory, UserFactory
from tests.frontend.conftest import BACKEND, htmx, show
from tests.frontend.test_list import grows

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()


@pytest.fixture(autouse=True)
def _slow_clocks(settings):
    """A code made just before its half minute ends is still good a moment later."""
    settings.MFA_TOTP_TOLERANCE = 1


def link_in_the_message():
    return re.search(r"/accounts/password/set/\S+", Delivery.objects.latest("created_at").body)[0]


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def appoint(client, union, **given):
    data = {"phone": "137 0000 0301", "name": "林静", "union": union.pk, "role": "dispatcher"}
    return client.post(reverse("desk_officer_new"), data | given)


def test_an_administrator_appoints_changes_and_dismisses(admin, officer):
    assert appoint(admin, officer.union)["Location"] == reverse("desk_officers")
    page = admin.get(reverse("desk_officers")).content.decode()
    assert "林静" in page
    assert "未设密码" in page
    assert "13700000301" not in page
    made = Officer.objects.get(user__name="林静")
    admin.post(reverse("desk_officer", args=[made.pk]), {"role": "viewer"})
    made.refresh_from_db()
    assert made.role == "viewer"
    gone = reverse("desk_officer_dismiss", args=[made.pk])
    admin.get(gone)
    assert Officer.objects.filter(pk=made.pk).exists()
    admin.post(gone)
    assert not Officer.objects.filter(pk=made.pk).exists()


def test_what_is_wrong_stands_beside_its_field(admin, officer):
    answer = appoint(admin, officer.union, phone="137", name="")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="137"' in page
    assert "请填写工会干部的姓名" in page
    assert appoint(admin, UnionFactory()).status_code == 422
    appoint(admin, officer.union)
    assert "已是该工会的工会干部" in appoint(admin, officer.union).content.decode()


def test_an_administrator_does_not_change_herself(admin, officer):
    assert reverse("desk_officer", args=[officer.pk]) not in admin.get(reverse("desk_officers")).content.decode()
    assert admin.post(reverse("desk_officer_dismiss", args=[officer.pk])).status_code == 409


def test_a_dispatcher_reads_and_changes_nothing(desk, officer):
    other = OfficerFactory(union=officer.union)
    page = desk.get(reverse("desk_officers")).content.decode()
    assert other.user.name in page
    assert reverse("desk_officer_new") not in page
    assert desk.get(reverse("desk_officer_new")).status_code == 403
    assert desk.post(reverse("desk_officer", args=[other.pk]), {"role": "viewer"}).status_code == 403
    assert desk.post(reverse("desk_officer_dismiss", args=[other.pk])).status_code == 403


def test_another_branch_is_not_there(admin):
    other = OfficerFactory()
    assert other.user.name not in admin.get(reverse("desk_officers")).content.decode()
    for name in ("desk_officer", "desk_officer_dismiss"):
        assert admin.get(reverse(name, args=[other.pk])).status_code == 404
        assert admin.post(reverse(name, args=[other.pk]), {"role": "admin"}).status_code == 404


def test_the_list_asks_as_often_for_many_as_for_few(admin, officer):
    def more():
        for _ in range(3):
            OfficerFactory(union=officer.union)

    more()
    assert grows(admin, reverse("desk_officers"), more) == 0


def test_a_new_officer_comes_from_the_message_to_the_desk(admin, client, officer):
    appoint(admin, officer.union)
    link = link_in_the_message()
    client.logout()
    for _ in range(2):
        page = client.get(link)
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
    answer = client.post(link, {"password1": PASSWORD, "password2": PASSWORD})
    assert answer["Location"] == "/accounts/login/?next=/desk/"
    signed_in = client.post(answer["Location"], {"login": "13700000301", "password": PASSWORD, "next": "/desk/"})
    assert signed_in["Location"] == "/desk/"
    assert client.get("/desk/")["Location"] == reverse("mfa_activate_totp")
    set_up = client.get(reverse("mfa_activate_totp"))
    assert set_up.status_code == 200, "the password was typed a moment ago"
    secret = set_up.context["form"].secret
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert done["Location"] == reverse("mfa_view_recovery_codes")
    assert client.get(done["Location"]).status_code == 200
    assert client.get("/desk/").status_code == 200
    assert client.get(link).status_code == 409
    assert "链接已用过或已过期" in client.get(link).content.decode()


def test_the_two_must_be_the_same_and_long_enough(client, admin, officer):
    appoint(admin, officer.union)
    link = link_in_the_message()
    answer = client.post(link, {"password1": PASSWORD, "password2": "other"}, headers=htmx("sheet"))
    assert answer.status_code == 422
    assert "两次输入不一致" in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    answer = client.post(link, {"password1": "short", "password2": "short"})
    assert answer.status_code == 422
    assert "密码至少 12 个字符" in answer.content.decode()
    assert not Officer.objects.get(user__name="林静").user.has_password


def test_a_forgotten_password_gets_the_same_answer_for_everybody(client):
    officer = OfficerFactory()
    url = reverse("password_forgotten")
    answers = [
        client.post(url, {"phone": phone}, follow=True).content
        for phone in (str(officer.user.phone), str(UserFactory().phone), "13700000399")
    ]
    pages = [re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", answer) for answer in answers]
    assert pages[0] == pages[1] == pages[2]
    assert "如果这是工会干部的号码" in pages[0].decode()
    assert [row.recipient for row in Delivery.objects.all()] == [officer.user]
    again = client.post(url, {"phone": "13700000399"})
    assert again.status_code == 429
    assert "请等 60 秒" in again.content.decode()
    assert client.post(url, {"phone": "137"}).status_code == 422


def test_a_link_does_not_get_round_the_second_factor(client):
    officer = OfficerFactory(role=Role.ADMIN)
    TOTP.activate(officer.user, "JBSWY3DPEHPK3PXP")
    client.post(reverse("password_forgotten"), {"phone": str(officer.user.phone)})
    client.post(link_in_the_message(), {"password1": PASSWORD, "password2": PASSWORD})
    answer = client.post(
        reverse("account_login"), {"login": str(officer.user.phone), "password": PASSWORD, "next": "/desk/"}
    )
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get("/desk/")["Location"].startswith("/accounts/login/")
    client.post(reverse("mfa_authenticate"), {"code": code_of("JBSWY3DPEHPK3PXP")})
    assert client.get("/desk/").status_code == 200


def test_an_old_password_is_asked_again_before_the_second_factor_changes(client):
    officer = OfficerFactory()
    officer.user.set_password(PASSWORD)
    officer.user.save()
    client.force_login(officer.user, BACKEND)
    for minutes, asked in [(4, False), (6, True)]:
        show(client, officer.user, "password", minutes_ago=minutes)
        there = client.get(reverse("mfa_activate_totp"))
        assert (there.status_code == 302 and "reauthenticate" in there["Location"]) == asked
    show(client, officer.user, "code")
    assert "reauthenticate" in client.get(reverse("mfa_activate_totp"))["Location"]


def test_a_new_password_ends_the_sessions_of_the_old_one(desk, officer):
    assert desk.get("/desk/").status_code == 200
    desk.post(reverse("password_forgotten"), {"phone": str(officer.user.phone)})
    desk.post(link_in_the_message(), {"password1": PASSWORD, "password2": PASSWORD})
    assert desk.get("/desk/")["Location"].startswith("/accounts/login/")
