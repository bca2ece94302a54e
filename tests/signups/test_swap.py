"""Somebody takes a place over, or gives one of hers for it."""

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.utils import timezone

from mobilize.core import transitions
from mobilize.core.errors import Conflict, Invalid, NotFound
from mobilize.reminders.models import Reminder
from mobilize.signups import places, queries, services, swaps
from mobilize.signups.models import Signup, SignupGroup, SwapProposal
from mobilize.signups.states import SignupStatus
from mobilize.tasks.models import Shift
from tests import acting
from tests.factories import DutyFactory, ShiftFactory, SignupFactory, WorkerFactory
from tests.signups.test_sign_up import join

pytestmark = pytest.mark.django_db
NOW = timezone.now


def of(signup):
    return acting.worker(signup.worker.user)


def wanted(signup):
    """Its owner looks for somebody."""
    return swaps.look_for_somebody(actor=of(signup), signup_id=signup.pk, now=NOW())


def take(signup, worker, **more):
    given = {"accepts_covenant": True, "now": NOW()} | more
    return swaps.take_over(actor=acting.worker(worker.user), signup_id=signup.pk, **given)


def propose(signup, in_return, now=None):
    return swaps.propose(actor=of(in_return), signup_id=signup.pk, in_return_id=in_return.pk, now=now or NOW())


def accept(proposal, by=None):
    return swaps.accept(actor=of(by or proposal.place), proposal_id=proposal.pk, now=NOW())


@pytest.fixture
def task():
    return DutyFactory()


@pytest.fixture
def place(task):
    return wanted(join(ShiftFactory(task=task, places=1), WorkerFactory()))


@pytest.fixture
def another(task):
    """Somebody's place the day after."""
    return join(ShiftFactory(task=task, starts_at=NOW() + timedelta(days=3)), WorkerFactory())


def refused(code, call, *args, **kwargs):
    with pytest.raises(Conflict) as error:
        call(*args, **kwargs)
    assert error.value.code == code
    return error.value


def test_the_taker_has_the_place_the_giver_is_free_and_the_counters_stay(place):
    taken = take(place, WorkerFactory())
    place.refresh_from_db()
    assert (taken.status, place.status, place.passed_to) == ("confirmed", "withdrawn", taken)
    assert queries.why_ended(place)
    assert (taken.shift.taken, Shift.objects.get(pk=taken.shift_id).taken) == (1, 1)
    assert join(ShiftFactory(starts_at=taken.shift.starts_at), place.worker).status == SignupStatus.CONFIRMED


def test_both_are_told_and_the_reminders_go_to_who_comes(place):
    acting.run_outbox()
    taker = WorkerFactory()
    take(place, taker)
    acting.run_outbox()
    [*_, told] = acting.messages_to(place.worker.user)
    assert taker.user.name in told
    waiting = Reminder.objects.filter(status="pending", kind="hour_before")
    assert [reminder.user for reminder in waiting] == [taker.user]
    assert len(acting.messages_to(taker.user)) == 1


def test_nobody_takes_what_is_not_up_or_her_own_or_up_no_more(place):
    other = join(ShiftFactory(), WorkerFactory())
    with pytest.raises(NotFound):
        take(other, WorkerFactory())
    with pytest.raises(NotFound):
        take(place, place.worker)
    swaps.keep(actor=of(place), signup_id=place.pk)
    with pytest.raises(NotFound):
        take(place, WorkerFactory())
    with pytest.raises(NotFound):
        swaps.look_for_somebody(actor=of(other), signup_id=place.pk, now=NOW())


def test_who_has_something_else_at_that_time_or_no_covenant_does_not_take_it(place):
    busy = WorkerFactory()
    other = join(ShiftFactory(starts_at=place.shift.starts_at + timedelta(hours=1)), busy)
    assert refused("overlaps", take, place, busy).data["signup_id"] == str(other.pk)
    with pytest.raises(Invalid) as without:
        take(place, WorkerFactory(), accepts_covenant=False)
    assert without.value.fields == {"accepts_covenant": ["required"]}
    place.refresh_from_db()
    assert place.status == SignupStatus.CONFIRMED


def test_it_is_possible_after_the_deadline_for_giving_back_until_two_hours_before_the_start(place):
    start = place.shift.starts_at
    refused("too_late_to_swap", take, place, WorkerFactory(), now=start - timedelta(hours=2))
    assert take(place, WorkerFactory(), now=start - timedelta(hours=2, seconds=1)).status == SignupStatus.CONFIRMED


def test_while_people_wait_it_is_swapped_but_not_handed_over_past_them(place, another):
    waiting = join(place.shift, WorkerFactory())
    assert refused("somebody_waits", take, place, WorkerFactory()).data == {"waiting": 1}
    accept(propose(place, another))
    waiting.refresh_from_db()
    assert waiting.status == SignupStatus.WAITLISTED


def test_a_place_of_a_group_is_not_swapped_and_an_offered_one_neither(task):
    offered = SignupFactory(shift=ShiftFactory(task=task), status="offered", answer_by=NOW() + timedelta(hours=1))
    refused("wrong_status", wanted, offered)
    together = SignupGroup.objects.create(shift=offered.shift, name="突击队")
    refused("in_a_group", wanted, SignupFactory(shift=offered.shift, group=together))


