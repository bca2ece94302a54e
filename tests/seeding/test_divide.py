"""Dividing a whole into parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobilize.seeding.shares import split, split_within


@given(total=st.integers(0, 100_000), weights=st.lists(st.integers(1, 1000), min_size=1, max_size=40))
def test_parts_add_up_exactly_and_differ_from_their_share_by_less_than_one(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    assert all(abs(part - total * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True))


@given(
    bounds=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 100)), min_size=1, max_size=40),
    data=st.data(),
)
def test_parts_within_bounds_add_up_exactly(bounds: list[tuple[int, int]], data: st.DataObject) -> None:
    bounds = [(least, least + room) for least, room in bounds]
    total = data.draw(st.integers(sum(least for least, _ in bounds), sum(most for _, most in bounds)))
    parts = split_within(total, bounds, [1.0] * len(bounds))
    assert sum(parts) == total
    assert all(least <= part <= most for part, (least, most) in zip(parts, bounds, strict=True))


def test_bounds_that_cannot_hold_the_total_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        split_within(10, [(1, 4), (1, 5)], [1, 1])
