"""What is impossible now is said in place, and changes nothing."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from mobilize.signups.models import Signup
from tests.factories import ShiftFactory, SignupFactory
from tests.frontend.conftest import htmx


def begun(worker):
    shift = ShiftFactory(starts_at=timezone.now() - timedelta(hours=1))
    return SignupFactory(shift=shift, worker=worker)


def test_a_plain_request_gets_a_page_with_the_sentence(phone, worker):
    signup = begun(worker)
    answer = phone.post(reverse("withdraw", args=[signup.pk]))
    assert answer.status_code == 409
    assert "这个班次已经开始" in answer.content.decode()
    signup.refresh_from_db()
    assert signup.status == "confirmed"


def test_an_htmx_request_gets_the_message_alone_for_the_top_of_the_page(phone, worker):
    answer = phone.post(reverse("withdraw", args=[begun(worker).pk]), headers=htmx("sheet"))
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#flash"
    assert "<html" not in answer.content.decode()


def test_the_same_sentence_is_there_in_english(phone, worker):
    phone.cookies["django_language"] = "en"
    answer = phone.post(reverse("withdraw", args=[begun(worker).pk]))
    assert "This shift has begun." in answer.content.decode()


def test_a_second_tap_leads_to_the_sign_up_that_is_there(phone):
    shift = ShiftFactory()
    first = phone.post(reverse("join", args=[shift.pk]), {"accept": "on"})
    second = phone.post(reverse("join", args=[shift.pk]), {"accept": "on"})
    assert first["Location"] == second["Location"]
    assert Signup.objects.count() == 1
