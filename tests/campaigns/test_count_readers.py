"""Readers are counted in the process, gathered in the cache, folded into rows, and none is lost on the way."""

import threading
from datetime import datetime, timedelta
from itertools import repeat
from zoneinfo import ZoneInfo

import pytest

from mobilize.campaigns import queries, readers
from mobilize.campaigns.models import Pledge, ViewTally
from mobilize.campaigns.services import pledge
from mobilize.core.errors import Conflict
from mobilize.fleets import queries as fleets
from tests import acting
from tests.bench.load import drive, get
from tests.factories import CampaignFactory, FleetFactory, UnionFactory, WorkerFactory
from tests.frontend.test_list import counted
from tests.serving import served

LONGER_THAN_THE_SERVER = 30  # seconds
NOON = datetime(2022, 11, 18, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def campaign(db):
    readers.gather()  # what an earlier test counted in this process
    readers._valkey().delete(readers.GATHERED)
    return CampaignFactory()


def read(campaign, times=1, *, via=None, now=NOON):
    for _ in range(times):
        readers.count(campaign_id=campaign.pk, via_id=via and via.pk, now=now)


def rows():
    return {(row.day.day, row.via and row.via.code): row.count for row in ViewTally.objects.select_related("via")}


def test_readers_count_for_their_day_and_for_the_union_that_shared_the_link(campaign):
    union = UnionFactory(code="bus-company")
    read(campaign, 3)
    read(campaign, 2, via=union)
    read(campaign, 4, now=NOON + timedelta(hours=13))  # past midnight in the city
    readers.gather()
    assert rows() == {}
    assert readers.fold() == 9
    assert rows() == {(18, None): 3, (18, "bus-company"): 2, (19, None): 4}
    read(campaign, via=union)
    readers.gather()
    assert (readers.fold(), readers.fold()) == (1, 0)
    assert rows()[18, "bus-company"] == 3


def test_many_threads_count_every_reader(campaign):
    acting.at_once([lambda: read(campaign, 500)] * 8)
    readers.gather()
    assert readers.fold() == 4000


@pytest.mark.django_db(transaction=True)
def test_two_folds_at_once_count_nobody_twice(campaign):
    for times in range(1, 21):
        read(campaign, 1000)
        readers.gather()
        folded = acting.at_once([readers.fold] * 8)
        assert sum(folded) + readers.fold() == 1000
        assert rows() == {(18, None): 1000 * times}


@pytest.mark.django_db(transaction=True)
def test_readers_of_a_campaign_that_is_gone_stop_nobody_elses(campaign):
    gone = CampaignFactory()
    read(gone)
    read(campaign)
    readers.gather()
    gone.delete()
    readers.fold()
    assert rows()[18, None] == 1


def test_the_page_shows_exactly_what_the_rows_say(campaign, client):
    union = UnionFactory()
    read(campaign, 5)
    read(campaign, 2, via=union)
    readers.gather()
    readers.fold()
    for number in range(3):
        pledge(campaign=campaign, worker=WorkerFactory(), now=NOON, via=union if number else None)
    FleetFactory(drivers=4)
    FleetFactory(drivers=3)
    shown = list(counted(client.get("/").content.decode()).values())
    assert shown[:4] == ["7", "3", "2", "7"]
    assert sum(ViewTally.objects.values_list("count", flat=True)) == 7
    assert queries.count(campaign.pk) == queries.Counters(views=7, volunteers=Pledge.objects.count())
    assert fleets.totals().drivers == 7


def test_a_pledge_remembers_the_link_it_came_by_and_the_first_one_stays(campaign):
    first, second, worker = UnionFactory(), UnionFactory(), WorkerFactory()
    pledge(campaign=campaign, worker=worker, now=NOON, via=first)
    pledge(campaign=campaign, worker=worker, now=NOON, via=second)
    assert Pledge.objects.get().via == first
    assert Pledge.objects.get().union == worker.union


def test_a_closed_campaign_takes_no_pledge(campaign):
    campaign.status = "closed"
    with pytest.raises(Conflict):
        pledge(campaign=campaign, worker=WorkerFactory(), now=NOON)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_asked_to_stop_under_load_loses_no_reader(campaign, workers):
    loads, under_way = [], threading.Event()

    def requests():
        yield from repeat(get("/"), 200)
        under_way.set()
        yield from repeat(get("/"))

    reading = threading.Thread(
        target=lambda: loads.append(drive(port, requests(), connections=4, seconds=LONGER_THAN_THE_SERVER))
    )
    with served(workers=workers) as port:
        reading.start()
        assert under_way.wait(LONGER_THAN_THE_SERVER)  # and goes on when the block ends
    reading.join()
    answered = len(loads[0].latencies)
    assert answered > 100
    assert answered <= readers.fold() <= answered + loads[0].broken  # cut off after it was counted
