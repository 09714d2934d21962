"""When a scorer's memory counts as flat."""

import pytest
from benchmarks.soak import Flatness, Sample


def samples(megabytes):
    return [Sample(number * 1_000, size << 20, 0.0) for number, size in enumerate(megabytes, start=1)]


def test_what_start_up_takes_does_not_count():
    assert Flatness.of(samples([20] + [100] * 19)).is_flat


@pytest.mark.parametrize(("last", "is_flat"), [(109, True), (91, True), (112, False), (88, False)])
def test_memory_may_leave_its_middle_by_a_tenth(last, is_flat):
    assert Flatness.of(samples([100] * 19 + [last])).is_flat == is_flat


def test_slow_growth_is_seen():
    flatness = Flatness.of(samples(range(100, 160)))
    assert (flatness.is_flat, flatness.highest > 0.1) == (False, True)
