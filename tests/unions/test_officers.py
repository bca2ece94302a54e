import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from mobilize.accounts.models import User
from mobilize.channels.models import Delivery
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from mobilize.core.models import Transition
from mobilize.unions import policies, services
from mobilize.unions.models import Officer
from mobilize.unions.states import Level, Role
from tests import acting
from tests.factories import OfficerFactory, UnionFactory, UserFactory

pytestmark = pytest.mark.django_db
PHONE = "+8613700000301"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def branch():
    """A city with two districts and an administrator of the first one."""
    city = UnionFactory(name="市总工会")
    first, second = (UnionFactory(parent=city, level=Level.DISTRICT, name=name) for name in ("甲区", "乙区"))
    return city, first, second, OfficerFactory(union=first, role=Role.ADMIN)


def appoint(held, union, *, phone=PHONE, name="林静", role=Role.DISPATCHER):
    actor = acting.officer(held) if isinstance(held, Officer) else held
    return services.appoint(actor=actor, phone=phone, name=name, union_id=union.pk, role=role, now=timezone.now())


def steps(officer_id):
    rows = Transition.objects.filter(subject_id=officer_id).order_by("created_at")
    return list(rows.values_list("from_status", "to_status", "by_user"))


def test_an_administrator_appoints_and_the_new_officer_gets_a_link(branch):
    _, first, _, admin = branch
    officer = appoint(admin, first, phone="137 0000 0301")
    assert (officer.user.name, str(officer.user.phone), officer.role) == ("林静", PHONE, "dispatcher")
    assert steps(officer.pk) == [("", "dispatcher", admin.user_id)]
    message = Delivery.objects.get()
    assert message.expires_at - message.created_at == timedelta(hours=48)
    assert "甲区" in message.body
    assert re.search(rf"/accounts/password/set/{officer.user_id}/[0-9a-f]+-[0-9a-f]{{40}}/", message.body)


def test_who_has_a_name_and_a_password_keeps_both_and_needs_no_link(branch):
    _, first, _, admin = branch
    user = UserFactory(phone=PHONE, name="原名")
    user.set_password("correct-horse-battery")
    user.save()
    appoint(admin, first, name="别名")
    user.refresh_from_db()
    assert user.name == "原名"
    assert not Delivery.objects.exists()


def test_every_wrong_field_is_named_at_once(branch):
    with pytest.raises(Invalid) as refused:
        appoint(branch[3], branch[1], phone="137", name=" ", role="queen")
    assert refused.value.fields == {"phone": ["bad_phone"], "name": ["required"], "role": ["unknown_choice"]}
    assert not User.objects.exclude(pk=branch[3].user_id).exists()


def test_an_officer_is_appointed_once_for_a_union(branch):
    _, first, _, admin = branch
    appoint(admin, first)
    with pytest.raises(Invalid) as refused:
        appoint(admin, first, role=Role.ADMIN)
    assert refused.value.fields == {"phone": ["officer_exists"]}
    assert Officer.objects.get(user__phone=PHONE).role == "dispatcher"


def test_a_closed_account_is_not_appointed(branch):
    UserFactory(phone=PHONE, is_active=False)
    with pytest.raises(Conflict) as refused:
        appoint(branch[3], branch[1])
    assert refused.value.code == "account_closed"


def test_nobody_but_an_administrator_of_the_branch_appoints(branch):
    city, first, second, admin = branch
    for held, union, error in [
        (admin, second, NotFound),
        (admin, city, NotFound),
        (OfficerFactory(union=first), first, Forbidden),
        (acting.worker(admin.user), first, NotFound),
        (STRANGER, first, Unauthenticated),
    ]:
        with pytest.raises(error):
            appoint(held, union)
    assert not User.objects.filter(phone=PHONE).exists()


def test_a_role_is_changed_and_the_change_is_kept(branch):
    _, first, _, admin = branch
    officer = OfficerFactory(union=first, role=Role.VIEWER)
    now = timezone.now()
    for role in (Role.ADMIN, Role.ADMIN):
        services.change_role(actor=acting.officer(admin), officer_id=officer.pk, role=role, now=now)
    officer.refresh_from_db()
    assert officer.role == "admin"
    assert steps(officer.pk) == [("viewer", "admin", admin.user_id)]
    with pytest.raises(Invalid):
        services.change_role(actor=acting.officer(admin), officer_id=officer.pk, role="queen", now=now)


