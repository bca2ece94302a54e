"""The board of a branch: what is needed first, who is silent, polling that costs little."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.dispatch import needs, search
from mobilize.dispatch.models import Offer, Plan, Search
from mobilize.dispatch.states import SearchStep
from mobilize.tasks import policies
from mobilize.unions.states import Role
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory
from tests.frontend.conftest import BACKEND, htmx, show


@pytest.fixture
def task(officer):
    return TransportFactory(union=officer.union, title="转运居民")


def poll(client, etag=None, **filters):
    headers = htmx("board") | ({"If-None-Match": etag} if etag else {})
    return client.get(reverse("desk_dispatch"), filters, headers=headers)


def offer(task, *, made, until):
    fleet = FleetFactory(union=task.union, drivers=1)
    return Offer.objects.create(task=task, fleet=fleet, vehicles_offered=1, created_at=made, expires_at=until)


def listed(officer, **narrowing):
    now = timezone.now()
    rows = needs.needs(policies.visible_to(acting.officer(officer)), now=now)
    return [row.title for row in needs.narrowed(rows, now=now, **narrowing)]


def test_the_most_urgent_comes_first_and_what_is_filled_last(officer):
    soon = timezone.now() + timedelta(minutes=30)
    TransportFactory(union=officer.union, title="later")
    TransportFactory(union=officer.union, title="soon", starts_at=soon)
    TransportFactory(union=officer.union, title="at once", urgency=3)
    TransportFactory(union=officer.union, title="filled", urgency=3, vehicles_accepted=40, status="fulfilled")
    assert listed(officer) == ["at once", "soon", "later", "filled"]


def test_the_red_list_comes_first(desk, officer):
    TransportFactory(union=officer.union, title="at once", urgency=3)
    red = TransportFactory(union=officer.union, title="red", urgency=1)
    Search.objects.create(task=red, step=SearchStep.RED, step_at=timezone.now())
    assert listed(officer) == ["red", "at once"]
    assert 'href="?show=red"' in desk.get(reverse("desk_dispatch")).content.decode()


def test_what_is_over_is_not_on_the_board(officer):
    then = timezone.now() - timedelta(hours=5)
    TransportFactory(union=officer.union, starts_at=then, ends_at=then + timedelta(hours=1))
    assert listed(officer) == []


def test_needs_are_narrowed_down(officer, task):
    now = timezone.now()
    begun = TransportFactory(union=officer.union, title="begun", starts_at=now - timedelta(minutes=5))
    offer(task, made=now, until=now + timedelta(minutes=15))
    assert listed(officer, show="open") == [begun.title]
    assert listed(officer, show="asked") == [task.title]
    assert listed(officer, show="overdue") == [begun.title]
    assert listed(officer, show="red") == []
    assert listed(officer, search="egu") == [begun.title]


def test_who_has_not_answered_at_half_time_is_silent(officer, task):
    now = timezone.now()
    late = offer(task, made=now - timedelta(minutes=8), until=now + timedelta(minutes=7))
    offer(task, made=now - timedelta(minutes=7), until=now + timedelta(minutes=8))
    found = needs.silent(policies.visible_to(acting.officer(officer)), now=now)
    assert [row.pk for row in found.offers] == [late.pk]
    assert needs.with_progress([task], now=now)[0].silent == 1


def test_a_dispatcher_calls_who_is_silent_and_a_viewer_reads_a_masked_number(desk, officer, task):
    now = timezone.now()
    person = offer(task, made=now - timedelta(minutes=8), until=now + timedelta(minutes=7)).fleet.leader
    page = desk.get(reverse("desk_dispatch")).content.decode()
    assert f'href="tel:{person.phone}"' in page
    officer.role = Role.VIEWER
    officer.save()
    page = desk.get(reverse("desk_dispatch")).content.decode()
    assert str(person.phone) not in page
    assert person.masked_phone in page


def test_a_search_that_is_too_long_is_refused_on_the_page_and_in_its_part(desk, task):
    for answer in (desk.get(reverse("desk_dispatch"), {"q": "长" * 5000}), poll(desk, q="长" * 5000)):
        page = answer.content.decode()
        assert page.count('id="q-error"') == 1
        assert "60 字符" in page
    assert "字符" not in poll(desk, q="长").content.decode()


def test_the_keeping_of_a_need_is_no_button_of_the_proposals_form(desk, task):
    page = desk.get(reverse("desk_dispatch")).content.decode()
    assert page.count("data-lock") == page.count('form="lock"') == 1


def test_the_board_shows_the_need_and_its_search(desk, officer, task):
    search.lock(actor=acting.officer(officer), task_id=task.pk, now=timezone.now())
    page = desk.get(reverse("desk_dispatch")).content.decode()
    assert task.title in page
    assert "已锁定" in page


def test_a_need_is_kept_and_given_free(desk, task):
    desk.post(reverse("desk_task_lock", args=[task.pk]))
    task.refresh_from_db()
    assert task.search.locked_at
    desk.post(reverse("desk_task_unlock", args=[task.pk]))
    task.search.refresh_from_db()
    assert task.search.locked_at is None


def test_an_unchanged_board_is_a_304_in_two_queries(desk, task, django_assert_max_num_queries):
    answers = []
    for _ in range(2):  # a minute may end between two polls
        etag = poll(desk)["ETag"]
        with django_assert_max_num_queries(2):
            answers.append(poll(desk, etag).status_code)
    assert 304 in answers


def test_a_full_board_costs_the_same_queries_as_a_small_one(desk, officer, task, django_assert_max_num_queries):
    for _ in range(15):
        TransportFactory(union=officer.union)
    with django_assert_max_num_queries(19):
        poll(desk)


@pytest.mark.django_db(transaction=True)  # rows are told apart by the transactions that wrote them
@pytest.mark.parametrize("change", ["title", "offer", "lock"])
def test_whatever_changes_changes_the_board(desk, officer, task, change):
    etag, now = poll(desk)["ETag"], timezone.now()
    if change == "title":
        type(task).objects.filter(pk=task.pk).update(title="另一个名字")
    elif change == "offer":
        offer(task, made=now, until=now + timedelta(minutes=15))
    else:
        search.lock(actor=acting.officer(officer), task_id=task.pk, now=now)
    answer = poll(desk, etag)
    assert answer.status_code == 200
    assert answer["ETag"] != etag


def test_another_branch_changes_nothing_and_is_not_seen(officer, task):
    now = timezone.now()
    before = needs.version(user_id=officer.user_id, now=now)
    TransportFactory(title="别处的需求")
    assert needs.version(user_id=officer.user_id, now=now) == before
    assert listed(officer) == [task.title]


def test_a_stranger_is_led_to_the_sign_in(client):
    assert client.get(reverse("desk_dispatch")).status_code == 303


def test_a_viewer_sees_the_board_but_dispatches_nothing(client, officer, task):
    viewer = OfficerFactory(union=officer.union, role=Role.VIEWER)
    client.force_login(viewer.user, BACKEND)
    show(client, viewer.user, "password", "mfa")
    page = client.get(reverse("desk_dispatch")).content.decode()
    assert task.title in page
    assert "data-chosen" not in page
    assert client.post(reverse("desk_task_lock", args=[task.pk])).status_code == 403
    assert client.post(reverse("desk_propose"), {"task_ids": task.pk, "mode": "auto"}).status_code == 403


def test_a_list_of_several_pages_is_proposed_as_a_whole_as_it_is_narrowed_down(desk, officer):
    FleetFactory(union=officer.union, drivers=3)
    for n in range(25):
        TransportFactory(union=officer.union, vehicles_needed=1, title="转运居民" if n < 22 else "物资配送")
    board = desk.get(reverse("desk_dispatch"), {"q": "居民"}).content.decode()
    assert 'name="whole"' in board
    assert desk.post(reverse("desk_propose"), {"whole": "1", "mode": "walkers"}).status_code == 303
    assert not Plan.objects.exists()
    desk.post(reverse("desk_propose") + "?q=居民", {"whole": "1", "mode": "drivers"})
    assert Plan.objects.get().tasks.count() == 22


def test_the_page_of_a_need_on_the_red_list_says_so_and_whom_to_call(desk, officer, task):
    now = timezone.now()
    silent = offer(task, made=now - timedelta(minutes=5), until=now - timedelta(minutes=1))
    Offer.objects.filter(pk=silent.pk).update(status="expired")
    Search.objects.create(task=task, step=SearchStep.RED, step_at=now)
    text = desk.get(reverse("desk_task", args=[task.pk])).content.decode()
    assert "已无人可询问" in text
    assert f"tel:{silent.fleet.leader.phone}" in text
    assert reverse("desk_propose") in text
    task.campaign.alert_factor = 1
    task.campaign.save()
    type(task).objects.filter(pk=task.pk).update(vehicles_needed=1)
    assert "已按活动上限询问" in desk.get(reverse("desk_task", args=[task.pk])).content.decode()
    officer.role = Role.VIEWER
    officer.save()
    assert str(silent.fleet.leader.phone) not in desk.get(reverse("desk_task", args=[task.pk])).content.decode()
