"""A person sees how messages reach her, and changes it, without JavaScript."""

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.channels import services as channels
from mobilize.channels.models import Address, Delivery, Unsubscribed
from tests.channels.test_addresses import WECOM, coded, subscription
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
MAIL = "wang@example.org"
PAGE = "/me/addresses/"


def main(answer):
    return answer.content.decode().split("<main", 1)[1].split("</main>")[0]


def act(client, row, what):
    return client.post(reverse("my_address_act", args=[row.pk, what]), follow=True)


def give(client, channel="email", address=MAIL, **more):
    return client.post(PAGE, {"channel": channel, "address": address} | more, follow=True)


def link():
    return re.search(r"/a/[-\w.]+/", Delivery.objects.filter(kind="address_confirm").latest("created_at").body)[0]


def test_a_stranger_is_led_to_the_sign_in(client):
    for answer in (client.get(PAGE), client.post(reverse("my_sms"), {"on": "1"}), client.post(PAGE)):
        assert answer.url.startswith("/sign-in/")


def test_an_e_mail_address_is_given_confirmed_by_its_letter_and_shown_in_part(phone, client):
    page = main(give(phone))
    assert ("w***@example.org" in page, "待确认" in page) == (True, True)
    shown = type(phone)().get(link())  # in another browser, by a scanner for example
    assert (shown.status_code, MAIL in main(shown), Address.objects.get().confirmed_at) == (200, True, None)
    assert "已确认" in main(type(phone)().post(link()))
    page = main(phone.get(PAGE))
    assert ("待确认" in page, "已开启" in page, MAIL in page) == (False, True, False)


def test_a_link_that_is_none_says_so(client):
    assert client.get("/a/x/").status_code == 409
    assert client.post("/a/x.y/").status_code == 409


def test_what_is_no_address_comes_back_with_a_sentence_beside_it(phone):
    answer = give(phone, address="wang@")
    assert answer.status_code == 422
    assert ('value="wang@"' in main(answer), "请填写邮箱地址" in main(answer)) == (True, True)
    assert not Address.objects.exists()


def test_asking_too_often_says_how_long_to_wait(phone):
    give(phone)
    row = Address.objects.get()
    answer = act(phone, row, "again")
    assert (answer.status_code, "秒再获取确认邮件" in answer.content.decode()) == (429, True)


def test_what_is_removed_can_be_put_back_with_one_tap(phone):
    give(phone)
    row = Address.objects.get()
    page = main(act(phone, row, "remove"))
    assert (f"{row.pk}/put-back/" in page, f"{row.pk}/remove/" in page) == (True, False)
    page = main(act(phone, row, "put-back"))
    assert (f"{row.pk}/put-back/" in page, f"{row.pk}/remove/" in page) == (False, True)


@pytest.mark.parametrize("what", ["again", "test", "remove", "put-back"])
def test_nobody_touches_somebody_elses(phone, what):
    give(phone)
    row = Address.objects.get()
    Address.objects.update(user=UserFactory())
    assert act(phone, row, what).status_code == 404
    assert "w***@example.org" not in main(phone.get(PAGE))
    row.refresh_from_db()
    assert (row.removed_at, Delivery.objects.count()) == (None, 1)


def test_an_unknown_act_is_not_found_and_looking_acts_on_nothing(phone):
    give(phone)
    row = Address.objects.get()
    assert act(phone, row, "burn").status_code == 404
    assert phone.get(reverse("my_address_act", args=[row.pk, "remove"])).status_code == 405


def test_sms_are_switched_off_and_on_again(phone, worker):
    assert "已关闭" in main(phone.post(reverse("my_sms"), {"on": "0"}, follow=True))
    assert Unsubscribed.objects.get().phone == worker.user.phone
    assert "已关闭" not in main(phone.post(reverse("my_sms"), {"on": "1"}, follow=True))
    assert not Unsubscribed.objects.exists()


def test_who_unsubscribed_by_reply_comes_back_here(phone, worker):
    channels.unsubscribe(phone=str(worker.user.phone), by_reply=True, now=timezone.now())
    assert "已关闭" in main(phone.get(PAGE))
    phone.post(reverse("my_sms"), {"on": "1"})
    assert not Unsubscribed.objects.exists()


def test_a_way_that_is_not_set_up_is_not_offered(phone, settings):
    settings.DEMO = False
    page = main(phone.get(PAGE))
    assert [f'id="{name}"' in page for name in ("email", "push", "chat")] == [False] * 3
    settings.EMAIL_HOST, settings.VAPID_PRIVATE_KEY = "mail.example.org", coded(b"\1" * 32)
    page = main(phone.get(PAGE))
    assert [f'id="{name}"' in page for name in ("email", "push", "chat")] == [True, True, False]


def test_robots_are_for_officers_and_never_shown_again_in_full(desk, settings):
    page = main(give(desk, "chat", WECOM, label="调度群"))
    assert ("调度群" in page, "企业微信 …89ef" in page, "0123abcd" in page) == (True, True, False)
    page = main(act(desk, Address.objects.get(), "test"))
    assert "测试（" in page


def test_a_worker_is_neither_offered_a_robot_nor_may_bring_one(phone):
    assert 'id="chat"' not in main(phone.get(PAGE))
    assert give(phone, "chat", WECOM).status_code == 403
    assert not Address.objects.exists()


def test_a_browser_is_named_by_what_it_is_and_its_keys_stay_hidden(phone, settings):
    settings.VAPID_PRIVATE_KEY = coded(b"\1" * 32)
    browser = subscription("secret-name")
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
    data = {"channel": "push", "address": json.dumps(browser)}
    page = main(phone.post(PAGE, data, follow=True, headers={"User-Agent": agent}))
    assert ("Chrome · Android" in page, "secret-name" in page, browser["keys"]["auth"] in page) == (True, False, False)


def test_it_is_found_from_my_data_and_my_messages(phone):
    for name in ("profile", "my_messages"):
        assert f'href="{PAGE}"' in main(phone.get(reverse(name)))


def test_the_service_worker_serves_all_pages_and_is_asked_for_anew(client):
    script = client.get("/sw.js")
    assert (script["Service-Worker-Allowed"], script["Cache-Control"]) == ("/", "no-cache")
    assert script["Content-Type"].startswith("text/javascript")
    assert script["ETag"].strip('"') in script.content.decode()
    assert client.post("/sw.js").status_code == 405