def test_a_dismissed_officer_is_one_no_more_at_once(branch):
    _, first, _, admin = branch
    officer = OfficerFactory(union=first, role=Role.ADMIN)
    services.dismiss(actor=acting.officer(admin), officer_id=officer.pk, now=timezone.now())
    assert policies.branch(acting.officer(officer), at_least=Role.VIEWER) == []
    assert steps(officer.pk) == [("admin", "dismissed", admin.user_id)]


CHANGES = [
    services.dismiss,
    lambda **given: services.change_role(role=Role.VIEWER, **given),
]


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_changes_her_own_office(branch, change):
    admin = branch[3]
    with pytest.raises(Conflict) as refused:
        change(actor=acting.officer(admin), officer_id=admin.pk, now=timezone.now())
    assert refused.value.code == "own_office"
    with pytest.raises(Conflict):
        appoint(admin, branch[1], phone=str(admin.user.phone))


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_but_an_administrator_of_the_branch_changes_an_office(branch, change):
    city, first, second, admin = branch
    officer = OfficerFactory(union=first, role=Role.ADMIN)
    for actor, error in [
        (acting.officer(OfficerFactory(union=second, role=Role.ADMIN)), NotFound),
        (acting.officer(OfficerFactory(union=first)), Forbidden),
        (acting.worker(admin.user), NotFound),
        (STRANGER, Unauthenticated),
    ]:
        with pytest.raises(error):
            change(actor=actor, officer_id=officer.pk, now=timezone.now())
    above = OfficerFactory(union=city, role=Role.ADMIN)
    with pytest.raises(NotFound):
        change(actor=acting.officer(admin), officer_id=above.pk, now=timezone.now())
    with pytest.raises(NotFound):
        change(actor=acting.officer(admin), officer_id=uuid4(), now=timezone.now())
    officer.refresh_from_db()
    assert officer.role == "admin"


def test_officers_see_those_of_their_branch(branch):
    _, first, second, admin = branch
    viewer, elsewhere = OfficerFactory(union=first, role=Role.VIEWER), OfficerFactory(union=second)
    assert set(policies.officers_visible_to(acting.officer(viewer))) == {admin, viewer}
    assert set(policies.officers_visible_to(acting.officer(elsewhere))) == {elsewhere}
    with pytest.raises(Forbidden):
        policies.officers_visible_to(acting.worker(UserFactory()))


def test_a_forgotten_password_is_answered_the_same_for_all_and_helps_officers_alone(branch):
    now = timezone.now()
    closed = OfficerFactory(user__is_active=False)
    for phone in [str(branch[3].user.phone), str(UserFactory().phone), "13700000399", str(closed.user.phone)]:
        assert services.forgot_password(phone=phone, now=now) is None
    assert [row.recipient for row in Delivery.objects.all()] == [branch[3].user]
    with pytest.raises(Invalid):
        services.forgot_password(phone="137", now=now)


def test_links_are_limited_for_a_number_and_an_address_known_or_not(branch):
    now = timezone.now()
    for phone in (str(branch[3].user.phone), PHONE):
        services.forgot_password(phone=phone, now=now, address="192.0.2.1")
        with pytest.raises(TooMany) as refused:
            services.forgot_password(phone=phone, now=now, address="192.0.2.1")
        assert refused.value.data["retry_after"] in range(60 - 10, 61)  # the window runs since the first, just before
    assert Delivery.objects.count() == 1
    for n in range(services.MOST_LINKS_AN_ADDRESS - 2):
        services.forgot_password(phone=f"137{n:08d}", now=now, address="192.0.2.1")
    with pytest.raises(TooMany) as refused:
        services.forgot_password(phone="13700000398", now=now, address="192.0.2.1")
    assert refused.value.data["retry_after"] in range(600 - 30, 601)  # what is left: the window runs since the first
