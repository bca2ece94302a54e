"""A certificate says what was served; it verifies with this system and without, and a correction makes it void."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from threading import Barrier

import pypdfium2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from frontend import papers
from mobilize.accounts import services as accounts
from mobilize.attendance.models import ServiceRecord
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, NotFound, Unauthenticated
from mobilize.recognition import numbers, queries, services, summary
from mobilize.recognition.models import Certificate
from tests import acting
from tests.factories import ServiceRecordFactory, TransportFactory, UserFactory, WorkerFactory
from tests.frontend.conftest import BACKEND

pytestmark = pytest.mark.django_db
DAYS = [date(2022, 11, 18), date(2022, 11, 20)]


@pytest.fixture
def worker():
    return WorkerFactory(user__name="张三丰")


@pytest.fixture
def campaign(worker):
    """Where she served twice: two hours known by a scanned code, one and a half by her team leader's word."""
    task = TransportFactory()
    serve(worker, task, DAYS[0], 120, "code")
    serve(worker, task, DAYS[1], 90, "leader")
    return task.campaign


def serve(worker, task, day, minutes, source):
    return ServiceRecordFactory(
        union=worker.union, worker=worker, task=task, day=day, minutes=minutes, source=source, services=1
    )


def issue(worker, campaign):
    return services.issue(actor=acting.worker(worker.user), campaign_id=campaign.pk, now=timezone.now())


def state(certificate):
    return queries.state(Certificate.objects.get(pk=certificate.pk))


@pytest.fixture
def mine(client, worker):
    client.force_login(worker.user, BACKEND)
    return client


def test_it_says_what_was_served_by_source(worker, campaign):
    issued = issue(worker, campaign)
    assert (issued.name, issued.union_name, issued.title) == ("张三丰", campaign.union.name, campaign.title)
    assert (issued.first_day, issued.last_day, issued.services, issued.hours) == (*DAYS, 2, 3.5)
    assert issued.minutes == {"code": 120, "leader": 90}
    assert state(issued) == "valid"


def test_who_served_nothing_or_is_nobody_gets_none(worker, campaign):
    with pytest.raises(Conflict, match="nothing_served"):
        issue(WorkerFactory(), campaign)
    with pytest.raises(NotFound, match="no_profile"):
        services.issue(actor=acting.worker(UserFactory()), campaign_id=campaign.pk, now=timezone.now())
    with pytest.raises(Unauthenticated):
        services.issue(actor=STRANGER, campaign_id=campaign.pk, now=timezone.now())


def test_a_second_tap_gives_the_same_one(worker, campaign):
    assert issue(worker, campaign) == issue(worker, campaign)


@pytest.mark.django_db(transaction=True)
def test_ten_taps_at_once_make_one(worker, campaign):
    made = acting.at_once([lambda: issue(worker, campaign).pk] * 10)
    assert len(set(made)) == 1
    assert Certificate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_only_the_constraint_stops_a_second_one(worker, campaign, monkeypatch):
    """The control: taps that do not wait for each other meet the constraint, and people an error."""
    monkeypatch.setattr(services, "locked", lambda rows, **_: None)
    together = Barrier(4)
    says = services.numbers.new
    monkeypatch.setattr(services.numbers, "new", lambda day: (together.wait(30), says(day))[1])

    def tap():
        try:
            return issue(worker, campaign).pk
        except IntegrityError:
            return None

    assert acting.at_once([tap] * 4).count(None) == 3
    assert Certificate.objects.count() == 1


def test_more_hours_make_a_new_one_and_the_old_one_says_so(worker, campaign):
    old = issue(worker, campaign)
    serve(worker, campaign.tasks.get(), DAYS[1], 60, "code")
    new = issue(worker, campaign)
    assert new.number != old.number
    assert (state(old), state(new)) == ("replaced", "valid")


def test_a_correction_makes_it_void_and_the_next_one_says_what_is_true(worker, campaign):
    old = issue(worker, campaign)
    ServiceRecord.objects.filter(source="leader").update(minutes=30)
    assert state(old) == "void"
    (earned,) = queries.earned(worker_id=worker.pk)
    assert (earned.state, earned.up_to_date, earned.figures.hours) == ("void", False, 2.5)
    assert state(issue(worker, campaign)) == "valid"
    assert state(old) == "void"


