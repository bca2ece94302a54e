"""A person takes along all that is kept about her."""

import pytest
from django.utils import timezone

from mobilize.accounts import services as accounts
from mobilize.accounts.models import User
from mobilize.channels.models import Delivery
from mobilize.dispatch import services as dispatch
from tests import acting
from tests.api.conftest import Api
from tests.factories import (
    DriverFactory,
    FleetFactory,
    HonourFactory,
    OfficerFactory,
    ShiftFactory,
    TransportFactory,
    UserFactory,
    WorkerFactory,
)
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


def export_of(user):
    answer = Api(acting.bearer(user)).get("me/export/")
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def busy():
    """A leader who drives, signs up, is an officer, holds an honour and has got messages."""
    officer = OfficerFactory()
    person = officer.user
    fleet = FleetFactory(union=officer.union, leader=person)
    driver = DriverFactory(fleet=fleet, worker__user=person, vehicle__plate="晋A88888")
    HonourFactory(worker=driver.worker)
    join(ShiftFactory(post__site__name="下元街道"), driver.worker)
    task = TransportFactory(union=officer.union, title="转运旅客")
    (offer,) = dispatch.offer(actor=acting.officer(officer), task_id=task.pk, fleet_ids=[fleet.pk], now=timezone.now())
    dispatch.accept(actor=acting.worker(person), offer_id=offer.pk, vehicles=1, now=timezone.now())
    accounts.request_code(phone=str(person.phone), now=timezone.now())
    acting.run_outbox()
    return User.objects.get(pk=person.pk)


def test_it_holds_what_every_app_keeps(busy):
    export = export_of(busy)
    assert (export["phone"], export["driver"]["vehicle"]["plate"]) == (str(busy.phone), "晋A88888")
    assert [(trip["task_title"], trip["plate"]) for trip in export["driver"]["trips"]] == [("转运旅客", "晋A88888")]
    assert [offer["status"] for offer in export["offers_answered"]] == ["accepted"]
    assert [fleet["status"] for fleet in export["fleets_led"]] == ["enrolled"]
    assert [office["role"] for office in export["offices"]] == ["dispatcher"]
    assert [signup["site"] for signup in export["profile"]["signups"]] == ["下元街道"]
    assert len(export["profile"]["honours"]) == len(export["profile"]["pledges"]) == 1
    assert {"sign_in_code"} < {message["kind"] for message in export["messages"]}
    assert export["reminders"]


def test_no_sign_in_code_is_in_it(busy):
    assert Delivery.objects.get(kind="sign_in_code").body not in str(export_of(busy))


def test_nothing_of_somebody_else_is_in_it(busy):
    for stranger in (UserFactory(), WorkerFactory().user):
        export = export_of(stranger)
        assert [export[name] for name in ("fleets_led", "offers_answered", "offices", "messages")] == [[]] * 4
        assert not export["driver"]
        assert "晋A88888" not in str(export)
