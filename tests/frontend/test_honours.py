"""An honour from its holder's page over the desk to the tag beside her name."""

from django.urls import reverse
from django.utils import timezone

from mobilize.unions.states import Role
from mobilize.workers.models import Honour
from tests.factories import HonourFactory, OfficerFactory, ShiftFactory, SignupFactory, UserFactory, WorkerFactory
from tests.frontend.conftest import BACKEND, show
from tests.frontend.test_list import grows

HELD = {"kind": "craftsman", "level": "provincial", "awarding_body": "山西省总工会", "year": "2020"}


def test_a_person_names_an_honour_and_sees_what_became_of_it(phone, worker):
    assert phone.post(reverse("honours"), HELD)["Location"] == reverse("honours")
    page = phone.get(reverse("honours")).content.decode()
    assert "省级工匠" in page
    assert "已申报" in page
    assert "省级工匠" not in phone.get(reverse("profile")).content.decode()
    Honour.objects.update(status="verified", verified_at=timezone.now())
    assert "省级工匠" in phone.get(reverse("profile")).content.decode()


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(phone):
    answer = phone.post(reverse("honours"), HELD | {"awarding_body": "", "year": "1234"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写颁发单位" in page
    assert 'value="1234"' in page
    again = phone.post(reverse("honours"), HELD | {"year": "1234"})
    assert again.status_code == 422
    assert "例如 2019" in again.content.decode()


def test_the_second_claim_is_told_that_it_is_on_the_list(phone):
    phone.post(reverse("honours"), HELD)
    answer = phone.post(reverse("honours"), HELD)
    assert answer.status_code == 422
    assert "这项荣誉已在您的列表中" in answer.content.decode()


def test_a_person_without_a_profile_gives_it_first(client, db):
    client.force_login(UserFactory(), BACKEND)
    assert client.get(reverse("honours"))["Location"] == reverse("profile")


def test_an_administrator_verifies_and_takes_back_at_the_desk(admin, officer):
    claim = HonourFactory(worker__union=officer.union)
    page = admin.get(reverse("desk_honours")).content.decode()
    assert "市级劳动模范" in page
    assert str(claim.worker.user.phone)[3:] not in page
    admin.post(reverse("desk_honour_verify", args=[claim.pk]))
    assert "市级劳动模范" not in admin.get(reverse("desk_honours")).content.decode()
    assert "市级劳动模范" in admin.get(reverse("desk_honours"), {"status": "verified"}).content.decode()
    url = reverse("desk_honour_revoke", args=[claim.pk])
    assert admin.post(url, {"why": ""}).status_code == 422
    admin.post(url, {"why": "名单中没有"})
    assert "名单中没有" in admin.get(reverse("desk_honours"), {"status": "revoked"}).content.decode()


def test_another_branch_is_not_there(admin):
    claim = HonourFactory()
    assert "市级劳动模范" not in admin.get(reverse("desk_honours")).content.decode()
    assert admin.get(reverse("desk_honour_revoke", args=[claim.pk])).status_code == 404
    assert admin.post(reverse("desk_honour_verify", args=[claim.pk])).status_code == 404


def test_a_dispatcher_reads_and_does_not_judge(desk, officer):
    claim = HonourFactory(worker__union=officer.union)
    page = desk.get(reverse("desk_honours")).content.decode()
    assert "市级劳动模范" in page
    assert reverse("desk_honour_verify", args=[claim.pk]) not in page
    assert desk.post(reverse("desk_honour_verify", args=[claim.pk])).status_code == 403


def test_one_who_administers_a_part_judges_that_part_alone(client, db):
    held = OfficerFactory(role=Role.VIEWER)
    below = OfficerFactory(user=held.user, union__parent=held.union, union__level="district", role=Role.ADMIN)
    client.force_login(held.user, BACKEND)
    show(client, held.user, "password", "mfa")
    seen, judged = HonourFactory(worker__union=held.union), HonourFactory(worker__union=below.union)
    page = client.get(reverse("desk_honours")).content.decode()
    assert reverse("desk_honour_verify", args=[seen.pk]) not in page
    assert reverse("desk_honour_verify", args=[judged.pk]) in page


def test_only_a_verified_honour_stands_beside_the_name_on_the_shift(desk, officer):
    shift = ShiftFactory(task__union=officer.union)
    for status in ["claimed", "verified"]:
        level = "city" if status == "verified" else "national"
        held = HonourFactory(status=status, level=level, verified_at=timezone.now())
        SignupFactory(shift=shift, worker=held.worker)
    page = desk.get(reverse("desk_shift", args=[shift.pk])).content.decode()
    assert "市级劳动模范" in page
    assert "全国劳动模范" not in page


def test_the_lists_ask_as_often_for_many_as_for_few(admin, officer):
    shift = ShiftFactory(task__union=officer.union, places=50)

    def more():
        for _ in range(3):
            worker = WorkerFactory(union=officer.union)
            HonourFactory(worker=worker)
            HonourFactory(worker=worker, level="national", status="verified", verified_at=timezone.now())
            SignupFactory(shift=shift, worker=worker)

    more()
    assert grows(admin, reverse("desk_honours"), more) == 0
    assert grows(admin, reverse("desk_shift", args=[shift.pk]), more) == 0
