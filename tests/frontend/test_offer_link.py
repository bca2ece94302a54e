"""The link in an offer's message answers it without signing in; opening it changes nothing."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.dispatch import services
from mobilize.dispatch.models import Offer
from tests import acting
from tests.factories import FleetFactory, OfficerFactory, TransportFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def task():
    officer = OfficerFactory()
    return TransportFactory(union=officer.union, created_by=officer.user)


def made(task, **drivers):
    officer = task.created_by.offices.get()
    fleet = FleetFactory(union=task.union, drivers=3)
    whom = {"driver_ids": [fleet.drivers.first().pk]} if drivers else {"fleet_ids": [fleet.pk]}
    return services.offer(actor=acting.officer(officer), task_id=task.pk, now=timezone.now(), **whom)[0]


def told(offer):
    """The path of the link in the message."""
    person = offer.fleet.leader if offer.fleet else offer.driver.worker.user
    acting.run_outbox(after=timedelta(seconds=11))
    return re.search(r"/o/[-\w.]+/", acting.messages_to(person)[0])[0]


def status(offer):
    return Offer.objects.get(pk=offer.pk).status


def test_a_driver_accepts_in_one_tap_and_reads_so(client, task):
    offer = made(task, driver=True)
    path = told(offer)
    page = client.get(path).content.decode()
    assert task.title in page
    assert 'name="vehicles" value="1"' in page
    assert client.post(path, {"vehicles": "1"}).status_code == 303
    assert status(offer) == "accepted"
    assert "您已承诺 1 辆车" in client.get(path).content.decode()
    assert client.get("/me/").status_code == 303  # the link signs nobody in


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_whoever_opens_the_link_changes_nothing(client, task, method):
    offer = made(task)
    path = told(offer)
    for _ in range(2):
        getattr(client, method)(path)
    assert status(offer) == "offered"


def test_a_leader_promises_a_number(client, task):
    offer = made(task)
    path = told(offer)
    assert client.post(path, {"vehicles": "4"}).status_code == 422
    client.post(path, {"vehicles": "2"})
    assert Offer.objects.get(pk=offer.pk).vehicles_accepted == 2


@pytest.mark.parametrize("answer", [{"vehicles": "2"}, {"decline": "1"}])
def test_the_same_answer_twice_is_the_same_answer(client, task, answer):
    offer = made(task)
    path = told(offer)
    for _ in range(2):
        assert client.post(path, answer)["Location"] == path
    assert Offer.objects.get(pk=offer.pk).vehicles_accepted == int(answer.get("vehicles", 0))


def test_a_no_is_kept_and_a_second_answer_is_refused_with_the_way_on(client, task):
    offer = made(task, driver=True)
    path = told(offer)
    assert client.post(path, {"decline": "1"}).status_code == 303
    assert status(offer) == "declined"
    page = client.get(path).content.decode()
    assert "您已谢绝" in page
    assert 'href="/me/offers/"' in page
    again = client.post(path, {"vehicles": "1"})
    assert again.status_code == 409
    assert status(offer) == "declined"


@pytest.mark.parametrize(
    ("end", "says"),
    [("expired", "答复时间已过"), ("cancelled", "已撤回"), ("late", "答复时间已过")],
)
def test_a_link_ends_with_its_offer_and_says_so(client, task, end, says):
    offer = made(task, driver=True)
    path = told(offer)
    late = {"expires_at": timezone.now()}
    Offer.objects.filter(pk=offer.pk).update(**(late if end == "late" else {"status": end}))
    page = client.get(path).content.decode()
    assert says in page
    assert 'name="vehicles"' not in page
    assert client.post(path, {"vehicles": "1"}).status_code == 409
    assert task.trips.count() == 0


def test_a_link_that_is_cut_off_made_up_or_of_another_is_nobodys(client, task):
    offer, other = made(task), made(task)
    path, others = told(offer), told(other)
    foreign = "/o/" + path.split("/")[2].partition(".")[0] + "." + others.split("/")[2].partition(".")[2] + "/"
    for bad in ("/o/x/", "/o/.../", path[:-3] + "/", foreign):
        for answer in (client.get(bad), client.post(bad, {"vehicles": "1"})):
            assert answer.status_code == 404
            assert "此链接不完整" in answer.content.decode()
            assert task.title not in answer.content.decode()
    assert status(offer) == "offered"


def test_a_leader_who_was_replaced_answers_no_more(client, task):
    offer = made(task)
    path = told(offer)
    type(offer.fleet).objects.filter(pk=offer.fleet_id).update(leader=UserFactory())
    assert client.post(path, {"vehicles": "1"}).status_code == 404


def test_my_offers_answer_in_one_tap_too(client, task):
    offer = made(task, driver=True)
    client.force_login(offer.driver.worker.user)
    assert 'name="vehicles" value="1"' in client.get("/me/offers/").content.decode()
    client.post(f"/offers/{offer.pk}/", {"vehicles": "1"})
    assert status(offer) == "accepted"