def test_two_swap_and_each_comes_when_the_other_would_have(place, another):
    owner, proposer = place.worker, another.worker
    mine = accept(propose(place, another))
    assert (mine.worker, mine.shift_id) == (owner, another.shift_id)
    theirs = Signup.objects.get(shift=place.shift, status="confirmed")
    assert theirs.worker == proposer
    assert set(Signup.objects.filter(pk__in=[place.pk, another.pk]).values_list("status", flat=True)) == {"withdrawn"}
    assert list(Shift.objects.order_by("starts_at").values_list("taken", flat=True)) == [1, 1]


def test_duties_at_one_time_can_be_swapped_too(task, place):
    beside = join(ShiftFactory(task=task, starts_at=place.shift.starts_at), WorkerFactory())
    assert accept(propose(place, beside)).shift_id == beside.shift_id


def test_the_owner_hears_of_a_proposal_and_answers_it_once(place, another):
    acting.run_outbox()
    proposal = propose(place, another)
    assert propose(place, another) == proposal
    acting.run_outbox()
    assert another.worker.user.name in acting.messages_to(place.worker.user)[-1]
    with pytest.raises(NotFound):
        accept(proposal, by=another)
    swaps.decline(actor=of(place), proposal_id=proposal.pk)
    with pytest.raises(NotFound):
        accept(proposal)
    with pytest.raises(NotFound):
        swaps.decline(actor=of(place), proposal_id=proposal.pk)


@pytest.mark.parametrize("ending", ["declined", "kept", "taken by another", "given back", "taken back by its maker"])
def test_whoever_proposed_a_swap_hears_once_that_it_came_to_nothing(place, another, ending):
    proposal = propose(place, another)
    acting.run_outbox()
    before = acting.messages_to(another.worker.user)
    match ending:
        case "declined":
            swaps.decline(actor=of(place), proposal_id=proposal.pk)
        case "kept":
            swaps.keep(actor=of(place), signup_id=place.pk)
        case "taken by another":
            take(place, WorkerFactory())
        case "given back":
            services.withdraw(actor=of(place), signup_id=place.pk, now=NOW())
        case _:
            swaps.decline(actor=of(another), proposal_id=proposal.pk)
    acting.run_outbox()
    told = [text for text in acting.messages_to(another.worker.user) if text not in before]
    assert len(told) == (ending != "taken back by its maker")
    assert all(another.shift.post.site.name in text for text in told)
    proposal.refresh_from_db()
    assert proposal.status == "declined"


def test_a_stranger_neither_answers_a_proposal_nor_proposes_what_is_not_hers(place, another):
    proposal, stranger = propose(place, another), WorkerFactory()
    for answer in (swaps.decline, lambda **given: swaps.accept(now=NOW(), **given)):
        with pytest.raises(NotFound):
            answer(actor=acting.worker(stranger.user), proposal_id=proposal.pk)
    with pytest.raises(NotFound):
        swaps.propose(actor=acting.worker(stranger.user), signup_id=place.pk, in_return_id=another.pk, now=NOW())


def test_a_swap_that_would_put_somebody_at_two_places_is_refused_to_whom_it_concerns(place, another):
    beside_place = join(ShiftFactory(starts_at=place.shift.starts_at), another.worker)
    assert refused("overlaps", propose, place, another).data["signup_id"] == str(beside_place.pk)
    beside_place.delete()
    proposal = propose(place, another)
    late = join(ShiftFactory(starts_at=place.shift.starts_at), another.worker)
    refused("proposer_busy", accept, proposal)
    late.delete()
    beside_another = join(ShiftFactory(starts_at=another.shift.starts_at), place.worker)
    refused("owner_busy", propose, place, another)
    assert refused("overlaps", accept, proposal).data["signup_id"] == str(beside_another.pk)


def test_a_proposal_ends_with_either_place(place, another):
    proposal = propose(place, another)
    take(place, WorkerFactory())
    with pytest.raises(NotFound):
        accept(proposal)
    assert not queries.proposals(SwapProposal.objects.filter(status="open")).exists()


def test_duties_of_two_campaigns_are_not_swapped(place):
    refused("not_exchangeable", propose, place, join(ShiftFactory(), WorkerFactory()))


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_tap_at_once_one_comes(place):
    results = acting.at_once([partial(take, place, WorkerFactory()) for _ in range(10)])
    assert sum(isinstance(result, Signup) for result in results) == 1
    assert sum(isinstance(result, NotFound) for result in results) == 9
    assert Signup.objects.filter(shift=place.shift, status="confirmed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_proposal_accepted_while_somebody_takes_the_place_gives_it_to_one_of_them(place, another):
    proposal, taker = propose(place, another), WorkerFactory()
    results = acting.at_once([lambda: accept(proposal), lambda: take(place, taker)])
    assert sum(isinstance(result, Signup) for result in results) == 1
    assert sorted(Shift.objects.values_list("taken", flat=True)) == [1, 1]
    assert Signup.objects.filter(status="confirmed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_condition_several_come_for_one_place(place, monkeypatch):
    all_have_read = Barrier(4, timeout=20)

    def free(row, *, to, **given):
        all_have_read.wait()
        Signup.objects.filter(pk=row.pk).update(status=to)

    monkeypatch.setattr(places, "hold", lambda people: None)
    monkeypatch.setattr(swaps, "guarded", lambda rows: rows)
    monkeypatch.setattr(transitions, "move", free)
    acting.at_once([partial(take, place, WorkerFactory()) for _ in range(4)])
    assert Signup.objects.filter(shift=place.shift, status="confirmed").count() > 1
