"""What a person reads and can do about a place that is offered, free, hers, or no longer to be given back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.signups.models import Signup
from mobilize.signups.services import withdraw
from tests import acting
from tests.factories import ShiftFactory, SignupFactory, WorkerFactory
from tests.frontend.conftest import BACKEND
from tests.signups.lists import bring
from tests.signups.test_sign_up import join


def page(client, name, row):
    return client.get(reverse(name, args=[row.pk])).content.decode()


def offer(worker, **more):
    shift = ShiftFactory(places=1, **more)
    first, mine = join(shift, WorkerFactory()), join(shift, worker)
    withdraw(actor=acting.worker(first.worker.user), signup_id=first.pk, now=timezone.now())
    return Signup.objects.get(pk=mine.pk)


@pytest.mark.parametrize(("name", "status"), [("accept_place", "confirmed"), ("decline_place", "withdrawn")])
def test_an_offered_place_shows_its_deadline_and_two_buttons(phone, worker, name, status):
    signup = offer(worker)
    shown = page(phone, "signup", signup)
    assert "名额为您保留<wbr>至" in shown
    assert f"{timezone.localtime(signup.answer_by):%H:%M}" in shown
    button = reverse(name, args=[signup.pk])
    assert f'action="{button}"' in shown
    answer = phone.post(button)
    assert (answer.status_code, answer["Location"]) == (303, reverse("signup", args=[signup.pk]))
    assert Signup.objects.get(pk=signup.pk).status == status


def test_an_answer_that_comes_too_late_is_told_so(phone, worker):
    signup = offer(worker)
    Signup.objects.filter(pk=signup.pk).update(answer_by=timezone.now())
    answer = phone.post(reverse("accept_place", args=[signup.pk]))
    assert answer.status_code == 409
    assert "答复时间已过" in answer.content.decode()


def test_a_strangers_answer_counts_for_nothing(client, phone, worker):
    signup = offer(worker)
    client.force_login(WorkerFactory().user, BACKEND)
    for name in ("accept_place", "decline_place"):
        assert client.post(reverse(name, args=[signup.pk])).status_code == 404
        assert client.get(reverse(name, args=[signup.pk])).status_code == 405
    client.logout()
    assert reverse("sign_in") in client.post(reverse("accept_place", args=[signup.pk]))["Location"]
    assert Signup.objects.get(pk=signup.pk).status == "offered"


def test_a_member_reads_who_answers_for_her_group_and_who_signed_her_up(client, db):
    shift, leader = ShiftFactory(places=2), WorkerFactory(user__name="何晓燕")
    holders = [join(shift, WorkerFactory()) for _ in range(2)]
    group = bring(shift, leader, 1)
    for holder in holders:
        withdraw(actor=acting.worker(holder.worker.user), signup_id=holder.pk, now=timezone.now())
    member = group.signups.exclude(worker=leader).get()
    client.force_login(member.worker.user, BACKEND)
    shown = page(client, "signup", member)
    assert "您无需操作" in shown
    assert "由何晓燕代为报名" in shown
    assert reverse("accept_place", args=[member.pk]) not in shown


def test_in_the_last_two_hours_who_waits_takes_a_place_that_is_free(phone, worker):
    shift = ShiftFactory(places=1, starts_at=timezone.now() + timedelta(minutes=90))
    first, mine = join(shift, WorkerFactory()), join(shift, worker)
    button = reverse("accept_place", args=[mine.pk])
    assert button not in page(phone, "signup", mine)
    shift.task.campaign.withdraw_hours = 0
    shift.task.campaign.save()
    withdraw(actor=acting.worker(first.worker.user), signup_id=first.pk, now=timezone.now())
    assert button in page(phone, "signup", mine)
    phone.post(button)
    assert Signup.objects.get(pk=mine.pk).status == "confirmed"


def test_when_it_is_too_late_to_give_a_place_back_the_page_says_whom_to_call(phone, worker):
    signup = SignupFactory(worker=worker, shift__starts_at=timezone.now() + timedelta(minutes=90))
    shown = page(phone, "withdraw", signup)
    assert 'href="tel:12351"' in shown
    assert "<form" not in shown.split("<main")[1].split("</main>")[0]
    answer = phone.post(reverse("withdraw", args=[signup.pk]))
    assert (answer.status_code, "12351" in answer.content.decode()) == (409, True)


def test_what_is_given_back_is_not_asked_for_again(phone, worker):
    signup = SignupFactory(worker=worker)
    here = reverse("withdraw", args=[signup.pk])
    phone.post(here)
    assert phone.get(here)["Location"] == reverse("signup", args=[signup.pk])


def test_the_list_of_duties_shows_the_position(phone, worker):
    shift = ShiftFactory(places=1)
    join(shift, WorkerFactory())
    join(shift, worker)
    assert "候补中 · 1" in phone.get(reverse("duties")).content.decode()


def test_a_shift_that_opens_later_says_when_and_shows_no_button(phone, worker):
    shift = ShiftFactory(places=5, opens_at=timezone.now() + timedelta(hours=30))
    opens = f"{timezone.localtime(shift.opens_at):%H:%M} 开放报名"
    shown = page(phone, "shift", shift)
    assert opens in shown
    for way in ("join", "group_new"):
        assert reverse(way, args=[shift.pk]) not in shown
    assert opens in phone.get(reverse("shifts")).content.decode()
    answer = phone.post(reverse("join", args=[shift.pk]), {"accept": "on"})
    assert (answer.status_code, opens in answer.content.decode()) == (409, True)
