"""A board polls cheaply and shows what has changed."""

import pytest
from django.urls import reverse
from django.utils import timezone

from mobilize.dispatch import services
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory
from tests.frontend.conftest import BACKEND, htmx, show


@pytest.fixture
def task(officer):
    return TransportFactory(union=officer.union)


def poll(client, task, etag=None):
    headers = htmx("board") | ({"If-None-Match": etag} if etag else {})
    return client.get(reverse("desk_task", args=[task.pk]), headers=headers)


def test_an_unchanged_board_is_a_304_in_two_queries(desk, task, django_assert_max_num_queries):
    etag = poll(desk, task)["ETag"]
    with django_assert_max_num_queries(2):
        answer = poll(desk, task, etag)
    assert answer.status_code == 304
    assert answer.content == b""


def test_the_page_carries_the_tag_its_board_polls_with(desk, task):
    page = desk.get(reverse("desk_task", args=[task.pk])).content.decode()
    assert poll(desk, task)["ETag"].strip('"') in page


def test_an_offer_changes_the_board(desk, officer, task):
    etag = poll(desk, task)["ETag"]
    fleet = FleetFactory(union=officer.union, drivers=3)
    services.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    answer = poll(desk, task, etag)
    assert answer.status_code == 200
    assert fleet.name in answer.content.decode()
    assert answer["ETag"] != etag


def test_another_reader_cannot_use_the_tag(desk, client, task):
    etag = poll(desk, task)["ETag"]
    other = OfficerFactory()
    client.force_login(other.user, BACKEND)
    show(client, other.user, "password", "mfa")
    assert poll(client, task, etag).status_code == 404
