"""A person switches her calendar on and off, and gives it a new address; so does the leader of a team for hers."""

import pytest
from django.db import connection
from django.utils import timezone

from mobilize.calendars import feeds, links, policies, queries, services
from mobilize.calendars.models import Feed
from mobilize.core.actor import STRANGER
from mobilize.core.errors import Conflict, Forbidden, NotFound, Unauthenticated
from mobilize.signups import merging
from mobilize.unions.states import Role
from mobilize.workers.services import erase_me
from tests import acting
from tests.calendars.reading import events, made, token_of
from tests.factories import OfficerFactory, PartnerFactory, ShiftFactory, SignupFactory, TeamFactory, WorkerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    return WorkerFactory()


@pytest.fixture
def team():
    return TeamFactory(leader=WorkerFactory())


def ended(token):
    with pytest.raises(Conflict) as refused:
        feeds.read(token=token, now=timezone.now())
    return refused.value.code == "calendar_ended"


def test_a_calendar_that_is_on_keeps_its_address(worker):
    assert made(worker.user).key == made(worker.user).key
    assert Feed.objects.count() == 1


def test_a_new_address_ends_the_old_one_at_once_and_switching_off_ends_it_too(worker):
    feed = made(worker.user)
    first = token_of(feed)
    services.renew(actor=acting.worker(worker.user), now=timezone.now())
    feed.refresh_from_db()
    second = token_of(feed)
    assert ended(first)
    assert feeds.read(token=second, now=timezone.now()).content
    services.end(actor=acting.worker(worker.user))
    assert ended(second)
    assert token_of(made(worker.user)) not in {first, second}


def test_a_calendar_that_is_off_gets_no_address_by_renewing_and_is_off_once_more_without_error(worker):
    actor = acting.worker(worker.user)
    services.renew(actor=actor, now=timezone.now())
    services.end(actor=actor)
    assert not Feed.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "x.y", "AZ.Zz9", "日历.1", "." * 300])
def test_a_made_up_address_is_unknown(token):
    with pytest.raises(NotFound) as refused:
        feeds.read(token=token, now=timezone.now())
    assert refused.value.code == "unknown_calendar"


def test_an_address_with_one_sign_changed_is_unknown_and_the_row_alone_opens_nothing(worker):
    feed = made(worker.user)
    key, signature = token_of(feed).split(".")
    forged = [f"{key[:-2]}AA.{signature}", f"{key}.{signature[:-2]}AA", key, str(feed.key), feed.key.hex]
    for token in forged:
        with pytest.raises(NotFound):
            links.read(token)


def test_strangers_and_machines_have_no_calendar():
    for actor, error in ((STRANGER, Unauthenticated), (acting.machine(PartnerFactory()), Forbidden)):
        with pytest.raises(error):
            services.make(actor=actor, now=timezone.now())
        with pytest.raises(error):
            services.end(actor=actor)


def test_only_its_leader_switches_a_teams_calendar(team, worker):
    feed = made(team.leader.user, team)
    for actor in (acting.worker(worker.user), acting.officer(OfficerFactory(union=team.union, role=Role.ADMIN))):
        for step in (services.make, services.renew):
            with pytest.raises(NotFound):
                step(actor=actor, team_id=team.pk, now=timezone.now())
        with pytest.raises(NotFound):
            services.end(actor=actor, team_id=team.pk)
    assert Feed.objects.get().key == feed.key


def test_a_leaders_own_calendar_and_her_teams_are_two(team):
    leader = team.leader.user
    own, shared = made(leader), made(leader, team)
    services.end(actor=acting.worker(leader))
    assert ended(token_of(own))
    assert events(shared) == {}
    actor = acting.worker(leader)
    shown = queries.switches(policies.own(actor), policies.led_teams(actor))
    assert [(switch.team, switch.feed) for switch in shown] == [(None, None), (team, shared)]


def test_a_teams_address_ends_with_the_office_of_whoever_made_it(team):
    old = made(team.leader.user, team)
    team.leader = WorkerFactory()
    team.save()
    assert ended(token_of(old))
    assert made(team.leader.user, team).key != old.key
    assert Feed.objects.count() == 1
    team.leader = None
    team.save()
    assert ended(token_of(Feed.objects.get()))


def test_the_calendar_of_a_closed_account_ends_before_anybody_tidies_and_nothing_is_left(worker):
    token = token_of(made(worker.user))
    erase_me(actor=acting.worker(worker.user))
    assert ended(token)
    acting.run_outbox()
    assert not Feed.objects.exists()


@pytest.mark.parametrize("both", [False, True], ids=["one has a calendar", "both have one"])
def test_when_two_people_become_one_an_address_leads_to_whoever_stays_or_ends(both):
    admin = OfficerFactory(role=Role.ADMIN)
    keep, drop = WorkerFactory(union=admin.union), WorkerFactory(union=admin.union)
    mine, hers = SignupFactory(worker=keep), SignupFactory(worker=drop, shift__starts_at=ShiftFactory().ends_at)
    gone, stays = made(drop.user), made(keep.user) if both else None
    merging.merge(actor=acting.officer(admin), keep_id=keep.pk, drop_id=drop.pk, now=timezone.now())
    alive = stays if both else gone
    assert set(events(alive)) == {str(mine.pk), str(hers.pk)}
    if both:
        assert ended(token_of(gone))
    acting.run_outbox()
    assert list(Feed.objects.values_list("key", "user")) == [(alive.key, keep.user_id)]


@pytest.mark.django_db(transaction=True)
def test_ten_taps_at_once_switch_on_one_calendar(worker):
    assert len(set(acting.at_once([lambda: made(worker.user).key] * 10))) == 1
    assert Feed.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_they_switch_on_several(worker):
    [once] = [one for one in Feed._meta.constraints if one.name == "a_person_has_one_calendar"]
    with connection.schema_editor() as schema:
        schema.remove_constraint(Feed, once)
    try:
        several = False
        for _ in range(20):
            Feed.objects.all().delete()
            acting.at_once([lambda: made(worker.user)] * 10)
            several = several or Feed.objects.count() > 1
            if several:
                break
    finally:
        Feed.objects.all().delete()
        with connection.schema_editor() as schema:
            schema.add_constraint(Feed, once)
    assert several