def test_a_record_that_is_struck_makes_it_void(worker, campaign):
    issued = issue(worker, campaign)
    ServiceRecord.objects.filter(source="leader").delete()
    assert state(issued) == "void"


def code_in(document):
    picture = pypdfium2.PdfDocument(document)[0].render(scale=3).to_pil()
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text


def test_the_code_of_the_file_verifies_and_fails_with_one_digit_changed(mine, client, worker, campaign):
    issued = issue(worker, campaign)
    answer = mine.get(reverse("certificate_pdf", args=[issued.pk]))
    assert answer["Content-Type"] == "application/pdf"
    code = code_in(answer.content)
    address, signed = code.split("#")
    key = load_pem_public_key(client.get(reverse("certificate_key")).content)
    said = summary.read(signed, key)
    assert said["number"] == issued.number
    assert said["name"] == "张三丰"
    assert said["minutes"] == {"code": 120, "leader": 90}
    client.logout()
    assert "有效" in client.get(address.removeprefix(settings.PUBLIC_URL)).content.decode()

    number = issued.number[:-1] + str((int(issued.number[-1]) + 1) % 10)
    assert client.get(reverse("certificate_verify", args=[number])).status_code == 404
    body, signature = signed.split(".")
    place = len(body) // 2
    forged = body[:place] + ("A" if body[place] != "A" else "B") + body[place + 1 :]
    assert summary.read(f"{forged}.{signature}", key) is None


