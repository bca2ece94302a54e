"""Pumping codes meets limits by number, range, address, network and one for all."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.core.cache import cache
from django.utils import timezone

from mobilize.accounts import code_limits
from mobilize.accounts.services import request_code
from mobilize.channels.models import Delivery
from mobilize.core import limits
from mobilize.core.errors import TooMany
from mobilize.core.limits import Limit
from tests import acting

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOME = "203.0.113.7"


def count(what, subject, tries):
    """Let a limit have been tried so often."""
    key = next(limit.key for limit in code_limits._shared(subject[0], subject[1]) if limit.what == what)
    cache.set(key, tries, 300)


def ask(phone="13800000001", address=HOME):
    return request_code(phone=phone, now=NOW, address=address)


def refusal(**asked):
    with pytest.raises(TooMany) as refused:
        ask(**asked)
    return refused.value


@pytest.mark.parametrize(
    ("what", "most", "same", "other"),
    [
        ("codes-address", 300, {}, {"address": "203.0.113.8"}),
        ("codes-network", 3000, {"address": "203.0.113.8"}, {"address": "203.0.114.7"}),
        ("codes-range", 300, {"phone": "13800009999", "address": "198.51.100.1"}, {"phone": "13800010000"}),
        ("codes", 3000, {"phone": "13911110000", "address": "198.51.100.1"}, None),
    ],
)
def test_a_full_limit_refuses_all_it_covers_and_nobody_else(what, most, same, other):
    count(what, ("+8613800000001", HOME), most)
    refused = refusal(**same)
    assert refused.code == "codes_too_fast"
    assert 0 < refused.data["retry_after"] <= 300
    if other:
        assert ask(**other)


@pytest.mark.parametrize(
    ("one", "other", "same_address", "same_network"),
    [
        ("203.0.113.7", "203.0.113.8", False, True),
        ("203.0.113.7", "::ffff:203.0.113.7", True, True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True, True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False, True),
        ("2001:db8:1:2::1", "2001:db8:2:2::1", False, False),
        ("unknown", "unknown", True, True),
    ],
)
def test_addresses_count_together_as_their_owners_hold_them(one, other, same_address, same_network):
    places = [code_limits._places(address) for address in (one, other)]
    assert (places[0][0] == places[1][0], places[0][1] == places[1][1]) == (same_address, same_network)


def test_a_code_that_its_own_number_refuses_costs_the_others_nothing():
    ask()
    before = [cache.get(limit.key) for limit in code_limits._shared("+8613800000001", HOME)]
    refusal()
    assert [cache.get(limit.key) for limit in code_limits._shared("+8613800000001", HOME)] == before == [1, 1, 1, 1]


def test_a_code_that_its_address_refuses_costs_the_city_nothing():
    mine = Limit(what="mine", subject="a", most=1, window=timedelta(minutes=1))
    all_ours = Limit(what="all", subject="all", most=9, window=timedelta(minutes=1))
    limits.spend([mine, all_ours], code="slow")
    with pytest.raises(TooMany):
        limits.spend([mine, all_ours], code="slow")
    assert cache.get(all_ours.key) == 1


def test_a_refused_code_sends_nothing():
    count("codes-address", ("+8613800000001", HOME), 300)
    refusal()
    assert not Delivery.objects.exists()


def test_the_wait_is_what_is_left_of_the_window():
    limit = Limit(what="slow", subject="a", most=1, window=timedelta(minutes=10))
    limits.spend([limit], code="slow")
    cache.touch(limit.key, 42)
    with pytest.raises(TooMany) as refused:
        limits.spend([limit], code="slow")
    assert 40 <= refused.value.data["retry_after"] <= 42


THREADS = 8
all_have_looked = Barrier(THREADS)


def look_first(limit):
    """The control: looks first and counts after."""
    tries = cache.get(limit.key, 0)
    all_have_looked.wait(10)
    if tries >= limit.most:
        raise TooMany("slow", retry_after=1)
    cache.set(limit.key, tries + 1, 60)


def count_first(limit):
    limits.spend([limit], code="slow")


@pytest.mark.parametrize(("spend", "let_through"), [(count_first, 3), (look_first, THREADS)])
def test_tries_at_the_same_instant_never_share_a_count(spend, let_through):
    limit = Limit(what="race", subject="a", most=3, window=timedelta(minutes=1))
    results = acting.at_once([lambda: spend(limit)] * THREADS)
    assert results.count(None) == let_through
    assert sum(isinstance(result, TooMany) for result in results) == THREADS - let_through
