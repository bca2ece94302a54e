"""The desk's pages of the rules of messages."""

import pytest
from django.urls import reverse

from mobilize.reminders.models import RuleChange, WordingChange
from mobilize.reminders.states import ReminderKind
from mobilize.unions.states import Role
from tests.factories import UnionFactory
from tests.frontend.conftest import htmx

pytestmark = pytest.mark.django_db
GOOD = {
    "enabled": "on", "urgent": "on", "way_1": "sms", "way_2": "push", "minutes": "90", "on_time": "10",
    "text__zh-hans": "{time} 到{site}。", "text__en": "At {time}: {site}.",
    "text_other_zh-hans": "{time} 上岗。", "text_other_en": "At {time}.",
}  # fmt: skip


def rule(kind="hour_before"):
    return reverse("desk_rule", args=[kind])


@pytest.mark.parametrize("kind", ReminderKind.values)
def test_every_kind_has_a_page_that_can_be_sent_back_unchanged(admin, kind):
    form = admin.get(rule(kind)).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"clock": str(data["clock"])[:5]} if "clock" in data else {}
    answer = admin.post(rule(kind), {name: "on" if value is True else value for name, value in data.items()})
    assert answer.status_code == 303
    assert admin.get(rule(kind)).context["entry"].is_standard


def test_what_is_saved_holds_and_shows_and_can_be_taken_back(admin):
    assert admin.post(rule(), GOOD).status_code == 303
    row = RuleChange.objects.get()
    assert (row.minutes, row.channels, WordingChange.objects.count()) == (90, ["sms", "push"], 4)
    listed = admin.get(reverse("desk_rules")).content.decode()
    assert "开始前 90 分钟" in listed
    assert "已修改" in listed
    assert "短信 → 推送消息" in listed
    admin.post(reverse("desk_rule_standard", args=["hour_before"]))
    assert "已修改" not in admin.get(reverse("desk_rules")).content.decode()


def test_a_fault_stands_beside_its_field_and_names_what_may_stand_there(admin):
    bad = {"minutes": "x", "way_2": "sms", "text__en": "{phone} {time}", "text_other_zh-hans": ""}
    answer = admin.post(rule(), GOOD | bad)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert set(errors) == {"minutes", "text__en", "text_other_zh-hans"}
    assert "{address} {day} {link} {post} {site} {time}" in errors["text__en"][0]
    twice = admin.post(rule(), GOOD | {"way_2": "sms"})
    assert set(twice.context["form"].errors) == {"way_1"}
    assert not RuleChange.objects.exists()


def test_the_preview_fills_the_text_and_counts_its_sms(admin):
    def preview(text):
        data = {"preview": "text__zh-hans", "text__zh-hans": text}
        url = reverse("desk_rule_preview", args=["hour_before"])
        return admin.post(url, data, headers=htmx("preview_text__zh-hans")).content.decode()

    assert "【工会动员】07:00 到太原南站。" in preview("{time} 到{site}。")
    assert "1 条短信" in preview("{time} 到{site}。")
    assert "2 条短信" in preview("{time}" + "好" * 70)
    assert "大括号里只能写" in preview("{phone}")
    assert preview("<b>{time}").count("&lt;b&gt;") == 1


def test_other_officers_read_and_may_not_change(admin, officer):
    officer.union.parent, officer.union.level = UnionFactory(), "district"
    officer.union.save()
    listed = admin.get(reverse("desk_rules"))
    assert listed.status_code == 200
    assert rule() not in listed.content.decode()
    for answer in (admin.get(rule()), admin.post(rule(), GOOD)):
        assert answer.status_code == 403
    officer.role = Role.VIEWER
    officer.save()
    assert admin.post(reverse("desk_rule_standard", args=["done"])).status_code == 403
    assert not RuleChange.objects.exists()


def test_a_stranger_is_led_to_the_sign_in(client):
    for url in (reverse("desk_rules"), rule()):
        assert client.get(url).url.startswith(reverse("account_login"))


def test_an_unknown_kind_or_place_is_not_found(admin):
    assert admin.get(rule("sign_in_code")).status_code == 404
    url = reverse("desk_rule_preview", args=["hour_before"])
    assert admin.post(url, {"preview": "text_x_en"}).status_code == 404


@pytest.mark.parametrize(("provider", "warned"), [("aliyun", True), ("gateway", False)])
def test_where_sms_take_registered_texts_the_page_says_that_changes_miss_them(admin, settings, provider, warned):
    settings.SMS_PROVIDERS = [provider]
    page = admin.get(reverse("desk_rule", args=["hour_before"])).content.decode()
    assert ("登记" in page) is warned
