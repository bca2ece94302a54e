from datetime import timedelta

import pytest
from django.utils import timezone

from mobilize.accounts import services as accounts
from mobilize.accounts.models import User
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.core.models import Transition
from mobilize.signups.merging import merge
from mobilize.signups.models import Signup
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Team
from mobilize.unions.states import Role
from mobilize.workers import services as workers
from tests import acting
from tests.accounts.test_redeem_code import code_for
from tests.factories import (
    CampaignFactory,
    DriverFactory,
    FleetFactory,
    HonourFactory,
    OfficerFactory,
    ServiceRecordFactory,
    ShiftFactory,
    UnionFactory,
    WorkerFactory,
)
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db


@pytest.fixture
def union():
    return UnionFactory()


@pytest.fixture
def admin(union):
    return acting.officer(OfficerFactory(union=union, role=Role.ADMIN))


@pytest.fixture
def pair(union):
    return WorkerFactory(union=union), WorkerFactory(union=union)


def unite(admin, pair):
    keep, drop = pair
    return merge(actor=admin, keep_id=keep.pk, drop_id=drop.pk, now=timezone.now())


def test_every_link_follows_and_ids_stay(admin, pair):
    keep, drop = pair
    signup = join(ShiftFactory(), drop)
    team = Team.objects.create(campaign=CampaignFactory(), union=drop.union, name="专班", leader=drop)
    fleet, driver = FleetFactory(leader=drop.user), DriverFactory(worker=drop)
    honour, record = HonourFactory(worker=drop), ServiceRecordFactory(worker=drop)
    unite(admin, pair)
    for row in (signup, team, fleet, driver, honour, record):
        row.refresh_from_db()
    assert signup.worker == team.leader == driver.worker == honour.worker == record.worker == keep
    assert fleet.leader == signup.signed_up_by == keep.user
    assert keep.pledges.count() == 1
    assert Transition.objects.get(subject_id=drop.pk).by_user_id == admin.user_id


def test_what_both_have_stays_with_the_row_that_goes(admin, pair):
    for worker in pair:
        HonourFactory(worker=worker)
        join(ShiftFactory(task__campaign__slug=f"c-{worker.pk.hex[-8:]}"), worker)
    unite(admin, pair)
    assert pair[0].honours.count() == pair[1].honours.count() == 1


def test_of_two_sign_ups_at_one_time_the_more_certain_stays_and_the_other_place_goes_on(admin, pair):
    keep, drop = pair
    full, other = ShiftFactory(places=1), ShiftFactory(places=1)
    join(full, WorkerFactory())
    waits = join(full, keep)
    sure = join(other, drop)
    behind = join(other, WorkerFactory())
    unite(admin, pair)
    statuses = dict(Signup.objects.values_list("pk", "status"))
    assert (statuses[waits.pk], statuses[sure.pk]) == (SignupStatus.WITHDRAWN, SignupStatus.CONFIRMED)
    assert statuses[behind.pk] == SignupStatus.WAITLISTED
    third = WorkerFactory(union=keep.union)
    later = ShiftFactory(task=other.task, starts_at=other.starts_at + timedelta(hours=1), places=1)
    join(later, third)
    next_one = join(later, WorkerFactory())
    merge(actor=admin, keep_id=keep.pk, drop_id=third.pk, now=timezone.now())
    assert Signup.objects.get(pk=next_one.pk).status == SignupStatus.OFFERED


def sign_in(phone):
    challenge = accounts.request_code(phone=phone, now=timezone.now())
    return accounts.redeem_code(challenge_id=challenge.pk, code=code_for(challenge), now=timezone.now())


def test_the_old_number_leads_to_the_person_who_stays_also_over_two_steps(admin, pair, union):
    keep, drop = pair
    unite(admin, pair)
    assert sign_in(str(drop.user.phone)) == keep.user
    final = WorkerFactory(union=union)
    merge(actor=admin, keep_id=final.pk, drop_id=keep.pk, now=timezone.now())
    assert User.objects.get(pk=drop.user_id).merged_into == final.user


def test_erasing_the_person_frees_her_old_number_too(admin, pair):
    keep, drop = pair
    phone = str(drop.user.phone)
    unite(admin, pair)
    workers.erase_me(actor=acting.worker(keep.user))
    assert not User.objects.filter(phone=phone).exists()


def test_only_an_administrator_of_both_unions_may(pair, union):
    keep, _ = pair
    with pytest.raises(Unauthenticated):
        unite(STRANGER, pair)
    with pytest.raises(NotFound):
        unite(acting.worker(keep.user), pair)
    with pytest.raises(Forbidden):
        unite(acting.officer(OfficerFactory(union=union, role=Role.DISPATCHER)), pair)
    elsewhere = WorkerFactory()
    with pytest.raises(NotFound):
        unite(acting.officer(OfficerFactory(union=union, role=Role.ADMIN)), (keep, elsewhere))


def test_no_office_changes_hands_and_nobody_is_merged_twice_or_with_herself(admin, pair, union):
    keep, drop = pair
    with pytest.raises(Invalid):
        unite(admin, (keep, keep))
    OfficerFactory(user=drop.user, union=union, role=Role.VIEWER)
    with pytest.raises(Conflict) as refused:
        unite(admin, pair)
    assert refused.value.code == "person_is_an_officer"
    unite(admin, (drop, keep))
    with pytest.raises(Conflict) as refused:
        unite(admin, (drop, keep))
    assert refused.value.code == "account_closed"


def test_invented_and_real_people_stay_apart(admin, union):
    with pytest.raises(Conflict) as refused:
        unite(admin, (WorkerFactory(union=union), WorkerFactory(union=union, user__is_invented=True)))
    assert refused.value.code == "invented_and_real"
