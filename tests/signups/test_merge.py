"""Two rows of one person become one, and nothing that hung on either is lost."""

from datetime import timedelta
from functools import partial

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.utils import timezone

from mobilize.accounts.backends import people
from mobilize.accounts.models import User
from mobilize.accounts.services import redeem_code, request_code
from mobilize.campaigns.models import Pledge
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.core.models import Transition
from mobilize.reminders.models import Reminder
from mobilize.signups import groups
from mobilize.signups.merging import merge
from mobilize.signups.models import Signup, SignupGroup
from mobilize.tasks.models import Shift, Team
from mobilize.unions.states import Role
from mobilize.workers.enrolment import PersonLine
from mobilize.workers.models import Honour, Worker
from mobilize.workers.services import erase_me, save_profile
from tests import acting
from tests.accounts.test_redeem_code import code_for
from tests.factories import (
    DriverFactory,
    FleetFactory,
    HonourFactory,
    OfficerFactory,
    ServiceRecordFactory,
    ShiftFactory,
    SignupFactory,
    UnionFactory,
    WorkerFactory,
)
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def union():
    return UnionFactory()


@pytest.fixture
def desk(union):
    return acting.officer(OfficerFactory(union=union, role=Role.ADMIN))


@pytest.fixture
def keep(union):
    return WorkerFactory(union=union)


@pytest.fixture
def drop(union):
    return WorkerFactory(union=union)


def one(actor, keep, drop):
    return merge(actor=actor, keep_id=keep.pk, drop_id=drop.pk, now=timezone.now())


def signed_in_with(phone):
    now = timezone.now()
    challenge = request_code(phone=str(phone), now=now)
    return redeem_code(challenge_id=challenge.pk, code=code_for(challenge), now=now)


def test_every_link_follows(desk, keep, drop):
    signup = join(ShiftFactory(), drop)
    acting.run_outbox()
    campaign = signup.shift.task.campaign
    others = SignupFactory(signed_up_by=drop.user)
    group = SignupGroup.objects.create(shift=others.shift, name="一车间", leader=drop.user)
    team = Team.objects.create(campaign=campaign, union=campaign.union, name="转运专班", leader=drop)
    honour, driver = HonourFactory(worker=drop), DriverFactory(worker=drop)
    fleet, record = FleetFactory(leader=drop.user), ServiceRecordFactory(worker=drop)
    reminder = Reminder.objects.filter(subject_id=signup.pk).latest("created_at")
    assert one(desk, keep, drop) == keep
    for row, field, person in [
        (signup, "worker", keep),
        (signup, "signed_up_by", keep.user),
        (Pledge.objects.get(campaign=campaign), "worker", keep),
        (others, "signed_up_by", keep.user),
        (group, "leader", keep.user),
        (team, "leader", keep),
        (honour, "worker", keep),
        (driver, "worker", keep),
        (fleet, "leader", keep.user),
        (record, "worker", keep),
        (reminder, "user", keep.user),
    ]:
        row.refresh_from_db()
        assert getattr(row, field) == person, f"{row._meta.label} {field}"
    assert signup.status == "confirmed"
    trace = Transition.objects.get(subject_id=drop.pk)
    assert (trace.to_status, trace.by_user_id) == ("merged", desk.user_id)


def test_what_both_have_is_left_once_and_of_two_honours_the_verified_one(desk, keep, drop):
    shift = ShiftFactory(places=3)
    join(shift, keep)
    join(ShiftFactory(task=shift.task, starts_at=shift.ends_at), drop)
    for worker, other in [(keep, drop), (drop, keep)]:
        year = 2018 if worker == keep else 2019
        HonourFactory(worker=worker, year=year, status="verified", verified_at=timezone.now())
        HonourFactory(worker=other, year=year)
    HonourFactory(worker=drop, year=2020)
    one(desk, keep, drop)
    assert Pledge.objects.get().worker == keep
    assert sorted(keep.honours.values_list("year", "status")) == [
        (2018, "verified"),
        (2019, "verified"),
        (2020, "claimed"),
    ]
    assert Honour.objects.count() == 3
    assert keep.signups.count() == 2


def test_of_two_sign_ups_at_one_time_the_more_certain_stays_and_the_other_place_is_offered(desk, keep, drop):
    begin = timezone.now() + timedelta(days=2)
    full, other = (ShiftFactory(places=1, starts_at=begin) for _ in range(2))
    hers = join(other, drop)
    taker = join(full, WorkerFactory())
    waits = join(full, keep)
    one(desk, keep, drop)
    assert statuses(hers, waits, taker) == ["confirmed", "withdrawn", "confirmed"]
    assert counts(full) == (1, 0)
    assert counts(other) == (1, 0)


def test_of_two_equal_ones_the_older_stays_and_the_next_in_line_is_asked(desk, keep, drop):
    begin = timezone.now() + timedelta(days=2)
    first, second = (ShiftFactory(places=1, starts_at=begin) for _ in range(2))
    older, younger = join(first, drop), join(second, keep)
    next_one = join(second, WorkerFactory())
    one(desk, keep, drop)
    assert statuses(older, younger, next_one) == ["confirmed", "withdrawn", "offered"]
    assert Signup.objects.get(pk=older.pk).worker == keep
    assert counts(second) == (1, 0)


def statuses(*signups):
    return [Signup.objects.get(pk=signup.pk).status for signup in signups]


def counts(shift):
    return Shift.objects.values_list("taken", "waiting").get(pk=shift.pk)


