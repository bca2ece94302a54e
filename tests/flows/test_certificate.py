"""Whoever scans the code of a certificate reads whether the paper says what was signed."""

from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mobilize.recognition import services
from tests import acting
from tests.factories import ServiceRecordFactory, TransportFactory, WorkerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def certificate():
    worker, task = WorkerFactory(user__name="张三丰"), TransportFactory()
    ServiceRecordFactory(
        union=worker.union, worker=worker, task=task, day=date(2022, 11, 18), services=1, minutes=90, source="code"
    )
    return services.issue(actor=acting.worker(worker.user), campaign_id=task.campaign_id, now=timezone.now())


def test_a_genuine_code_shows_the_whole_name_that_was_signed(phone, certificate, seen):
    phone.goto(f"/certificates/{certificate.number}/#{certificate.signed}")
    expect(phone.get_by_text("扫到的二维码属实")).to_be_visible()
    expect(phone.get_by_text("张三丰")).to_be_visible()
    seen(phone, "18-certificate-genuine")


@pytest.mark.parametrize("change", ["another name", "one sign of the signature"])
def test_a_paper_that_borrows_a_number_is_said_to_be_not_genuine(phone, certificate, seen, change):
    body, signature = certificate.signed.split(".")
    forged = f"{body[:-1]}.{signature}" if change == "another name" else f"{body}.{signature[1:]}A"
    phone.goto(f"/certificates/{certificate.number}/#{forged}")
    expect(phone.get_by_role("heading", name="这张纸不是真的")).to_be_visible()
    expect(phone.get_by_text("此证有效")).to_be_hidden()
    expect(phone.get_by_text("张三丰")).to_have_count(0)
    seen(phone, "18-certificate-forged")


def test_a_number_that_was_typed_says_nothing_of_a_code(phone, certificate):
    phone.goto(f"/certificates/{certificate.number}/")
    expect(phone.get_by_role("heading", name="此证有效")).to_be_visible()
    expect(phone.get_by_text("扫到的二维码属实")).to_be_hidden()
