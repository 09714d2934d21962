"""Windows of figures: what is counted is sent once per window in effect, whatever happens in between."""

from hypothesis import given
from hypothesis import strategies as st

from winnow.runtime.messages import Outgoing
from winnow.runtime.metrics import MetricsWindow
from winnow_schemas.codec import decode
from winnow_schemas.metrics import Metric

T0 = 1_800_000_000.0


def window(now: float = T0) -> MetricsWindow:
    return MetricsWindow("scorer", "0", "metrics", now, rates=("records",))


def read(messages: list[Outgoing]) -> list[Metric]:
    return [decode(Metric, message.value) for message in messages]


def last_of_each_window(metrics: list[Metric]) -> list[Metric]:
    newest = {}
    for metric in metrics:
        held = newest.get(metric.window.start)
        if held is None or metric.sequence > held.sequence:
            newest[metric.window.start] = metric
    return list(newest.values())


def test_a_window_is_sent_again_each_second_with_a_higher_sequence():
    figures = window()
    sent = []
    for tenth in range(35):
        figures.add("records", 2)
        sent += read(figures.due(T0 + tenth / 10))
    assert [metric.values["records"] for metric in sent] == [22, 42, 62]
    assert [metric.sequence for metric in sent] == [1, 2, 3]
    assert {metric.window.start.timestamp() for metric in sent} == {T0}


def test_counts_begin_anew_with_each_window_and_gauges_stay():
    figures = window()
    figures.set("model_version", 3)
    figures.add("records", 5)
    figures.add_parts("by_reason", {"cold": 2, "audit": 1})
    figures.add_parts("by_reason", {"cold": 1})
    figures.sample("transaction_ms", 4.0)
    [first] = read(figures.due(T0 + 10.2))
    figures.add("records", 1)
    [second] = read(figures.due(T0 + 11.25))
    assert first.values == {
        "model_version": 3,
        "records": 5,
        "by_reason": {"cold": 3, "audit": 1},
        "records_per_second": 0.5,
        "transaction_ms_p95": 4.0,
    }
    assert second.values == {"model_version": 3, "records": 1, "records_per_second": 0.8}
    assert second.window.start.timestamp() == T0 + 10


def test_a_service_that_starts_again_does_not_overwrite_what_it_counted():
    before, after = window(T0 + 1), window(T0 + 4)
    before.add("records", 3)
    after.add("records", 4)
    sent = read(before.due(T0 + 3)) + read(after.due(T0 + 6)) + read(after.due(T0 + 10))
    assert sum(metric.values["records"] for metric in last_of_each_window(sent)) == 7
    assert [metric.window.seconds for metric in last_of_each_window(sent)] == [9.0, 6.0]


def test_what_was_counted_in_an_aborted_transaction_is_forgotten_and_the_sequence_goes_on():
    figures = window()
    figures.add("records", 1)
    figures.sample("transaction_ms", 1.0)
    before = figures.snapshot()
    figures.add("records", 10)
    figures.add_parts("by_reason", {"cold": 10})
    figures.sample("transaction_ms", 9.0)
    figures.set("stale", True)
    [aborted] = read(figures.due(T0 + 2))
    figures.restore(before)
    [again] = read(figures.due(T0 + 4))
    assert again.values == {"records": 1, "records_per_second": 0.25, "transaction_ms_p95": 1.0}
    assert again.sequence > aborted.sequence


def test_the_95th_percentile_is_of_the_samples():
    figures = window()
    for value in range(100, 0, -1):
        figures.sample("transaction_ms", value)
    [metric] = read(figures.due(T0 + 2))
    assert metric.values["transaction_ms_p95"] == 95


def test_key_and_source_name_the_figures():
    figures = window()
    [message] = figures.due(T0 + 5)
    [metric] = read([message])
    assert (message.topic, message.key) == ("metrics", b"scorer/0")
    assert (metric.family, metric.source) == ("scorer", "0")


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(0, 5)), max_size=60), st.floats(0, 20))
def test_everything_counted_is_in_exactly_one_window(steps: list[tuple[float, int]], start: float):
    now = T0 + start
    figures = window(now)
    sent = []
    for wait, amount in steps:
        now += wait
        sent += read(figures.due(now))
        figures.add("records", amount)
    sent += read(figures.due(now + 100))
    assert sum(metric.values.get("records", 0) for metric in last_of_each_window(sent)) == sum(n for _, n in steps)
    assert all(metric.window.seconds <= 10 for metric in sent)


@given(st.lists(st.floats(T0 - 1000, T0 + 1000), max_size=30))
def test_a_clock_that_jumps_breaks_nothing(times: list[float]):
    figures = window()
    for now in times:
        figures.add("records")
        for metric in read(figures.due(now)):
            assert metric.window.seconds > 0
