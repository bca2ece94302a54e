import time
from uuid import RFC_4122

from mobilize.core.ids import uuid7


def test_an_id_is_a_version_7_uuid_of_now():
    made = uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert abs((made.int >> 80) - time.time_ns() // 1_000_000) < 1000


def test_ids_made_one_after_another_sort_in_that_order_and_none_comes_twice():
    made = []
    for _ in range(1000):
        made.append(uuid7())
        began = time.perf_counter_ns()
        while time.perf_counter_ns() - began < 500:  # the resolution is 244 ns
            pass
    assert made == sorted(made)
    assert len(set(made)) == len(made)
