from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from mobilize.core.models import Transition
from mobilize.unions.states import Level, Role
from mobilize.workers import policies, queries
from mobilize.workers.models import Honour
from mobilize.workers.services import claim_honour, revoke_honour, verify_honour
from tests import acting
from tests.factories import HonourFactory, OfficerFactory, UnionFactory, UserFactory, WorkerFactory

pytestmark = pytest.mark.django_db
HELD = {"kind": "labour_model", "level": "city", "awarding_body": " 太原市总工会 ", "year": 2019}


@pytest.fixture
def claim():
    return HonourFactory()


@pytest.fixture
def admin(claim):
    return acting.officer(OfficerFactory(union=claim.worker.union, role=Role.ADMIN))


def trace(honour):
    rows = Transition.objects.filter(subject_id=honour.pk).order_by("created_at")
    return list(rows.values_list("from_status", "to_status", "why"))


def test_a_claim_waits_for_an_officer():
    worker, now = WorkerFactory(), timezone.now()
    honour = claim_honour(actor=acting.worker(worker.user), now=now, **HELD)
    assert (honour.worker, honour.status, honour.awarding_body) == (worker, "claimed", "太原市总工会")
    assert trace(honour) == [("", "claimed", "")]
    assert not queries.verified_honours().exists()


@pytest.mark.parametrize("status", ["claimed", "verified", "revoked"])
def test_an_honour_is_claimed_once_whatever_became_of_it(status):
    held = HonourFactory(status=status, verified_at=timezone.now())
    with pytest.raises(Invalid) as refused:
        claim_honour(actor=acting.worker(held.worker.user), now=timezone.now(), **HELD)
    assert refused.value.fields == {"year": ["honour_exists"]}
    assert Honour.objects.count() == 1


def test_every_wrong_field_is_named_at_once():
    now = timezone.now()
    with pytest.raises(Invalid) as refused:
        claim_honour(
            actor=acting.worker(WorkerFactory().user), kind="x", level="x", awarding_body=" ", year=1900, now=now
        )
    assert refused.value.fields == {
        "kind": ["unknown_choice"], "level": ["unknown_choice"], "awarding_body": ["required"], "year": ["bad_year"],
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        claim_honour(
            actor=acting.worker(WorkerFactory().user),
            now=now,
            **HELD | {"awarding_body": "会" * 101, "year": timezone.localdate(now).year + 1},
        )
    assert refused.value.fields == {"awarding_body": ["too_long"], "year": ["bad_year"]}


def test_a_stranger_and_a_person_without_profile_claim_nothing():
    with pytest.raises(Unauthenticated):
        claim_honour(actor=STRANGER, now=timezone.now(), **HELD)
    with pytest.raises(NotFound) as refused:
        claim_honour(actor=acting.worker(UserFactory()), now=timezone.now(), **HELD)
    assert refused.value.code == "no_profile"


def test_an_administrator_verifies_and_says_when(claim, admin):
    now = timezone.now()
    verify_honour(actor=admin, honour_id=claim.pk, now=now)
    claim.refresh_from_db()
    assert (claim.status, claim.verified_by_id, claim.verified_at) == ("verified", admin.user_id, now)
    assert trace(claim) == [("claimed", "verified", "")]
    with pytest.raises(Conflict):
        verify_honour(actor=admin, honour_id=claim.pk, now=now)


def test_a_refusal_needs_a_reason_and_can_be_mended(claim, admin):
    now = timezone.now()
    with pytest.raises(Invalid) as refused:
        revoke_honour(actor=admin, honour_id=claim.pk, why=" ", now=now)
    assert refused.value.fields == {"why": ["required"]}
    revoke_honour(actor=admin, honour_id=claim.pk, why="名单中没有", now=now)
    assert queries.honours(policies.own_honours(acting.worker(claim.worker.user))).get().why == "名单中没有"
    with pytest.raises(Conflict):
        revoke_honour(actor=admin, honour_id=claim.pk, why="名单中没有", now=now)
    verify_honour(actor=admin, honour_id=claim.pk, now=now + timedelta(minutes=1))
    assert [step[1] for step in trace(claim)] == ["revoked", "verified"]


def test_an_administrator_above_judges_too(claim):
    above = UnionFactory()
    claim.worker.union.parent, claim.worker.union.level = above, Level.DISTRICT
    claim.worker.union.save()
    verify_honour(
        actor=acting.officer(OfficerFactory(union=above, role=Role.ADMIN)), honour_id=claim.pk, now=timezone.now()
    )


@pytest.mark.parametrize("judge", [verify_honour, lambda **given: revoke_honour(why="名单中没有", **given)])
def test_nobody_else_judges(claim, judge):
    dispatcher = acting.officer(OfficerFactory(union=claim.worker.union, role=Role.DISPATCHER))
    elsewhere = acting.officer(OfficerFactory(role=Role.ADMIN))
    one_factor = acting.worker(OfficerFactory(union=claim.worker.union, role=Role.ADMIN).user)
    refusals = [
        (STRANGER, Unauthenticated), (dispatcher, Forbidden), (elsewhere, NotFound), (one_factor, NotFound),
        (acting.worker(claim.worker.user), NotFound),
    ]  # fmt: skip
    for actor, error in refusals:
        with pytest.raises(error):
            judge(actor=actor, honour_id=claim.pk, now=timezone.now())
    with pytest.raises(NotFound):
        judge(actor=elsewhere, honour_id=uuid4(), now=timezone.now())
    claim.refresh_from_db()
    assert claim.status == "claimed"


def test_officers_see_the_honours_of_their_branch_and_no_others(claim, admin):
    elsewhere = HonourFactory()
    assert list(policies.honours_visible_to(admin)) == [claim]
    assert list(policies.own_honours(acting.worker(elsewhere.worker.user))) == [elsewhere]
    with pytest.raises(Forbidden):
        policies.honours_visible_to(acting.worker(claim.worker.user))
    with pytest.raises(Unauthenticated):
        policies.own_honours(STRANGER)