def test_the_old_number_signs_in_as_the_one_who_stays_and_so_does_a_number_merged_before(union, desk, keep, drop):
    earlier = WorkerFactory(union=union)
    one(desk, drop, earlier)
    one(desk, keep, drop)
    for worker in (keep, drop, earlier):
        assert signed_in_with(worker.user.phone) == keep.user
    assert list(Worker.objects.all()) == [keep]


def test_session_and_token_of_the_one_who_goes_are_out_at_once(client, desk, keep, drop):
    bearer = acting.bearer(drop.user)
    client.force_login(drop.user, "mobilize.accounts.backends.PhoneBackend")
    assert client.get("/me/").status_code == 200
    assert client.get("/api/v1/me/", headers=bearer).status_code == 200
    one(desk, keep, drop)
    assert client.get("/me/")["Location"].startswith("/sign-in/")
    assert client.get("/api/v1/me/", headers=bearer).status_code == 401
    assert people.get(drop.user_id) is None


def test_the_second_factor_of_the_one_who_goes_opens_nothing(desk, keep, drop):
    TOTP.activate(drop.user, "JBSWY3DPEHPK3PXP")
    one(desk, keep, drop)
    assert not drop.user.authenticator_set.exists()


def test_only_an_administrator_of_both_unions_may(union, desk, keep, drop):
    elsewhere = WorkerFactory()
    for actor, error in [
        (STRANGER, Unauthenticated),
        (acting.worker(keep.user), NotFound),
        (acting.officer(OfficerFactory(role=Role.ADMIN)), NotFound),
        (acting.officer(OfficerFactory(union=union, role=Role.VIEWER)), Forbidden),
        (acting.officer(OfficerFactory(union=union, role=Role.DISPATCHER)), Forbidden),
    ]:
        with pytest.raises(error):
            one(actor, keep, drop)
    for pair in [(keep, elsewhere), (elsewhere, drop)]:
        with pytest.raises(NotFound):
            one(desk, *pair)
    assert not User.objects.filter(merged_into__isnull=False).exists()


def test_an_office_never_changes_hands_this_way(union, desk, keep, drop):
    OfficerFactory(user=drop.user, union=union)
    assert refused(desk, keep, drop) == "person_is_an_officer"
    assert one(desk, drop, keep) == drop
    staff = WorkerFactory(union=union, user__is_staff=True)
    assert refused(desk, drop, staff) == "person_is_an_officer"


def test_invented_people_and_closed_accounts_stay_apart(union, desk, keep):
    assert refused(desk, keep, WorkerFactory(union=union, user__is_invented=True)) == "invented_and_real"
    assert refused(desk, keep, WorkerFactory(union=union, user__is_active=False)) == "account_closed"


def test_two_who_both_drive_stay_apart_until_one_leaves_her_fleet(desk, keep, drop):
    DriverFactory(worker=keep)
    driver = DriverFactory(worker=drop)
    assert refused(desk, keep, drop) == "both_drive"
    driver.active = False
    driver.save()
    assert one(desk, keep, drop) == keep


def refused(desk, keep, drop):
    with pytest.raises(Conflict) as error:
        one(desk, keep, drop)
    return error.value.code


def test_nobody_is_merged_with_herself(desk, keep):
    with pytest.raises(Invalid) as error:
        one(desk, keep, keep)
    assert error.value.fields == {"drop": ["same_person"]}


def test_a_request_of_hers_that_comes_late_makes_no_new_profile(union, desk, keep, drop):
    one(desk, keep, drop)
    late = acting.worker(drop.user)
    with pytest.raises(Conflict) as error:
        save_profile(actor=late, name="李英", union_id=union.pk, now=timezone.now())
    assert error.value.code == "account_closed"
    with pytest.raises(NotFound):
        join(ShiftFactory(), drop)
    assert list(Worker.objects.all()) == [keep]


def test_erasing_her_frees_her_old_number_too(desk, keep, drop):
    old = drop.user.phone
    one(desk, keep, drop)
    erase_me(actor=acting.worker(keep.user))
    assert not User.objects.filter(phone__in=[old, keep.user.phone]).exists()
    assert signed_in_with(old).pk not in (keep.user_id, drop.user_id)


@pytest.mark.django_db(transaction=True)
def test_the_same_two_at_once_become_one_once_and_the_other_call_is_refused(desk, keep, drop):
    signup = join(ShiftFactory(), drop)
    results = acting.at_once([partial(one, desk, keep, drop)] * 2)
    assert (results.count(keep), sum(isinstance(result, NotFound) for result in results)) == (1, 1)
    assert Signup.objects.get(pk=signup.pk).worker == keep


@pytest.mark.django_db(transaction=True)
def test_each_into_the_other_at_once_leaves_one_of_them(desk, keep, drop):
    results = acting.at_once([partial(one, desk, keep, drop), partial(one, desk, drop, keep)])
    assert sum(isinstance(result, NotFound) for result in results) == 1
    assert User.objects.filter(pk__in=[keep.user_id, drop.user_id], is_active=True).count() == 1


def test_a_list_with_the_old_number_signs_up_the_one_who_stays(desk, keep, drop):
    one(desk, keep, drop)
    shift = ShiftFactory(places=3)
    line = PersonLine(name=keep.user.name, phone=str(drop.user.phone))
    group = groups.sign_up_group(
        actor=acting.worker(WorkerFactory().user),
        shift_id=shift.pk,
        name="一车间",
        members=[line],
        with_me=False,
        accepts_covenant=True,
        now=timezone.now(),
    )
    assert group.signups.get().worker == keep
