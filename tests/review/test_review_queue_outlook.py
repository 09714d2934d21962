"""How long things wait, and when nothing waits any more."""

from hypothesis import given
from hypothesis import strategies as st

from winnow.review.queue_outlook import AGES, Trend, waits_of


@given(ages=st.lists(st.floats(-10, 1e6), max_size=50))
def test_every_open_request_waits_in_exactly_one_class(ages) -> None:
    waits = waits_of([1e7 - age for age in ages], 1e7)
    assert sum(waits.values()) == len(ages)
    assert list(waits) == [name for name, _ in AGES]


def test_a_queue_that_shrinks_by_ten_a_minute_is_empty_in_time() -> None:
    trend = Trend()
    for minute in range(10):
        trend.note(200 - 10 * minute, 60.0 * minute)
    forecast = trend.forecast(110, 540.0)
    assert forecast.growth_per_hour == -600
    assert forecast.empty_at == 540.0 + 660.0


def test_a_queue_that_grows_is_never_empty_and_an_empty_one_is_so_now() -> None:
    trend = Trend()
    trend.note(10, 0.0)
    trend.note(20, 100.0)
    assert trend.forecast(20, 100.0).empty_at is None
    assert trend.forecast(20, 100.0).growth_per_hour == 360
    assert trend.forecast(0, 100.0).empty_at == 100.0


def test_within_the_first_minute_nothing_is_foretold() -> None:
    trend = Trend()
    trend.note(10, 0.0)
    trend.note(5, 30.0)
    assert trend.forecast(5, 30.0) == trend.forecast(5, 59.0)
    assert trend.forecast(5, 30.0).empty_at is None


def test_only_the_last_half_hour_counts() -> None:
    trend = Trend()
    trend.note(100_000, 0.0)
    trend.note(100, 3_600.0)
    trend.note(100, 3_700.0)
    assert trend.forecast(100, 3_700.0).growth_per_hour == 0
