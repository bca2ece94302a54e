"""Somebody signs up, or is signed up, while she is merged away: the sign-up never lands on the row that is closed."""

from functools import partial
from threading import Event
from time import monotonic

import pytest
from django.db import connection, transaction
from django.utils import timezone

from mobilize.campaigns.models import Pledge
from mobilize.core.errors import DomainError
from mobilize.signups import groups, places
from mobilize.signups.merging import merge
from mobilize.signups.models import Signup
from mobilize.tasks.models import Shift
from mobilize.unions.states import Role
from mobilize.workers.enrolment import PersonLine
from tests import acting
from tests.factories import OfficerFactory, ShiftFactory, UnionFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def union():
    return UnionFactory()


@pytest.fixture
def officer(union):
    return acting.officer(OfficerFactory(union=union, role=Role.ADMIN))


@pytest.fixture
def keep(union):
    return WorkerFactory(union=union)


@pytest.fixture
def drop(union):
    return WorkerFactory(union=union)


def while_merged(call, *, officer, keep, drop, waits_for):
    """Return what came of a call that waits for a person while the two become one."""
    held = Event()

    def become_one():
        with transaction.atomic():
            places.hold([waits_for.pk])
            held.set()
            until = monotonic() + 1.5  # less than a connection's patience with locks
            while not _somebody_waits():
                assert monotonic() < until, "nobody came to wait"
            merge(actor=officer, keep_id=keep.pk, drop_id=drop.pk, now=timezone.now())

    def try_meanwhile():
        held.wait(10)
        return call()

    merged, result = acting.at_once([become_one, try_meanwhile])
    assert merged is None
    return result


def _somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT true FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
        )
        return cursor.fetchone()


def bring(shift, leader, member):
    return groups.sign_up_group(
        actor=acting.worker(leader.user),
        shift_id=shift.pk,
        name="一车间",
        members=[PersonLine(name=member.user.name, phone=str(member.user.phone))],
        accepts_covenant=True,
        now=timezone.now(),
    )


def enrol(shift, officer, member):
    return groups.enrol(
        actor=officer,
        shift_id=shift.pk,
        members=[PersonLine(name=member.user.name, phone=str(member.user.phone))],
        accepts_covenant=True,
        now=timezone.now(),
    )


@pytest.mark.parametrize("how", ["by herself", "in a group", "by an officer"])
def test_who_is_merged_away_while_she_waits_is_signed_up_nowhere(union, officer, keep, drop, how):
    shift = ShiftFactory(task__union=union, places=5)
    call = {
        "by herself": partial(join, shift, drop),
        "in a group": partial(bring, shift, WorkerFactory(union=union), drop),
        "by an officer": partial(enrol, shift, officer, drop),
    }[how]
    refused = while_merged(call, officer=officer, keep=keep, drop=drop, waits_for=drop)
    assert isinstance(refused, DomainError), refused
    assert not Signup.objects.exists()
    assert not Pledge.objects.exists()
    assert Shift.objects.get().taken == 0


def test_who_stays_and_waits_is_signed_up_once_it_is_done(officer, keep, drop):
    signup = while_merged(partial(join, ShiftFactory(), keep), officer=officer, keep=keep, drop=drop, waits_for=keep)
    assert Signup.objects.get(pk=signup.pk).worker == keep


def test_who_stays_and_waits_for_the_time_of_a_sign_up_that_comes_to_her_is_refused(officer, keep, drop):
    first = ShiftFactory()
    join(first, drop)
    second = ShiftFactory(task=first.task, starts_at=first.starts_at)
    refused = while_merged(partial(join, second, keep), officer=officer, keep=keep, drop=drop, waits_for=keep)
    assert refused.code == "overlaps"
    assert Signup.objects.get().worker == keep