def test_the_documented_program_verifies_without_this_system(worker, campaign, tmp_path):
    signed = issue(worker, campaign).signed
    program = re.search(r"```python\n(.*?)```", Path("docs/certificates.md").read_text(), re.DOTALL)[1]
    (tmp_path / "verify.py").write_text(program)
    (tmp_path / "key.pem").write_text(services.public_key())

    def verify(text):
        command = [sys.executable, "verify.py", "key.pem", f"https://city.example.org/x/#{text}"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONIOENCODING": "utf-8"})

    assert '"name":"张三丰"' in verify(signed).stdout
    assert "InvalidSignature" in verify(signed.replace(signed[20], "A" if signed[20] != "A" else "B", 1)).stderr


def test_a_key_from_another_secret_does_not_verify(worker, campaign):
    other = summary.private_key("another").public_key()
    assert summary.read(issue(worker, campaign).signed, other) is None
    assert summary.read("no summary at all", other) is None


def test_the_picture_shows_the_same_code(mine, worker, campaign):
    issued = issue(worker, campaign)
    answer = mine.get(reverse("certificate_png", args=[issued.pk]))
    assert answer.content.startswith(b"\x89PNG")


def test_a_server_without_a_chinese_font_says_so_instead_of_printing_boxes(mine, worker, campaign, monkeypatch):
    monkeypatch.setattr(papers, "_can_print", lambda: False)
    answer = mine.get(reverse("certificate_pdf", args=[issue(worker, campaign).pk]))
    assert answer.status_code == 409
    assert "打印" in answer.content.decode()


def test_a_corrected_name_gets_a_new_one(worker, campaign):
    first = issue(worker, campaign)
    worker.user.name = "张三风"
    worker.user.save()
    [earned] = queries.earned(worker_id=worker.pk)
    assert not earned.up_to_date
    again = issue(worker, campaign)
    assert (again.name, again.number == first.number) == ("张三风", False)


def test_a_void_one_is_not_handed_out_but_says_so_and_issues_a_new_one(mine, worker, campaign):
    certificate = issue(worker, campaign)
    ServiceRecord.objects.filter(source="leader").update(minutes=30)
    sheet = reverse("certificate", args=[certificate.pk])
    for name in ("certificate_pdf", "certificate_png"):
        assert mine.get(reverse(name, args=[certificate.pk]))["Location"] == sheet
    page = mine.get(sheet).content.decode()
    assert "已作废" in page
    assert "换发新证书" in page


def test_a_signature_has_one_spelling(worker, campaign):
    signed = issue(worker, campaign).signed
    key = load_pem_public_key(services.public_key().encode())
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert [last for last in letters if summary.read(signed[:-1] + last, key)] == [signed[-1]]


def test_a_number_that_was_never_given_is_said_to_be_not_genuine(client, worker, campaign):
    answer = client.get(reverse("certificate_verify", args=["202211200001"]))
    assert answer.status_code == 404
    assert "没有这个编号的证书" in answer.content.decode()


def test_whoever_has_the_number_sees_hours_and_a_masked_name(client, worker, campaign):
    issued = issue(worker, campaign)
    page = client.get(reverse("certificate_verify", args=[issued.number])).content.decode()
    assert "张**" in page
    assert "三丰" not in page
    assert campaign.title in page


def test_numbers_are_not_tried_out_in_a_row(client):
    statuses = [client.get(reverse("certificate_verify", args=["202212345678"])).status_code for _ in range(31)]
    assert statuses[-2:] == [404, 429]


def test_a_number_is_typed_as_people_type_it(client, worker, campaign):
    number = issue(worker, campaign).number
    typed = f" {number[:4]} {number[4:8]}-{number[8:]}".translate({ord("2"): "２"})
    assert number in client.get(reverse("certificate_check"), {"number": typed})["Location"]
    wrong = client.get(reverse("certificate_check"), {"number": "202212345670"})
    assert wrong.status_code == 422
    assert 'value="202212345670"' in wrong.content.decode()


def test_nobody_opens_somebody_elses(mine, campaign, worker):
    other = WorkerFactory()
    serve(other, campaign.tasks.get(), DAYS[0], 60, "code")
    theirs = issue(other, campaign)
    for name in ("certificate", "certificate_pdf", "certificate_png"):
        assert mine.get(reverse(name, args=[theirs.pk])).status_code == 404


def test_the_page_issues_one_and_lists_it(mine, worker, campaign):
    page = mine.get(reverse("certificates")).content.decode()
    assert "3.5" in page
    issued = mine.post(reverse("certificates"), {"campaign": str(campaign.pk)})
    assert issued["Location"] == reverse("certificate", args=[Certificate.objects.get().pk])
    assert "张三丰" in mine.get(issued["Location"]).content.decode()
    assert mine.post(reverse("certificates"), {"campaign": "nonsense"}).status_code == 404


def test_a_list_of_more_campaigns_costs_no_more_statements(worker, campaign, django_assert_num_queries):
    issue(worker, campaign)
    with django_assert_num_queries(4):
        queries.earned(worker_id=worker.pk)
    other = TransportFactory()
    serve(worker, other, DAYS[0], 60, "code")
    issue(worker, other.campaign)
    with django_assert_num_queries(4):
        assert len(queries.earned(worker_id=worker.pk)) == 2


def test_who_closes_her_account_takes_her_name_along(worker, campaign):
    issue(worker, campaign)
    with transaction.atomic():
        accounts.erase(user_id=worker.user_id)
    acting.run_outbox()
    assert not Certificate.objects.exists()


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 11), st.integers(1, 9))
def test_every_wrong_digit_is_found(day, place, step):
    number = numbers.new(day)
    assert numbers.is_number(number)
    wrong = str((int(number[place]) + step) % 10)
    assert not numbers.is_number(number[:place] + wrong + number[place + 1 :])


def test_inside_wechat_a_picture_opens_to_be_saved_by_a_long_press_and_a_pdf_says_how_to_come_out(
    mine, worker, campaign
):
    issued = issue(worker, campaign)
    inside = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50"}
    picture = mine.get(reverse("certificate_png", args=[issued.pk]), headers=inside)
    assert (picture["Content-Type"], picture["Content-Disposition"]) == ("image/png", "inline")
    answer = mine.get(reverse("certificate_pdf", args=[issued.pk]), headers=inside)
    assert answer["Content-Type"].startswith("text/html")
    assert "在浏览器打开" in answer.text
