"""Repair plans only what fell out."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mobilize.dispatch.planner.distance import StraightLine
from mobilize.dispatch.planner.drivers import NOBODY, plan
from mobilize.dispatch.planner.repair import repair
from tests.dispatch.planner.cities import city

TRAVEL = StraightLine()


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.integers(1, 40), st.integers(0, 10_000))
def test_nobody_else_is_moved_and_who_is_gone_gets_nothing(drivers, trips, seed):
    problem = city(drivers, trips, seed=seed, busy=0.3)
    before = plan(problem, TRAVEL)
    gone = np.random.default_rng(seed).choice(drivers, drivers // 3 + 1, replace=False)
    after = repair(problem, before, gone, TRAVEL)
    stays = (before.driver != NOBODY) & ~np.isin(before.driver, gone)
    assert np.array_equal(after.driver[stays], before.driver[stays])
    assert np.array_equal(after.pickup[stays], before.pickup[stays])
    assert not np.isin(after.driver, gone).any()
    assert after.proven


def test_a_driver_who_falls_out_is_replaced():
    problem = city(400, 40, seed=3)
    before = plan(problem, TRAVEL)
    after = repair(problem, before, before.driver[:1], TRAVEL)
    assert after.driver[0] not in {NOBODY, before.driver[0]}
